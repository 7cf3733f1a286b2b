// SPDX-License-Identifier: Apache-2.0
// Wires from a bench to itself, and a flop that shows what a clock's edge sampled.
module wires (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       rx_i,
  output logic       tx_o,
  input  logic [7:0] lines_i,
  input  logic       own_i,
  output logic [7:0] lines_o,
  output logic       sampled_o,
  output logic [7:0] edges_o
);
  logic       sampled_q;
  logic [7:0] edges_q = 8'd0;

  assign tx_o      = rx_i;
  assign lines_o   = {lines_i[7:1], own_i};
  assign sampled_o = sampled_q;
  assign edges_o   = edges_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      sampled_q <= 1'b0;
    end else begin
      sampled_q <= rx_i;
    end
  end

  always_ff @(posedge clk_i) begin
    edges_q <= edges_q + 8'd1;
  end
endmodule
