// SPDX-License-Identifier: Apache-2.0
// The launch sequencer: the ICD's state table with its guards and effects (INT-002 to INT-009, INT-012).
//
// No transition is decided here: icd_pkg::sequencer_next has the rows, in the order of event_rank. Outputs
// are registered beside the state. Reset is loss of power: safe, every output inactive.
module sequencer
  import icd_pkg::*;
(
  input  logic             clk_i,
  input  logic             rst_ni,
  input  lines_t           lines_i,
  input  lines_t           lines_before_i,
  input  command_e         command_i,
  input  logic             act_i,  // command_i is carried out in this clock
  input  logic             link_lost_i,
  input  logic             sequence_stuck_i,
  output logic             legal_o,      // command_i, by the state table
  output logic             permitted_o,  // and by the lines
  output logic             late_o,
  output sequencer_state_e state_o,
  output sequencer_event_e cause_o,  // of the last transition
  output outputs_t         outputs_o,
  output step_e            step_o,   // the last one reached since arming
  output logic             spent_o,  // release was active since power came
  output logic             start_o,  // the first step begins
  output logic             quiet_o   // no transition is due at the next edge
);
  localparam int unsigned TimerW = $clog2(ArmWindowClocks);

  sequencer_state_e state_q;
  sequencer_event_e cause_q;
  outputs_t outputs_q;
  step_e step_q;
  logic spent_q, window_closed_q;
  logic [TimerW-1:0] timer_q;

  sequencer_events_t events;
  sequencer_guards_t guards;
  sequencer_step_t next;
  lines_t lost, gained;

  assign lost   = lines_before_i & ~lines_i;
  assign gained = lines_i & ~lines_before_i;

  // A cell arms before its hatch opens and before firing is permitted.
  wire may_arm = lines_i.arm_enable && lines_i.key_a && lines_i.key_b && lines_i.crew_safe && lines_i.umbilical_intact;
  wire interlocks_held = may_arm && lines_i.fire_enable && lines_i.hatch_open;
  // What is confirmed before it was asked for is a fault of the wiring.
  wire may_fire = interlocks_held && !lines_i.power_good && !lines_i.latch_open;

  wire [31:0] limit_clocks = sequencer_timeout_clocks(state_q);
  wire timed = limit_clocks != '0;

  always_comb begin
    events                  = '0;
    events.illegal_state    = !(state_q inside {SequencerSafe, SequencerArmed, SequencerStepPower,
        SequencerStepUnlock, SequencerStepRelease, SequencerAway, SequencerHangFire, SequencerMisfire,
        SequencerFault});
    events.umbilical_broken = lost.umbilical_intact;
    events.interlock_lost   = lost.arm_enable || lost.fire_enable || lost.key_a || lost.key_b || lost.crew_safe
        || lost.hatch_open;
    events.power_good_lost  = lost.power_good;
    events.latch_closed     = lost.latch_open;
    events.abort            = act_i && command_i == CommandAbort;
    events.link_lost        = link_lost_i;
    events.sequence_stuck   = sequence_stuck_i;
    events.power_confirmed  = gained.power_good;
    events.latch_confirmed  = gained.latch_open;
    events.fire             = act_i && command_i == CommandFire;
    events.arm              = act_i && command_i == CommandArm;
    events.timeout          = timed && timer_q == TimerW'(limit_clocks - 1);
    guards.spent            = spent_q;
    guards.arm_permitted    = !spent_q && may_arm;
    guards.fire_permitted   = may_fire;
    next                    = sequencer_next(state_q, events, guards);
  end

  always_comb begin
    legal_o = sequencer_legal(state_q, command_i);
    late_o  = command_i == CommandFire && state_q == SequencerSafe && window_closed_q;
    unique case (command_i)
      CommandArm:  permitted_o = may_arm;
      CommandFire: permitted_o = may_fire;
      default:     permitted_o = 1'b1;
    endcase
    if (command_i == CommandArm && spent_q) legal_o = 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q         <= SequencerInitial;
      cause_q         <= SequencerEventPowerLost;
      outputs_q       <= '0;
      step_q          <= StepNone;
      spent_q         <= 1'b0;
      window_closed_q <= 1'b0;
      timer_q         <= '0;
    end else begin
      if (next.taken) begin
        state_q   <= next.state;
        cause_q   <= next.cause;
        outputs_q <= sequencer_outputs(next.state);
        timer_q   <= '0;
      end else if (timed) begin
        timer_q <= timer_q + 1'b1;
      end
      if (next.effects.open_window) begin
        step_q          <= StepNone;
        window_closed_q <= 1'b0;
      end
      if (next.effects.close_window) window_closed_q <= 1'b1;
      if (next.effects.enter_power) step_q <= StepPower;
      if (next.effects.enter_unlock) step_q <= StepUnlock;
      if (next.effects.enter_release) begin
        step_q  <= StepRelease;
        spent_q <= 1'b1;
      end
    end
  end

  assign state_o   = state_q;
  assign cause_o   = cause_q;
  assign outputs_o = outputs_q;
  assign step_o    = step_q;
  assign spent_o   = spent_q;
  assign start_o   = next.effects.enter_power;
  assign quiet_o   = !next.taken;

`ifndef NO_SVA
  a_outputs : assert property (@(posedge clk_i) disable iff (!rst_ni) outputs_q == sequencer_outputs(state_q));
  a_release_in_order : assert property (@(posedge clk_i) disable iff (!rst_ni)
    $rose(outputs_q.release_) |-> $past(state_q) == SequencerStepUnlock);
  a_one_release : assert property (@(posedge clk_i) disable iff (!rst_ni)
    $rose(outputs_q.release_) |-> !$past(spent_q));
  a_interlock : assert property (@(posedge clk_i) disable iff (!rst_ni)
    events.interlock_lost |=> !(state_q inside {SequencerArmed, SequencerStepPower, SequencerStepUnlock,
        SequencerStepRelease, SequencerHangFire, SequencerMisfire}) || $past(events.illegal_state));
  a_safe_after_reset : assert property (@(posedge clk_i) !rst_ni |=> state_q == SequencerSafe && outputs_q == '0);
`endif
endmodule
