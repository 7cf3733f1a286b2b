// SPDX-License-Identifier: Apache-2.0
// What the sequencer never does, whatever its inputs do (INT-002 to INT-009, INT-011, INT-012).
//
// The steps that lead to a release are told a second time, from the lines and the commands alone (reached_q);
// the rest are the ICD's rows, seen from the ports. Rules without seen_q hold from any register contents.
`include "environment.svh"
module sequencer_proof
  import icd_pkg::*;
#(
  localparam int unsigned TimerW = $clog2(ArmWindowClocks)
) (
  input logic              clk_i,
  input logic              rst_ni,
  input lines_t            lines_i,
  input lines_t            lines_before_i,
  input command_e          command_i,
  input logic              act_i,
  input logic              link_lost_i,
  input logic              sequence_stuck_i,
  input logic              legal_o,
  input logic              permitted_o,
  input sequencer_state_e  state_o,
  input outputs_t          outputs_o,
  input step_e             step_o,
  input logic              spent_o,
  input logic              start_o,
  input logic              quiet_o,
  input logic [TimerW-1:0] timer_q
);
  // How far towards a release the lines and the commands lead.
  typedef enum logic [2:0] {
    Nothing,
    Armed,     // by arm, with what arming wants held since
    Fired,     // by fire, with every interlock held since, and neither power_good nor latch_open at it
    Powered,   // by power_good, held since
    Unlocked   // by latch_open becoming active after that, held since
  } reached_e;

  localparam outputs_t Inactive = '0;
  localparam outputs_t FaultAlone = '{fault: 1'b1, default: 1'b0};

  logic begun_q = 1'b0;  // $past tells of this run
  logic seen_q = 1'b0;
  reached_e reached_q;
  logic released_q;  // release was active in a clock before, since power came
  sequencer_state_e last_q;
  logic [TimerW-1:0] since_q;  // clocks in the state, until the last clock

  wire lines_t lost = lines_before_i & ~lines_i;
  wire lines_t gained = lines_i & ~lines_before_i;
  wire interlock_lost = lost.arm_enable || lost.fire_enable || lost.key_a || lost.key_b || lost.crew_safe
      || lost.hatch_open;
  wire arming_held = lines_i.arm_enable && lines_i.key_a && lines_i.key_b && lines_i.crew_safe
      && lines_i.umbilical_intact;
  wire all_held = arming_held && lines_i.fire_enable && lines_i.hatch_open;
  wire arm = act_i && command_i == CommandArm;
  wire fire = act_i && command_i == CommandFire;
  wire abort = act_i && command_i == CommandAbort;

  wire stepping = state_o inside {SequencerStepPower, SequencerStepUnlock, SequencerStepRelease};
  wire may_end = stepping || state_o inside {SequencerArmed, SequencerHangFire, SequencerMisfire};
  wire legal_state = may_end || state_o inside {SequencerSafe, SequencerAway, SequencerFault};
  wire breaks_away = lost.umbilical_intact && (state_o inside {SequencerStepRelease, SequencerHangFire}
      || (spent_o && state_o inside {SequencerSafe, SequencerMisfire, SequencerFault}));
  wire breaks_off = lost.umbilical_intact && state_o inside {SequencerArmed, SequencerStepPower, SequencerStepUnlock};
  wire confirmation_lost = (lost.power_good && state_o inside {SequencerStepUnlock, SequencerStepRelease})
      || (lost.latch_open && state_o == SequencerStepRelease);
  wire [TimerW-1:0] elapsed = state_o == last_q ? since_q + 1'b1 : '0;

  always_ff @(posedge clk_i) begin
    begun_q <= 1'b1;
    if (!rst_ni) begin
      seen_q     <= 1'b1;
      reached_q  <= Nothing;
      released_q <= 1'b0;
      last_q     <= SequencerSafe;
      since_q    <= '0;
    end else begin
      released_q <= released_q || outputs_o.release_;
      last_q     <= state_o;
      since_q    <= elapsed;
      if (arm) reached_q <= arming_held ? Armed : Nothing;
      else if (!arming_held || abort || link_lost_i) reached_q <= Nothing;
      else begin
        unique case (reached_q)
          Armed: if (fire && all_held && !lines_i.power_good && !lines_i.latch_open) reached_q <= Fired;
          Fired: begin
            if (!all_held || sequence_stuck_i) reached_q <= Nothing;
            else if (lines_i.power_good) reached_q <= Powered;
          end
          Powered: begin
            if (!all_held || sequence_stuck_i || !lines_i.power_good) reached_q <= Nothing;
            else if (gained.latch_open) reached_q <= Unlocked;
          end
          Unlocked: begin
            if (!all_held || sequence_stuck_i || !lines_i.power_good || !lines_i.latch_open) reached_q <= Nothing;
          end
          default: reached_q <= Nothing;
        endcase
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (seen_q && rst_ni) begin
      e_before : `EXPECT (lines_before_i == $past(lines_i));
      e_consent : `EXPECT (!act_i || (legal_o && permitted_o));
    end
  end

  // INT-002, INT-012: from any register contents.
  always_ff @(posedge clk_i) begin
    if (begun_q && !$past(rst_ni)) begin
      a_power_lost : assert (state_o == SequencerSafe && outputs_o == Inactive && step_o == StepNone && !spent_o);
    end
    if (begun_q && $past(rst_ni && !legal_state)) begin
      a_illegal : assert (state_o == SequencerFault && outputs_o == FaultAlone);
      c_illegal : cover (1'b1);
    end
  end

  // What is so in every clock.
  always_ff @(posedge clk_i) begin
    if (seen_q) begin
      a_legal : assert (legal_state);
      // INT-002: the outputs are those of the state, in the same clock.
      a_ready : assert (outputs_o.ready == stepping);
      a_unlock : assert (outputs_o.unlock == state_o inside {SequencerStepUnlock, SequencerStepRelease});
      a_release : assert (outputs_o.release_ == (state_o == SequencerStepRelease));
      a_fault : assert (outputs_o.fault == state_o inside {SequencerMisfire, SequencerFault});
      // INT-004: with all that leads to it, in this order, held since.
      a_armed_reached : assert (state_o != SequencerArmed || reached_q == Armed);
      a_ready_reached : assert (!outputs_o.ready || reached_q inside {Fired, Powered, Unlocked});
      a_unlock_reached : assert (!outputs_o.unlock || reached_q inside {Powered, Unlocked});
      a_release_reached : assert (!outputs_o.release_ || reached_q == Unlocked);
      a_not_ahead : assert (state_o != SequencerStepPower || reached_q == Fired);
      a_not_ahead_either : assert (state_o != SequencerStepUnlock || reached_q == Powered);
      // INT-005
      a_spent : assert (spent_o == (released_q || outputs_o.release_));
      a_one_release : assert (!outputs_o.release_ || !released_q || $past(outputs_o.release_));
      a_spent_never_arms : assert (!(spent_o && (state_o inside {SequencerArmed, SequencerStepPower,
          SequencerStepUnlock})));
      // INT-005, INT-007, INT-009: each state ends by itself, in time.
      a_counted : assert (!(stepping || state_o inside {SequencerArmed, SequencerHangFire}) || timer_q == elapsed);
      a_window : assert (state_o != SequencerArmed || elapsed < TimerW'(ArmWindowClocks));
      a_power_in_time : assert (state_o != SequencerStepPower || elapsed < TimerW'(StepPowerClocks));
      a_latch_in_time : assert (state_o != SequencerStepUnlock || elapsed < TimerW'(StepUnlockClocks));
      a_break_in_time : assert (state_o != SequencerStepRelease || elapsed < TimerW'(StepReleaseClocks));
      a_hang_fire_ends : assert (state_o != SequencerHangFire || elapsed < TimerW'(HangFireClocks));
    end
  end

  // INT-003, INT-004: the lines were so in the clock before, and by that in each one since.
  always_ff @(posedge clk_i) begin
    if (seen_q && rst_ni) begin
      a_held : assert (!may_end || (lines_before_i.arm_enable && lines_before_i.key_a && lines_before_i.key_b
          && lines_before_i.crew_safe && (lines_before_i.umbilical_intact || state_o == SequencerMisfire)));
      a_all_held : assert (!may_end || state_o == SequencerArmed
          || (lines_before_i.fire_enable && lines_before_i.hatch_open));
      a_unconfirmed : assert (state_o != SequencerStepPower || !lines_before_i.power_good);
      a_confirmed : assert (!outputs_o.unlock || lines_before_i.power_good);
      a_unlatched : assert (!outputs_o.release_ || lines_before_i.latch_open);
    end
  end

  // How each state is entered.
  always_ff @(posedge clk_i) begin
    if (seen_q && $past(rst_ni) && state_o != $past(state_o)) begin
      unique case (state_o)
        // INT-004
        SequencerArmed: a_by_arm : assert ($past(state_o == SequencerSafe && arm && arming_held && !spent_o));
        SequencerStepPower: a_by_fire : assert ($past(state_o == SequencerArmed && fire && all_held
            && !lines_i.power_good && !lines_i.latch_open && start_o));
        SequencerStepUnlock: a_by_power : assert ($past(state_o == SequencerStepPower && gained.power_good
            && all_held));
        SequencerStepRelease: a_by_latch : assert ($past(state_o == SequencerStepUnlock && gained.latch_open
            && lines_i.power_good && all_held && !spent_o));
        // INT-008, INT-009
        SequencerAway: a_by_break : assert ($past(breaks_away));
        SequencerHangFire: a_by_no_break : assert ($past(state_o == SequencerStepRelease
            && elapsed == TimerW'(StepReleaseClocks - 1)));
        SequencerMisfire: a_by_time : assert ($past(
            (state_o == SequencerStepPower && elapsed == TimerW'(StepPowerClocks - 1))
            || (state_o == SequencerStepUnlock && elapsed == TimerW'(StepUnlockClocks - 1))
            || (state_o == SequencerHangFire && elapsed == TimerW'(HangFireClocks - 1))));
        // INT-012
        SequencerFault: a_by_stuck : assert ($past(stepping && sequence_stuck_i));
        default: ;
      endcase
    end
  end

  // What one clock is enough for.
  always_ff @(posedge clk_i) begin
    if (seen_q && $past(seen_q && rst_ni)) begin
      // INT-004, INT-005: what is consented to is done, unless something of a higher rank comes.
      if ($past(arm && !breaks_away)) a_arm_taken : assert (state_o == SequencerArmed);
      if ($past(fire && !interlock_lost && !breaks_off && !link_lost_i)) begin
        a_fire_taken : assert (state_o == SequencerStepPower);
      end
      // INT-003
      if ($past(interlock_lost && may_end && !lost.umbilical_intact)) begin
        a_interlock_lost : assert (state_o == SequencerSafe && outputs_o == Inactive);
      end
      if ($past(breaks_off)) a_broken_off : assert (state_o == SequencerSafe && outputs_o == Inactive);
      if ($past(confirmation_lost && !lost.umbilical_intact)) begin
        a_confirmation_lost : assert (state_o == SequencerSafe && outputs_o == Inactive);
      end
      // Whatever else comes in that clock: nothing but fault is left of the outputs.
      if ($past(interlock_lost || lost.umbilical_intact || confirmation_lost || abort || link_lost_i)) begin
        a_let_go : assert (!outputs_o.ready && !outputs_o.unlock && !outputs_o.release_);
      end
      // INT-006, INT-011
      if ($past((abort || link_lost_i) && may_end && !lost.umbilical_intact)) begin
        a_stopped : assert (state_o == SequencerSafe && outputs_o == Inactive);
      end
      // INT-008, INT-009
      if ($past(breaks_away)) a_away : assert (state_o == SequencerAway && outputs_o == Inactive);
      if ($past(state_o == SequencerAway)) a_away_stays : assert (state_o == SequencerAway);
      if ($past(quiet_o)) a_quiet : assert (state_o == $past(state_o) && outputs_o == $past(outputs_o));
      // INT-012
      if ($past(stepping && sequence_stuck_i)) a_stuck : assert (!stepping);
      if ($past(state_o == SequencerFault && !breaks_away)) a_fault_stays : assert (state_o == SequencerFault);
    end
  end

  // Not empty: every state that needs no time-out, and what ends it.
  always_ff @(posedge clk_i) begin
    if (seen_q && $past(rst_ni)) begin
      c_release : cover (outputs_o.release_);
      c_away : cover (state_o == SequencerAway);
      c_late_break : cover (state_o == SequencerAway && $past(state_o == SequencerSafe));
      c_stuck : cover (state_o == SequencerFault && $past(state_o == SequencerStepRelease));
      c_abort : cover ($past(outputs_o.release_ && abort) && state_o == SequencerSafe);
      c_link_lost : cover ($past(outputs_o.release_ && link_lost_i) && state_o == SequencerSafe);
      c_interlock : cover ($past(outputs_o.release_ && lost.key_b) && state_o == SequencerSafe);
      c_latch_closed : cover ($past(outputs_o.release_ && lost.latch_open) && state_o == SequencerSafe);
      c_disarmed : cover ($past(state_o == SequencerArmed && lost.fire_enable) && state_o == SequencerSafe);
    end
    // From registers that hold anything: the times are long.
    if (begun_q && $past(rst_ni)) begin
      c_hang_fire : cover (state_o == SequencerHangFire && $past(state_o == SequencerStepRelease));
      c_misfire : cover (state_o == SequencerMisfire && $past(state_o == SequencerStepPower));
      c_window : cover (state_o == SequencerSafe && $past(state_o == SequencerArmed && arming_held && !act_i
          && !link_lost_i && !interlock_lost));
    end
  end
endmodule

bind sequencer sequencer_proof u_proof (.*);
