// SPDX-License-Identifier: Apache-2.0
// A character is over in time, and a line that is told to stop is idle from the next clock on.
module uart_tx_proof
  import divider_pkg::*;
#(
  parameter  int unsigned ClockHz = 1,
  parameter  int unsigned BitRateBps = 1,
  parameter  int unsigned DataBits = 8,
  parameter  bit          ParityOn = 1'b1,
  parameter  int unsigned StopBits = 1,
  localparam int unsigned Num = numerator(ClockHz, BitRateBps),
  localparam int unsigned Den = denominator(ClockHz, BitRateBps),
  localparam int unsigned AccW = $clog2(Den + Num + 1),
  localparam int unsigned Bits = DataBits + int'(ParityOn) + StopBits,
  localparam int unsigned BitW = $clog2(Bits + 1),
  localparam int unsigned CharClocks = ((Bits + 1) * Den + Num - 1) / Num
) (
  input logic            clk_i,
  input logic            rst_ni,
  input logic            stop_i,
  input logic            valid_i,
  input logic            ready_o,
  input logic            tx_o,
  input logic            busy_o,
  input logic [AccW-1:0] acc_q,
  input logic [BitW-1:0] bit_q,
  input logic [Bits-1:0] shift_q
);
  logic begun_q = 1'b0;
  logic seen_q = 1'b0;
  logic [31:0] since_q;  // clocks since the character was taken

  // Clocks until the line is idle or takes the next one.
  wire [31:0] left = busy_o ? (32'(bit_q) * Den + Den - 32'(acc_q) + Num - 1) / Num : '0;

  always_ff @(posedge clk_i) begin
    begun_q <= 1'b1;
    if (!rst_ni) seen_q <= 1'b1;
    since_q <= ready_o && valid_i ? '0 : since_q + 1;
    if (seen_q) begin
      a_idle_is_high : assert (busy_o || tx_o);
      a_stops : assert (!$past(!rst_ni || stop_i) || (!busy_o && tx_o));
      a_starts : assert (!$past(rst_ni && ready_o && valid_i) || (busy_o && !tx_o));
      a_bounded : assert (!busy_o || (acc_q < AccW'(Den) && bit_q <= BitW'(Bits)));
      a_ends_high : assert (!busy_o || (bit_q == '0 ? tx_o : shift_q[bit_q-1'b1]));
      a_in_time : assert (!busy_o || left + since_q <= CharClocks);
    end
    if (seen_q && rst_ni) begin
      c_stopped : cover ($past(rst_ni && stop_i && !tx_o) && tx_o);
    end
    // From registers that hold anything: a character is long.
    if (begun_q && rst_ni) begin
      c_over : cover (!busy_o && $past(rst_ni && busy_o && !stop_i));
      c_back_to_back : cover (busy_o && !tx_o && $past(rst_ni && busy_o && tx_o && valid_i && ready_o));
    end
  end
endmodule

bind uart_tx uart_tx_proof #(
  .ClockHz    (ClockHz),
  .BitRateBps (BitRateBps),
  .DataBits   (DataBits),
  .ParityOn   (ParityOn),
  .StopBits   (StopBits)
) u_proof (.*);
