// SPDX-License-Identifier: Apache-2.0
// Cuts frames out of characters: 00 | COBS(payload, CRC high, CRC low) | 00.
//
// The first KeepBytes decoded bytes stand in payload_o (the first one leftmost), which is all that a command
// can have; length_o counts them all. byte_valid_o shows each decoded byte as it comes. A frame that any
// character was flawed in, its closing zero included, is rejected, and so is one that is too short, too long,
// cut inside a block, or of a wrong CRC. Empty frames are nothing. good_o and reject_o rise for one clock, one
// clock after the closing zero's valid_i.
module frame_rx
  import icd_pkg::*;
#(
  parameter int unsigned KeepBytes = 8,
  localparam int unsigned LengthW = $clog2(MaxPayloadBytes + 4)
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   valid_i,
  input  logic [7:0]             data_i,
  input  logic                   flaw_i,
  output logic                   good_o,
  output logic                   reject_o,
  output logic [KeepBytes*8-1:0] payload_o,
  output logic [LengthW-1:0]     length_o,  // of the payload, without CRC
  output logic                   byte_valid_o,
  output logic [7:0]             byte_o,
  output logic [LengthW-1:0]     byte_index_o
);
  localparam int unsigned CrcBytes = 2;
  localparam int unsigned BlockBytes = 254;
  localparam int unsigned DecodedMax = MaxPayloadBytes + CrcBytes;
  localparam int unsigned EncodedMax = DecodedMax + DecodedMax / BlockBytes + 1;
  localparam int unsigned EncodedW = $clog2(EncodedMax + 2);

  logic [EncodedW-1:0] encoded_q;  // bytes since the last zero; stops at one too many
  logic [LengthW-1:0] decoded_q;
  logic [7:0] left_q;  // of the present block
  logic zero_owed_q;  // a block of less than 254 stands for a zero behind it, if another follows
  logic flaw_q;
  logic [15:0] crc_q;
  logic [KeepBytes*8-1:0] payload_q;
  logic good_q, reject_q;

  wire closing = valid_i && data_i == 8'h00;
  wire is_code = valid_i && !closing && left_q == '0;
  wire emits = valid_i && !closing && (!is_code || zero_owed_q);
  wire [7:0] emitted = is_code ? 8'h00 : data_i;
  wire flawed = flaw_q || flaw_i;
  wire fits = encoded_q <= EncodedW'(EncodedMax) && decoded_q > LengthW'(CrcBytes);
  wire whole = left_q == '0 && crc_q == '0;  // the CRC over payload and CRC
  if (CrcXorOut != '0) begin : gen_refuse
    $error("with a final XOR what is left of a good frame is not zero");
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      encoded_q   <= '0;
      decoded_q   <= '0;
      left_q      <= '0;
      zero_owed_q <= 1'b0;
      flaw_q      <= 1'b0;
      crc_q       <= CrcInitial;
      payload_q   <= '0;
      good_q      <= 1'b0;
      reject_q    <= 1'b0;
    end else begin
      good_q   <= closing && !flawed && fits && whole;
      reject_q <= closing && (flawed || (encoded_q != '0 && !(fits && whole)));
      if (closing) begin
        encoded_q   <= '0;
        decoded_q   <= '0;
        left_q      <= '0;
        zero_owed_q <= 1'b0;
        flaw_q      <= 1'b0;
        crc_q       <= CrcInitial;
      end else if (valid_i) begin
        if (encoded_q <= EncodedW'(EncodedMax)) encoded_q <= encoded_q + 1'b1;
        flaw_q      <= flawed;
        left_q      <= (is_code ? data_i : left_q) - 8'd1;
        zero_owed_q <= is_code ? data_i != 8'(BlockBytes + 1) : zero_owed_q;
        if (emits && decoded_q <= LengthW'(DecodedMax)) begin
          decoded_q <= decoded_q + 1'b1;
          crc_q     <= crc_pkg::crc16(crc_q, emitted);
          if (decoded_q < LengthW'(KeepBytes)) begin
            payload_q[(KeepBytes-1-int'(decoded_q))*8+:8] <= emitted;
          end
        end
      end
    end
  end

  // The length of the frame that good_o tells of: the counter itself is cleared by then.
  logic [LengthW-1:0] length_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) length_q <= '0;
    else if (closing) length_q <= decoded_q - LengthW'(CrcBytes);
  end

  assign good_o       = good_q;
  assign reject_o     = reject_q;
  assign payload_o    = payload_q;
  assign length_o     = length_q;
  assign byte_valid_o = emits && decoded_q <= LengthW'(DecodedMax);
  assign byte_o       = emitted;
  assign byte_index_o = decoded_q;

`ifndef NO_SVA
  a_one_verdict : assert property (@(posedge clk_i) disable iff (!rst_ni) !(good_q && reject_q));
  a_good_is_short_enough : assert property (@(posedge clk_i) disable iff (!rst_ni)
    good_q |-> length_q >= 1 && length_q <= LengthW'(MaxPayloadBytes));
`endif
endmodule
