// SPDX-License-Identifier: Apache-2.0
// Frames do not come in two clocks running: what the command decoder expects.
module frame_rx_proof
  import icd_pkg::*;
#(
  localparam int unsigned LengthW = $clog2(MaxPayloadBytes + 4),
  localparam int unsigned EncodedMax = MaxPayloadBytes + 3,  // with the CRC and the first block's length
  localparam int unsigned EncodedW = $clog2(EncodedMax + 2)
) (
  input logic                clk_i,
  input logic                rst_ni,
  input logic                good_o,
  input logic                reject_o,
  input logic [LengthW-1:0]  length_o,
  input logic [LengthW-1:0]  decoded_q,
  input logic [EncodedW-1:0] encoded_q,
  input logic [7:0]          left_q,
  input logic                zero_owed_q
);
  logic begun_q = 1'b0;
  logic seen_q = 1'b0;

  always_ff @(posedge clk_i) begin
    begun_q <= 1'b1;
    if (!rst_ni) seen_q <= 1'b1;
    if (seen_q) begin
      a_apart : assert (!(good_o && $past(good_o)));
      a_one_verdict : assert (!(good_o && reject_o));
      a_length : assert (!good_o || (length_o >= 1 && length_o <= LengthW'(MaxPayloadBytes)));
      // What the registers hold.
      a_begins_anew : assert (!good_o || encoded_q == '0);
      a_empty : assert (encoded_q != '0 || (decoded_q == '0 && left_q == '0 && !zero_owed_q));
      a_shorter : assert (encoded_q == '0 || decoded_q < LengthW'(encoded_q));
    end
    // From registers that hold anything: a frame is long.
    if (begun_q && rst_ni) begin
      c_good : cover (good_o && $past(rst_ni));
      c_reject : cover (reject_o && $past(rst_ni));
    end
  end
endmodule

bind frame_rx frame_rx_proof u_proof (.*);
