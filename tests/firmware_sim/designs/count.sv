// SPDX-License-Identifier: Apache-2.0
// Counts clock edges while asked to; an assertion that can be made to fail.
module count #(
  parameter int unsigned Width = 4
) (
  input  logic             clk_i,
  input  logic             on_i,
  output logic [Width-1:0] count_o
);
  logic [Width-1:0] count_q = '0;

  assign count_o = count_q;

  always_ff @(posedge clk_i) begin
    if (on_i) begin
      count_q <= count_q + Width'(1);
    end
  end

`ifndef NO_SVA
`ifdef LIMIT
  WithinLimit_A: assert property (@(posedge clk_i) count_q < `LIMIT);
`endif
`endif
endmodule
