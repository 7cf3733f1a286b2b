// SPDX-License-Identifier: Apache-2.0
// A frame is its message and FrameBytes characters more, and is worked out in so many clocks beside.
`include "environment.svh"
module frame_tx_proof
  import icd_pkg::*;
#(
  parameter  int unsigned MessageBytes = 16,
  localparam int unsigned IndexW = $clog2(MessageBytes + 3),
  localparam int unsigned CrcBytes = 2,
  localparam int unsigned FrameBytes = CrcBytes + 3  // the CRC, two zeros and the first block's length
) (
  input logic              clk_i,
  input logic              rst_ni,
  input logic              stop_i,
  input logic              valid_i,
  input logic [IndexW-1:0] length_i,
  input logic              done_o,
  input logic              byte_valid_o,
  input logic              byte_ready_i,
  input logic [2:0]        state_q,
  input logic [IndexW-1:0] at_q,
  input logic [IndexW-1:0] end_q
);
  // As the module numbers them.
  typedef enum logic [2:0] {
    Lead,
    Crc,
    Scan,
    Code,
    Data,
    Close
  } state_e;

  logic seen_q = 1'b0;
  logic [7:0] taken_q;  // characters of this frame

  wire [7:0] at = 8'(at_q);
  wire [7:0] last = 8'(end_q);
  wire [7:0] length = 8'(length_i);
  wire [7:0] total = length + 8'(CrcBytes);
  wire idle = state_q == Lead;
  wire steps_on = state_q inside {Crc, Scan};

  logic [7:0] left;  // characters still to be taken
  logic [7:0] steps;  // clocks without an offer that are still to come
  always_comb begin
    unique case (state_q)
      Lead:       left = total + 8'd3;
      Crc:        left = total + 8'd2;
      Scan, Code: left = total - at + 8'd2;
      Data:       left = total - at + 8'd1;
      default:    left = 8'd1;
    endcase
    unique case (state_q)
      Lead:    steps = length + total + 8'd2;
      Crc:     steps = length - at + total + 8'd2;
      Scan:    steps = total - last + 8'd1;
      Close:   steps = '0;
      default: steps = total - last;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) seen_q <= 1'b1;
    if (!rst_ni || stop_i || done_o) taken_q <= '0;
    else if (byte_valid_o && byte_ready_i) taken_q <= taken_q + 8'd1;
    if (seen_q) begin
      // The message stands until it is sent.
      e_short : `EXPECT (length <= 8'(MessageBytes));
      e_stands : `EXPECT (idle || $past(idle) || length_i == $past(length_i));
      // As many characters as it has to be.
      a_characters : assert (idle || taken_q + left == length + 8'(FrameBytes));
      a_done : assert (!done_o || (left == 8'd1 && taken_q == length + 8'(FrameBytes) - 8'd1));
      a_starts : assert (!idle || byte_valid_o == valid_i);
      // What the registers hold.
      a_state : assert (state_q inside {Lead, Crc, Scan, Code, Data, Close});
      a_taken : assert (!idle || taken_q == '0);
      a_in_crc : assert (state_q != Crc || (at <= length && last == '0));
      a_in_order : assert (!(state_q inside {Scan, Code}) || (at <= last && last <= total));
      a_in_block : assert (state_q != Data || (at < last && last <= total));
    end
    if (seen_q && rst_ni) begin
      c_done : cover (done_o && length == 8'd1);
      c_stopped : cover (stop_i && state_q == Data);
    end
  end
endmodule

bind frame_tx frame_tx_proof #(.MessageBytes(MessageBytes)) u_proof (.state_q(state_q), .*);
