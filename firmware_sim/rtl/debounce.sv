// SPDX-License-Identifier: Apache-2.0
// One input wire: synchronised, then debounced (INT-001).
//
// A level counts once it was sampled DebounceClocks times in a row. From the pin's change after clock edge c
// to level_o: edge c + SynchroniserClocks + DebounceClocks. A shorter pulse leaves no mark.
module debounce
  import icd_pkg::*;
#(
  parameter int unsigned DebounceClocks = 1
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic wire_i,  // active high, asynchronous
  output logic level_o,
  output logic quiet_o  // nothing that was sampled is on its way
);
  localparam int unsigned CountW = $clog2(DebounceClocks + 1);
  localparam logic [CountW-1:0] LastCount = CountW'(DebounceClocks - 1);

  logic [SynchroniserClocks-1:0] sync_q;
  logic [CountW-1:0] count_q;
  logic level_q;

  wire sample = sync_q[SynchroniserClocks-1];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      sync_q  <= '0;
      count_q <= '0;
      level_q <= 1'b0;
    end else begin
      sync_q <= {sync_q[SynchroniserClocks-2:0], wire_i};
      if (sample == level_q) begin
        count_q <= '0;
      end else if (count_q == LastCount) begin
        count_q <= '0;
        level_q <= sample;
      end else begin
        count_q <= count_q + 1'b1;
      end
    end
  end

  assign level_o = level_q;
  assign quiet_o = sync_q == {SynchroniserClocks{level_q}};

`ifndef NO_SVA
  a_counted : assert property (@(posedge clk_i) disable iff (!rst_ni)
    !$stable(level_q) |-> $past(count_q) == LastCount);
  a_quiet : assert property (@(posedge clk_i) disable iff (!rst_ni)
    quiet_o |=> $stable(level_q));
`endif
endmodule
