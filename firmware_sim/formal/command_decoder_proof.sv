// SPDX-License-Identifier: Apache-2.0
// What the command decoder lets through (INT-010, INT-015).
//
// The message is judged a second time, in the clock of its effect and by the last fresh one of the proof's own.
`include "environment.svh"
module command_decoder_proof
  import icd_pkg::*;
#(
  parameter  int unsigned KeepBytes = 8,
  localparam int unsigned LengthW = $clog2(MaxPayloadBytes + 4),
  localparam int unsigned SlotW = $clog2(SlotCount)
) (
  input logic                   clk_i,
  input logic                   rst_ni,
  input logic                   good_i,
  input logic [KeepBytes*8-1:0] payload_i,
  input logic [LengthW-1:0]     length_i,
  input command_e               command_o,
  input logic                   legal_i,
  input logic                   permitted_i,
  input logic                   late_i,
  input logic                   fresh_o,
  input logic                   act_o,
  input logic                   answer_o,
  input logic                   refused_o,
  input reason_e                reason_o,
  input logic [7:0]             sequence_o,
  input logic [31:0]            at_pps_us_o,
  input logic [SlotW-1:0]       slot_o,
  input logic [7:0]             last_sequence_o,
  input logic                   quiet_o
);
  function automatic logic [7:0] octet(input int unsigned index);
    return payload_i[(KeepBytes-1-index)*8+:8];
  endfunction

  typedef struct packed {
    logic        known;
    logic [7:0]  id;
    logic [7:0]  number;
    logic [15:0] code;
    logic [31:0] at_pps_us;
    logic [7:0]  slot;
  } message_t;

  message_t said, first_q, second_q;
  logic seen_q = 1'b0;
  logic came_q;  // a frame, in the clock before
  logic heard_q;  // a fresh one
  logic [7:0] last_q;

  always_comb begin
    said.id        = octet(0);
    said.number    = octet(1);
    said.code      = {octet(2), octet(3)};
    said.at_pps_us = {octet(2), octet(3), octet(4), octet(5)};
    said.slot      = octet(6);
    unique case (said.id)
      ArmId, FireId: said.known = good_i && 32'(length_i) == ArmBytes;
      AbortId, HeartbeatId, StatusRequestId: said.known = good_i && 32'(length_i) == AbortBytes;
      TimeId: begin
        said.known = good_i && 32'(length_i) == TimeBytes && said.at_pps_us < TimeWrapUs && said.slot < SlotCount;
      end
      default: said.known = 1'b0;
    endcase
  end

  wire [7:0] ahead = second_q.number - last_q;
  wire stale = heard_q && !(ahead inside {[8'd1:8'(SequenceWindow)]});
  wire right = second_q.id == ArmId ? second_q.code == 16'(ArmCode)
      : second_q.id == FireId ? second_q.code == 16'(FireCode) : 1'b1;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      seen_q         <= 1'b1;
      first_q.known  <= 1'b0;
      second_q.known <= 1'b0;
      heard_q        <= 1'b0;
      last_q         <= '0;
    end else begin
      first_q  <= said;
      second_q <= first_q;
      if (second_q.known && !stale) begin
        heard_q <= 1'b1;
        last_q  <= second_q.number;
      end
    end
    came_q <= rst_ni && good_i;
    // A frame is longer than that.
    if (seen_q && rst_ni) e_apart : `EXPECT (!(good_i && came_q));
  end

  always_ff @(posedge clk_i) begin
    if (seen_q) begin
      // INT-015: what is known is answered, two clocks after its frame, and nothing else is.
      a_answered : assert (answer_o == second_q.known);
      a_of_it : assert (!answer_o || (8'(command_o) == second_q.id && sequence_o == second_q.number));
      a_acts_or_refused : assert (act_o == (answer_o && !refused_o));
      // INT-010
      a_stale_never_acts : assert (!(answer_o && stale) || !act_o);
      a_stale_refused : assert (!(answer_o && stale) || (refused_o && reason_o == ReasonStaleSequence));
      a_stale_never_feeds : assert (!(answer_o && stale) || !fresh_o);
      a_fresh : assert (fresh_o == (answer_o && !stale));
      a_same_number_never_acts : assert (!act_o || !heard_q || sequence_o != last_sequence_o);
      a_last : assert (last_sequence_o == last_q);
      // INT-004
      a_wrong_code_never_acts : assert (!(answer_o && !right) || !act_o);
      a_wrong_code_refused : assert (!(answer_o && !stale && !right) || reason_o == ReasonWrongCode);
      a_consent : assert (!act_o || (legal_i && permitted_i));
      a_acts : assert (!(answer_o && !stale && right && legal_i && permitted_i) || act_o);
      a_late : assert (!(answer_o && !stale && right && !legal_i)
          || reason_o == (late_i ? ReasonLate : ReasonWrongState));
      a_not_permitted : assert (!(answer_o && !stale && right && legal_i && !permitted_i)
          || reason_o == ReasonInterlock);
      // INT-013, INT-014: in its ranges.
      a_time : assert (!(act_o && command_o == CommandTime)
          || (at_pps_us_o == second_q.at_pps_us && at_pps_us_o < TimeWrapUs && slot_o == SlotW'(second_q.slot)));
      a_quiet : assert (!quiet_o || !(answer_o || first_q.known));
      // What the registers hold.
      a_staged : assert (command_decoder.message_q.valid == first_q.known);
      if (first_q.known) begin
        a_just_came : assert (came_q);
        a_message : assert (8'(command_decoder.message_q.command) == first_q.id
            && command_decoder.message_q.sequence_ == first_q.number
            && command_decoder.message_q.at_pps_us == first_q.at_pps_us
            && command_decoder.message_q.slot == SlotW'(first_q.slot)
            && (!(first_q.id inside {ArmId, FireId}) || command_decoder.code_q == first_q.code));
        a_in_range : assert (first_q.id != TimeId || first_q.at_pps_us < TimeWrapUs);
      end
      if (second_q.known) begin
        a_checked : assert (command_decoder.checked_q.at_pps_us == second_q.at_pps_us
            && command_decoder.checked_q.slot == SlotW'(second_q.slot) && !first_q.known);
        a_judged : assert (command_decoder.fresh_q == !stale && command_decoder.right_q == right);
        a_still_in_range : assert (second_q.id != TimeId || second_q.at_pps_us < TimeWrapUs);
      end
      a_heard : assert (command_decoder.heard_q == heard_q);
    end
  end

  always_ff @(posedge clk_i) begin
    if (seen_q && rst_ni) begin
      c_arms : cover (act_o && command_o == CommandArm);
      c_same_number : cover (answer_o && heard_q && sequence_o == last_sequence_o);
      c_furthest : cover (act_o && heard_q && ahead == 8'(SequenceWindow));
      c_too_far : cover (answer_o && heard_q && ahead == 8'(SequenceWindow + 1));
      c_wraps : cover (act_o && heard_q && sequence_o < last_sequence_o);
      c_wrong_code : cover (answer_o && reason_o == ReasonWrongCode && second_q.id == FireId);
      c_late : cover (answer_o && reason_o == ReasonLate);
      c_interlock : cover (answer_o && refused_o && reason_o == ReasonInterlock);
      c_time : cover (act_o && command_o == CommandTime);
    end
  end
endmodule

bind command_decoder command_decoder_proof #(.KeepBytes(KeepBytes)) u_proof (.*);
