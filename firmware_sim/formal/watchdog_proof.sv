// SPDX-License-Identifier: Apache-2.0
// Silence of the link and a sequence that takes too long are told in the very clock, and last (INT-011, INT-012).
module watchdog_proof
  import icd_pkg::*;
#(
  localparam int unsigned LinkW = $clog2(LinkSilenceClocks),
  localparam int unsigned SequenceW = $clog2(SequenceLimitClocks)
) (
  input logic                 clk_i,
  input logic                 rst_ni,
  input logic                 feed_i,
  input logic                 start_i,
  input logic                 link_lost_o,
  input logic                 sequence_stuck_o,
  input logic [LinkW-1:0]     link_q,
  input logic [SequenceW-1:0] sequence_q
);
  logic seen_q = 1'b0;
  logic [31:0] silent_q, stepping_q;  // clocks since; stop where the limit is passed

  always_ff @(posedge clk_i) begin
    if (!rst_ni) seen_q <= 1'b1;
    if (!rst_ni || feed_i) silent_q <= '0;
    else if (silent_q < LinkSilenceClocks) silent_q <= silent_q + 1;
    if (!rst_ni || start_i) stepping_q <= '0;
    else if (stepping_q < SequenceLimitClocks) stepping_q <= stepping_q + 1;
  end

  always_ff @(posedge clk_i) begin
    if (seen_q) begin
      a_counted : assert (32'(link_q) == (silent_q < LinkSilenceClocks ? silent_q : LinkSilenceClocks - 1));
      a_not_beyond : assert (silent_q <= LinkSilenceClocks && stepping_q <= SequenceLimitClocks);
      a_counted_too : assert (32'(sequence_q)
          == (stepping_q < SequenceLimitClocks ? stepping_q : SequenceLimitClocks - 1));
      // INT-011: one clock later the sequencer is safe.
      a_link_lost : assert (link_lost_o == (silent_q >= LinkSilenceClocks - 1 && !feed_i));
      // INT-012
      a_stuck : assert (sequence_stuck_o == (stepping_q >= SequenceLimitClocks - 1));
    end
  end

  // From registers that hold anything: the times are long.
  always_ff @(posedge clk_i) begin
    c_lost : cover (rst_ni && link_lost_o && $past(!link_lost_o && !feed_i && rst_ni));
    c_stuck : cover (rst_ni && sequence_stuck_o && $past(!sequence_stuck_o && rst_ni));
    c_fed : cover (rst_ni && $past(feed_i && rst_ni) && !link_lost_o);
  end
endmodule

bind watchdog watchdog_proof u_proof (.*);
