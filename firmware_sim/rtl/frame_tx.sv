// SPDX-License-Identifier: Apache-2.0
// Sends a message as 00 | COBS(message, CRC high, CRC low) | 00, byte by byte, without a gap.
//
// The first zero is offered in the very clock in which valid_i rises. While it goes out the CRC is counted;
// each block's length is found while the character before it goes out, which takes less than a character.
module frame_tx
  import icd_pkg::*;
#(
  parameter int unsigned MessageBytes = 16,
  localparam int unsigned IndexW = $clog2(MessageBytes + 3)
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      stop_i,
  input  logic                      valid_i,    // stands until done_o
  input  logic [MessageBytes*8-1:0] message_i,  // first byte leftmost
  input  logic [IndexW-1:0]         length_i,
  output logic                      done_o,     // the closing zero was taken
  output logic                      byte_valid_o,
  output logic [7:0]                byte_o,
  input  logic                      byte_ready_i,
  output logic                      quiet_o
);
  localparam int unsigned CrcBytes = 2;

  typedef enum logic [2:0] {
    Lead,
    Crc,
    Scan,
    Code,
    Data,
    Close
  } state_e;

  state_e state_q, state_d;
  logic [IndexW-1:0] at_q, at_d;    // the next byte to send
  logic [IndexW-1:0] end_q, end_d;  // of the block: a zero, or the end of all
  logic [15:0] crc_q, crc_d;

  wire [IndexW-1:0] total = length_i + IndexW'(CrcBytes);

  function automatic logic [7:0] byte_at(input logic [IndexW-1:0] index);
    if (index < length_i) return message_i[(MessageBytes-1-int'(index))*8+:8];
    return index == length_i ? crc_q[15:8] : crc_q[7:0];
  endfunction

  always_comb begin
    state_d      = state_q;
    at_d         = at_q;
    end_d        = end_q;
    crc_d        = crc_q;
    byte_valid_o = 1'b0;
    byte_o       = 8'h00;
    done_o       = 1'b0;
    unique case (state_q)
      Lead: begin
        byte_valid_o = valid_i;
        at_d         = '0;
        end_d        = '0;
        crc_d        = CrcInitial;
        if (valid_i && byte_ready_i) state_d = Crc;
      end
      Crc: begin
        at_d = at_q + 1'b1;
        if (at_q == length_i) begin
          crc_d   = crc_q ^ CrcXorOut;
          at_d    = '0;
          state_d = Scan;
        end else begin
          crc_d = crc_pkg::crc16(crc_q, byte_at(at_q));
        end
      end
      Scan: begin
        if (end_q == total || byte_at(end_q) == 8'h00) state_d = Code;
        else end_d = end_q + 1'b1;
      end
      Code: begin
        byte_valid_o = 1'b1;
        byte_o       = 8'(end_q - at_q) + 8'd1;
        if (byte_ready_i) begin
          if (at_q != end_q) state_d = Data;
          else if (end_q == total) state_d = Close;
          else state_d = Scan;
          if (at_q == end_q) begin
            at_d  = at_q + 1'b1;
            end_d = at_q + 1'b1;
          end
        end
      end
      Data: begin
        byte_valid_o = 1'b1;
        byte_o       = byte_at(at_q);
        if (byte_ready_i) begin
          at_d = at_q + 1'b1;
          if (at_d == end_q && end_q == total) begin
            state_d = Close;
          end else if (at_d == end_q) begin
            at_d    = end_q + 1'b1;
            end_d   = end_q + 1'b1;
            state_d = Scan;
          end
        end
      end
      Close: begin
        byte_valid_o = 1'b1;
        done_o       = byte_ready_i;
        if (byte_ready_i) state_d = Lead;
      end
      default: state_d = Lead;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || stop_i) begin
      state_q <= Lead;
      at_q    <= '0;
      end_q   <= '0;
      crc_q   <= CrcInitial;
    end else begin
      state_q <= state_d;
      at_q    <= at_d;
      end_q   <= end_d;
      crc_q   <= crc_d;
    end
  end

  assign quiet_o = state_q == Lead && !valid_i;

`ifndef NO_SVA
  a_no_gap : assert property (@(posedge clk_i) disable iff (!rst_ni)
    byte_ready_i && state_q != Lead && !stop_i |-> byte_valid_o);
  a_no_zero_inside : assert property (@(posedge clk_i) disable iff (!rst_ni)
    state_q inside {Code, Data} |-> byte_o != 8'h00);
`endif
endmodule
