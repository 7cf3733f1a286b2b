// SPDX-License-Identifier: Apache-2.0
// The umbilical is spoken on in the assigned slot alone (INT-013).
//
// Over interceptor_top, with what is said, the lines, the counter and the commands cut free (talk.sby): whatever
// they are, a talk begins with its slot, is over within the slot's length, and ends with the umbilical or the power.
// The length is counted in clocks from the begin: a counter that is loaded in mid-talk ends nothing.
module talk_proof
  import icd_pkg::*;
#(
  localparam int unsigned CycleW = $clog2(SlotCycleUs),
  localparam int unsigned SlotClocks = SlotLengthUs * ClocksPerUs
) (
  input logic              clk_i,
  input logic              uart_tx_o,
  input logic              run,
  input lines_t            lines,
  input logic              begin_talk,
  input logic              tick,
  input logic [CycleW-1:0] cycle_us,
  input logic              telemetry_talking,
  input logic              tx_busy
);
  logic begun_q = 1'b0;
  logic seen_q = 1'b0;

  // Whose rules are in force: all of those that power resets, or none.
  wire [3:0] seen = {
    interceptor_top.u_status_slot.u_proof.seen_q,
    interceptor_top.u_telemetry.u_proof.seen_q,
    interceptor_top.u_frame_tx.u_proof.seen_q,
    interceptor_top.u_uart_tx.u_proof.seen_q
  };

  always_ff @(posedge clk_i) begin
    begun_q <= 1'b1;
    if (!run) seen_q <= 1'b1;
    a_together : assert (seen == {4{seen_q}});
  end

  // A talk is a status and at most ReplyQueue refusals, which are the longest replies. A character takes its bits
  // and at most one clock before them: it is allowed the next power of two, by which a solver multiplies with ease.
  // Beside that each frame is worked out in so many steps of a clock.
  localparam int unsigned FrameBytes = 5;
  localparam int unsigned StatusChars = StatusBytes + FrameBytes;
  localparam int unsigned ReplyChars = RefusalBytes + FrameBytes;
  localparam int unsigned StatusSteps = 2 * StatusBytes + 4;
  localparam int unsigned ReplySteps = 2 * RefusalBytes + 4;
  localparam int unsigned CharBits = 1 + UmbilicalDataBits + UmbilicalParityOn + UmbilicalStopBits;
  localparam int unsigned CharW = $clog2(CharBits * ClockHz / UmbilicalBitRateBps + 1);
  localparam int unsigned TalkChars = StatusChars + ReplyQueue * ReplyChars;
  localparam int unsigned TalkSteps = StatusSteps + ReplyQueue * ReplySteps;
  localparam int unsigned TalkClocks = TalkChars * 2 ** CharW + TalkSteps;
  if (TalkClocks > SlotClocks) begin : gen_refuse
    $error("the longest talk is longer than a slot");
  end

  localparam int unsigned ClockW = $clog2(SlotClocks + 1);
  localparam int unsigned CountW = $clog2(TalkChars + TalkSteps) + 2;
  typedef logic [ClockW-1:0] clocks_t;
  typedef logic [CountW-1:0] count_t;

  logic talked_q;  // since power came
  clocks_t since_q;  // clocks since the talk began; stops at the slot's length
  count_t chars_q, steps_q;  // of this talk, so far

  wire taken = interceptor_top.tx_valid && interceptor_top.tx_ready;
  wire count_t replies = count_t'(interceptor_top.u_telemetry.left_q);
  wire count_t chars_left = count_t'(interceptor_top.u_frame_tx.u_proof.left) + count_t'(ReplyChars) * replies;
  wire count_t steps_left = count_t'(interceptor_top.u_frame_tx.u_proof.steps) + count_t'(ReplySteps) * replies;
  // The line may be busy for so long after what it was given.
  wire clocks_t allowed = (clocks_t'(chars_q) << CharW) + clocks_t'(steps_q);
  wire clocks_t on_line = clocks_t'(interceptor_top.u_uart_tx.u_proof.left);

  always_ff @(posedge clk_i) begin
    if (!run) begin
      talked_q <= 1'b0;
      since_q  <= '0;
    end else if (begin_talk) begin
      talked_q <= 1'b1;
      since_q  <= '0;
      chars_q  <= count_t'(taken);
      steps_q  <= '0;
    end else begin
      if (since_q != clocks_t'(SlotClocks)) since_q <= since_q + 1'b1;
      chars_q <= chars_q + count_t'(taken);
      steps_q <= steps_q + count_t'(interceptor_top.u_frame_tx.u_proof.steps_on);
    end
  end

  always_ff @(posedge clk_i) begin
    if (seen_q) begin
      // INT-013
      a_begins_in_slot : assert (!begin_talk || (tick && lines.umbilical_intact
          && 32'(cycle_us) == SlotFirstUs + SlotPitchUs * 32'(interceptor_top.u_status_slot.u_proof.assigned_q)));
      a_begins_at_once : assert (!$past(begin_talk && run) || !uart_tx_o);
      a_begins_nowhere_else : assert (uart_tx_o || $past(telemetry_talking || tx_busy || begin_talk));
      // TalkClocks is less than the slot's length.
      a_within_slot : assert (uart_tx_o || (talked_q && 32'(since_q) < TalkClocks));
      a_silent_when_broken : assert ($past(lines.umbilical_intact && run) || uart_tx_o);
      // What the registers hold.
      a_bounded : assert (32'(since_q) <= SlotClocks);
      if (telemetry_talking || tx_busy) begin
        a_begun : assert (talked_q);
        a_in_time : assert (since_q + on_line <= allowed);
        a_said : assert (chars_q <= count_t'(TalkChars) && steps_q <= count_t'(TalkSteps));
      end
      if (telemetry_talking) begin
        a_characters : assert (chars_q + chars_left <= count_t'(TalkChars));
        a_steps : assert (steps_q + steps_left <= count_t'(TalkSteps));
      end
      a_framed : assert (interceptor_top.u_frame_tx.u_proof.idle || telemetry_talking);
      a_composed : assert (interceptor_top.u_telemetry.u_proof.composed_since_q
          == interceptor_top.u_status_slot.u_proof.composed_q);
    end
  end

  always_ff @(posedge clk_i) begin
    if (seen_q && run) begin
      c_begins : cover (!uart_tx_o && $past(begin_talk));
      c_cut : cover (uart_tx_o && $past(!uart_tx_o && run && !lines.umbilical_intact));
    end
    // From registers that hold anything: a talk is long.
    if (begun_q && $past(run && lines.umbilical_intact)) begin
      c_ends : cover (!(telemetry_talking || tx_busy) && $past(tx_busy));
      c_last_message : cover (!telemetry_talking && tx_busy && $past(telemetry_talking));
    end
  end
endmodule

bind interceptor_top talk_proof u_talk (.*);
