// SPDX-License-Identifier: Apache-2.0
// Silence of the link and length of the sequence (INT-011, INT-012). Both last until their cause is over;
// where they matter, the state table says.
module watchdog
  import icd_pkg::*;
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic feed_i,   // a fresh message takes effect
  input  logic start_i,  // the first step begins
  output logic link_lost_o,
  output logic sequence_stuck_o
);
  localparam int unsigned LinkW = $clog2(LinkSilenceClocks);
  localparam int unsigned SequenceW = $clog2(SequenceLimitClocks);
  localparam logic [LinkW-1:0] LinkLast = LinkW'(LinkSilenceClocks - 1);
  localparam logic [SequenceW-1:0] SequenceLast = SequenceW'(SequenceLimitClocks - 1);

  logic [LinkW-1:0] link_q;
  logic [SequenceW-1:0] sequence_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || feed_i) link_q <= '0;
    else if (link_q != LinkLast) link_q <= link_q + 1'b1;
    if (!rst_ni || start_i) sequence_q <= '0;
    else if (sequence_q != SequenceLast) sequence_q <= sequence_q + 1'b1;
  end

  assign link_lost_o      = link_q == LinkLast && !feed_i;
  assign sequence_stuck_o = sequence_q == SequenceLast;

`ifndef NO_SVA
  a_fed : assert property (@(posedge clk_i) disable iff (!rst_ni) feed_i |=> !link_lost_o);
  a_lasts : assert property (@(posedge clk_i) disable iff (!rst_ni)
    link_lost_o && !feed_i |=> link_lost_o || feed_i);
`endif
endmodule
