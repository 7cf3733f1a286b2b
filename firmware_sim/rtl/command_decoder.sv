// SPDX-License-Identifier: Apache-2.0
// From a good frame to an accepted or refused command (INT-010, INT-015).
//
//   good_i     : the message is known, of the launcher, of its length and in its ranges, or it is nothing
//   one later  : its sequence number is fresh or stale, its code right or wrong
//   two later  : it acts: act_o with the sequencer's consent, or answer_o alone with a reason
//
// The sequencer's consent (legal_i, permitted_i) is that of the clock in which the command acts. A fresh
// message feeds the watchdog whatever becomes of it. The pipe is empty long before another frame can end.
module command_decoder
  import icd_pkg::*;
#(
  parameter int unsigned KeepBytes = 8,
  localparam int unsigned LengthW = $clog2(MaxPayloadBytes + 4),
  localparam int unsigned SlotW = $clog2(SlotCount)
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   good_i,
  input  logic [KeepBytes*8-1:0] payload_i,
  input  logic [LengthW-1:0]     length_i,
  output command_e               command_o,    // the one in the pipe's last stage
  input  logic                   legal_i,      // the state table allows command_o
  input  logic                   permitted_i,  // and so do the lines
  input  logic                   late_i,       // a fire that comes after the window closed
  output logic                   fresh_o,
  output logic                   act_o,        // command_o is carried out in this clock
  output logic                   answer_o,     // command_o is done with in this clock, one way or the other
  output logic                   refused_o,
  output reason_e                reason_o,
  output logic [7:0]             sequence_o,   // of command_o
  output logic [31:0]            at_pps_us_o,
  output logic [SlotW-1:0]       slot_o,
  output logic [7:0]             last_sequence_o,
  output logic                   quiet_o
);
  typedef struct packed {
    logic             valid;
    command_e         command;
    logic [7:0]       sequence_;
    logic [31:0]      at_pps_us;
    logic [SlotW-1:0] slot;
  } message_t;

  message_t decoded, message_q, checked_q;
  logic [15:0] code_q;  // of message_q
  logic fresh_q, right_q;
  logic [7:0] last_q;
  logic heard_q;  // a fresh message came since reset

  wire [7:0] id = payload_i[KeepBytes*8-1-:8];
  wire arm_msg_t as_arm = payload_i[KeepBytes*8-1-:ArmBytes*8];
  wire time_msg_t as_time = payload_i[KeepBytes*8-1-:TimeBytes*8];

  always_comb begin
    decoded.valid     = 1'b0;
    decoded.command   = CommandHeartbeat;
    decoded.sequence_ = as_time.sequence_;
    decoded.at_pps_us = as_time.at_pps_us;
    decoded.slot      = as_time.slot[SlotW-1:0];
    unique case (id)
      ArmId: begin
        decoded.command = CommandArm;
        decoded.valid   = length_i == LengthW'(ArmBytes);
      end
      FireId: begin
        decoded.command = CommandFire;
        decoded.valid   = length_i == LengthW'(FireBytes);
      end
      AbortId: begin
        decoded.command = CommandAbort;
        decoded.valid   = length_i == LengthW'(AbortBytes);
      end
      HeartbeatId: begin
        decoded.command = CommandHeartbeat;
        decoded.valid   = length_i == LengthW'(HeartbeatBytes);
      end
      StatusRequestId: begin
        decoded.command = CommandStatusRequest;
        decoded.valid   = length_i == LengthW'(StatusRequestBytes);
      end
      TimeId: begin
        decoded.command = CommandTime;
        decoded.valid   = length_i == LengthW'(TimeBytes) && as_time.at_pps_us <= MsgTimeAtPpsUsMax
            && as_time.slot <= 8'(MsgTimeSlotMax);
      end
      default: ;
    endcase
  end

  wire [7:0] ahead = message_q.sequence_ - last_q;
  wire fresh = !heard_q || (ahead != '0 && ahead <= 8'(SequenceWindow));

  logic right;
  always_comb begin
    unique case (message_q.command)
      CommandArm:  right = code_q == 16'(ArmCode);
      CommandFire: right = code_q == 16'(FireCode);
      default:     right = 1'b1;
    endcase
  end

  always_comb begin
    refused_o = 1'b1;
    if (!fresh_q) reason_o = ReasonStaleSequence;
    else if (!right_q) reason_o = ReasonWrongCode;
    else if (!legal_i) reason_o = late_i ? ReasonLate : ReasonWrongState;
    else if (!permitted_i) reason_o = ReasonInterlock;
    else begin
      reason_o  = ReasonStaleSequence;  // has no meaning
      refused_o = 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      message_q <= '{command: CommandHeartbeat, default: '0};
      checked_q <= '{command: CommandHeartbeat, default: '0};
      code_q    <= '0;
      fresh_q   <= 1'b0;
      right_q   <= 1'b0;
      last_q    <= '0;
      heard_q   <= 1'b0;
    end else begin
      message_q.valid <= 1'b0;
      checked_q.valid <= 1'b0;
      if (good_i) begin
        message_q <= decoded;
        code_q    <= as_arm.code;
      end
      if (message_q.valid) begin
        checked_q <= message_q;
        fresh_q   <= fresh;
        right_q   <= right;
      end
      if (fresh_o) begin
        last_q  <= checked_q.sequence_;
        heard_q <= 1'b1;
      end
    end
  end

  assign command_o       = checked_q.command;
  assign sequence_o      = checked_q.sequence_;
  assign at_pps_us_o     = checked_q.at_pps_us;
  assign slot_o          = checked_q.slot;
  assign answer_o        = checked_q.valid;
  assign fresh_o         = checked_q.valid && fresh_q;
  assign act_o           = checked_q.valid && !refused_o;
  assign last_sequence_o = last_q;
  assign quiet_o         = !good_i && !message_q.valid && !checked_q.valid;

`ifndef NO_SVA
  a_stale_never_acts : assert property (@(posedge clk_i) disable iff (!rst_ni) act_o |-> fresh_q);
  a_act_is_answered : assert property (@(posedge clk_i) disable iff (!rst_ni) act_o |-> answer_o);
  a_one_at_a_time : assert property (@(posedge clk_i) disable iff (!rst_ni) answer_o |-> !message_q.valid);
`endif
endmodule
