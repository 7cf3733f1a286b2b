// SPDX-License-Identifier: Apache-2.0
// Serial receiver: start, data least significant bit first, parity, stop.
//
// The pin passes a synchroniser and a filter (majority of three samples: a glitch of one clock is nothing),
// PinClocks in all. From a start bit's falling edge the k-th bit is sampled at its centre, to one clock for
// any ratio of clock and bit rate: the divider counts the rate's own fraction, so that no error adds up.
//
//   pin   ‾‾‾\_start_/ bit 0 / bit 1 / ... / parity / stop
//   sample       ^       ^       ^             ^       ^  valid_o rises here
//
// After reset it listens once the line was idle for a whole character. A character whose stop bit is low has
// framing_o, with all bits low break_o as well; the line must then be high before the next start bit.
// valid_o stands until ready_i; a character that finds it standing is lost and sets overrun_o for the next.
module uart_rx #(
  parameter int unsigned ClockHz = 10_000_000,
  parameter int unsigned BitRateBps = 1_000_000,
  parameter int unsigned DataBits = 8,
  parameter bit ParityOn = 1'b1,
  parameter bit ParityOdd = 1'b0,
  parameter int unsigned StopBits = 1
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                rx_i,
  output logic                valid_o,
  output logic [DataBits-1:0] data_o,
  output logic                parity_error_o,
  output logic                framing_o,
  output logic                break_o,
  output logic                overrun_o,
  input  logic                ready_i,
  output logic                quiet_o
);
  import divider_pkg::*;

  localparam int unsigned Num = numerator(ClockHz, BitRateBps);
  localparam int unsigned Den = denominator(ClockHz, BitRateBps);
  localparam int unsigned AccW = $clog2(Den + Num + 1);
  localparam int unsigned Bits = DataBits + int'(ParityOn) + StopBits;  // after the start bit
  localparam int unsigned CharClocks = ((Bits + 1) * Den + Num - 1) / Num;
  localparam int unsigned IdleW = $clog2(CharClocks + 1);
  localparam int unsigned BitW = $clog2(Bits + 1);

  typedef enum logic [1:0] {
    Deaf,  // since reset the line was not yet idle for a character
    Idle,
    Receiving,
    Stuck  // low where it ought to be high: waits for the line
  } state_e;

  logic [4:0] pin_q;  // the two youngest are the synchroniser
  state_e state_q, state_d;
  logic [AccW-1:0] acc_q, acc_d;
  logic [IdleW-1:0] idle_q, idle_d;
  logic [BitW-1:0] bit_q, bit_d;
  logic [Bits-1:0] shift_q, shift_d;
  logic start_seen_q, start_seen_d;
  logic done, stop_low, all_low;
  logic valid_q, overrun_q, parity_error_q, framing_q, break_q;
  logic [DataBits-1:0] data_q;

  wire rx = (pin_q[1] & pin_q[2]) | (pin_q[1] & pin_q[3]) | (pin_q[2] & pin_q[3]);
  wire [AccW-1:0] acc_next = acc_q + AccW'(Num);
  wire sample = acc_next >= AccW'(Den);

  always_comb begin
    state_d      = state_q;
    acc_d        = acc_q;
    idle_d       = '0;
    bit_d        = bit_q;
    shift_d      = shift_q;
    start_seen_d = start_seen_q;
    done         = 1'b0;
    unique case (state_q)
      Deaf: begin
        if (rx) begin
          idle_d = idle_q + 1'b1;
          if (idle_q == IdleW'(CharClocks - 1)) state_d = Idle;
        end
      end
      Idle: begin
        if (!rx) begin
          state_d      = Receiving;
          acc_d        = AccW'(Den / 2);
          bit_d        = '0;
          start_seen_d = 1'b0;
        end
      end
      Receiving: begin
        acc_d = sample ? acc_next - AccW'(Den) : acc_next;
        if (sample && !start_seen_q) begin
          start_seen_d = 1'b1;
          if (rx) state_d = Idle;  // a false start
        end else if (sample) begin
          shift_d = {rx, shift_q[Bits-1:1]};
          bit_d   = bit_q + 1'b1;
          if (bit_q == BitW'(Bits - 1)) begin
            done    = 1'b1;
            state_d = rx ? Idle : Stuck;
          end
        end
      end
      Stuck: if (rx) state_d = Idle;
      default: state_d = Deaf;
    endcase
  end

  assign stop_low = shift_d[Bits-1-:StopBits] != '1;
  assign all_low  = shift_d == '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      pin_q          <= '0;  // so that idleness is counted from what the pin shows
      state_q        <= Deaf;
      acc_q          <= '0;
      idle_q         <= '0;
      bit_q          <= '0;
      shift_q        <= '0;
      start_seen_q   <= 1'b0;
      valid_q        <= 1'b0;
      overrun_q      <= 1'b0;
      data_q         <= '0;
      parity_error_q <= 1'b0;
      framing_q      <= 1'b0;
      break_q        <= 1'b0;
    end else begin
      pin_q        <= {pin_q[3:0], rx_i};
      state_q      <= state_d;
      acc_q        <= acc_d;
      idle_q       <= idle_d;
      bit_q        <= bit_d;
      shift_q      <= shift_d;
      start_seen_q <= start_seen_d;
      if (done && (!valid_q || ready_i)) begin
        valid_q        <= 1'b1;
        data_q         <= shift_d[DataBits-1:0];
        parity_error_q <= ParityOn && (^shift_d[DataBits:0] != ParityOdd);
        framing_q      <= stop_low;
        break_q        <= all_low;
      end else if (ready_i) begin
        valid_q <= 1'b0;
      end
      if (done) overrun_q <= valid_q && !ready_i;
    end
  end

  assign valid_o        = valid_q;
  assign data_o         = data_q;
  assign parity_error_o = parity_error_q;
  assign framing_o      = framing_q;
  assign break_o        = break_q;
  assign overrun_o      = overrun_q;
  assign quiet_o        = state_q == Idle && (&pin_q) && !valid_q;
endmodule
