// SPDX-License-Identifier: Apache-2.0
// Serial transmitter. A character that valid_i offers to an idle line begins at the next clock edge; one that
// is offered when a stop bit ends follows without a gap. Bit k begins ceil(k * clock / rate) clocks after the
// first start bit, over any number of characters back to back. stop_i puts the line to idle at once.
module uart_tx #(
  parameter int unsigned ClockHz = 10_000_000,
  parameter int unsigned BitRateBps = 1_000_000,
  parameter int unsigned DataBits = 8,
  parameter bit ParityOn = 1'b1,
  parameter bit ParityOdd = 1'b0,
  parameter int unsigned StopBits = 1
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                stop_i,
  input  logic                valid_i,
  input  logic [DataBits-1:0] data_i,
  output logic                ready_o,  // data_i is taken at this edge
  output logic                tx_o,
  output logic                busy_o
);
  import divider_pkg::*;

  localparam int unsigned Num = numerator(ClockHz, BitRateBps);
  localparam int unsigned Den = denominator(ClockHz, BitRateBps);
  localparam int unsigned AccW = $clog2(Den + Num + 1);
  localparam int unsigned Bits = DataBits + int'(ParityOn) + StopBits;
  localparam int unsigned BitW = $clog2(Bits + 1);

  logic busy_q, tx_q;
  logic [AccW-1:0] acc_q;
  logic [BitW-1:0] bit_q;  // bits still to come
  logic [Bits-1:0] shift_q;
  logic [Bits-1:0] frame;

  wire [AccW-1:0] acc_next = acc_q + AccW'(Num);
  wire tick = acc_next >= AccW'(Den);
  wire over = tick && bit_q == '0;

  always_comb begin
    frame = '1;
    frame[DataBits-1:0] = data_i;
    if (ParityOn) frame[DataBits] = (^data_i) ^ ParityOdd;
  end

  assign ready_o = !stop_i && (!busy_q || over);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || stop_i) begin
      busy_q  <= 1'b0;
      tx_q    <= 1'b1;
      acc_q   <= '0;
      bit_q   <= '0;
      shift_q <= '1;
    end else if (ready_o && valid_i) begin
      busy_q  <= 1'b1;
      tx_q    <= 1'b0;
      acc_q   <= busy_q ? acc_next - AccW'(Den) : '0;
      bit_q   <= BitW'(Bits);
      shift_q <= frame;
    end else if (over) begin
      busy_q <= 1'b0;
      acc_q  <= '0;
    end else if (busy_q) begin
      acc_q <= tick ? acc_next - AccW'(Den) : acc_next;
      if (tick) begin
        tx_q    <= shift_q[0];
        shift_q <= {1'b1, shift_q[Bits-1:1]};
        bit_q   <= bit_q - 1'b1;
      end
    end
  end

  assign tx_o   = tx_q;
  assign busy_o = busy_q;

`ifndef NO_SVA
  a_idle_high : assert property (@(posedge clk_i) disable iff (!rst_ni) !busy_q |-> tx_q);
  a_stopped : assert property (@(posedge clk_i) disable iff (!rst_ni) stop_i |=> tx_q && !busy_q);
  a_start : assert property (@(posedge clk_i) disable iff (!rst_ni) ready_o && valid_i |=> busy_q && !tx_q);
`endif
endmodule
