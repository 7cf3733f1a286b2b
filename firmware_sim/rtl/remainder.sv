// SPDX-License-Identifier: Apache-2.0
// What is left of a number modulo Modulus, taken byte by byte, most significant first: eight clocks a byte.
module remainder #(
  parameter int unsigned Modulus = 1000,
  localparam int unsigned W = $clog2(Modulus)
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         first_i,  // with valid_i: the number begins with this byte
  input  logic         valid_i,  // not while busy_o
  input  logic [7:0]   byte_i,
  output logic [W-1:0] rest_o,
  output logic         busy_o
);
  logic [W-1:0] rest_q;
  logic [7:0] shift_q;
  logic [3:0] left_q;

  wire [W:0] doubled = {rest_q, shift_q[7]};
  wire [W-1:0] less = W'(doubled - (W + 1)'(Modulus));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      rest_q  <= '0;
      shift_q <= '0;
      left_q  <= '0;
    end else if (valid_i) begin
      if (first_i) rest_q <= '0;
      shift_q <= byte_i;
      left_q  <= 4'd8;
    end else if (left_q != '0) begin
      rest_q  <= doubled >= (W + 1)'(Modulus) ? less : doubled[W-1:0];
      shift_q <= {shift_q[6:0], 1'b0};
      left_q  <= left_q - 4'd1;
    end
  end

  assign rest_o = rest_q;
  assign busy_o = left_q != '0;

`ifndef NO_SVA
  a_below : assert property (@(posedge clk_i) disable iff (!rst_ni) rest_q < W'(Modulus));
  a_not_overtaken : assert property (@(posedge clk_i) disable iff (!rst_ni) !(valid_i && busy_o));
`endif
endmodule
