// SPDX-License-Identifier: Apache-2.0
// The whole: from the pins to the outputs within the ICD's latencies (INT-002, INT-003), and from a message to the
// watchdog (INT-010).
//
// The proofs of the modules are inside, and what each of them expects of its neighbours is proven here. The talk,
// which takes no part in it, is talk_proof's.
module interceptor_top_proof
  import icd_pkg::*;
(
  input logic             clk_i,
  input logic             rst_ni,
  input logic             uart_tx_o,
  input outputs_t         outputs_o,
  input sequencer_state_e state_o,
  input logic             run,
  input lines_t           lines,
  input logic             answer
);
  // Through synchroniser, debounce, vote and logic: the latencies of the ICD.
`define HIL_LOST(name, Name) \
  localparam int unsigned Name``Clocks = SynchroniserClocks + Name``DebounceClocks + VoteClocks + LogicClocks; \
  logic [Name``Wires-1:0] name``_late, name``_seen; \
  for (genvar w = 0; w < Name``Wires; w++) begin : gen_``name \
    assign name``_late[w] = 32'(interceptor_top.u_interlock.u_proof.name``_inactive[w]) >= Name``Clocks; \
    assign name``_seen[w] = interceptor_top.u_interlock.u_proof.name``_seen[w]; \
  end \
  wire name``_lost = $countones(name``_late) > Name``Wires - Name``Need && (&name``_seen);

  `HIL_LOST(power, Power)
  `HIL_LOST(arm_enable, ArmEnable)
  `HIL_LOST(fire_enable, FireEnable)
  `HIL_LOST(key_a, KeyA)
  `HIL_LOST(key_b, KeyB)
  `HIL_LOST(crew_safe, CrewSafe)
  `HIL_LOST(hatch_open, HatchOpen)
  `HIL_LOST(umbilical_intact, UmbilicalIntact)
  `HIL_LOST(power_good, PowerGood)
  `HIL_LOST(latch_open, LatchOpen)
`undef HIL_LOST

  wire armed = state_o == SequencerArmed;
  wire stepping = state_o inside {SequencerStepPower, SequencerStepUnlock, SequencerStepRelease};
  wire waits = state_o inside {SequencerHangFire, SequencerMisfire};
  wire outputs_t active = outputs_o ^ OutputsActiveLow;

  logic begun_q = 1'b0;
  logic seen_q = 1'b0;
  // Whose rules are in force: all of those that power resets, or none.
  wire [3:0] seen = {
    interceptor_top.u_frame_rx.u_proof.seen_q,
    interceptor_top.u_command_decoder.u_proof.seen_q,
    interceptor_top.u_watchdog.u_proof.seen_q,
    interceptor_top.u_sequencer.u_proof.seen_q
  };

  always_ff @(posedge clk_i) begin
    begun_q <= 1'b1;
    if (!run) seen_q <= 1'b1;
    a_together : assert (seen == {4{seen_q}});
    // INT-002: from any register contents.
    if (begun_q && !$past(lines.power)) begin
      a_unpowered : assert (state_o == SequencerSafe && outputs_o == OutputsActiveLow && uart_tx_o);
    end
    // INT-010: only a fresh message keeps the link alive.
    a_fed : assert (interceptor_top.u_watchdog.feed_i == interceptor_top.u_command_decoder.fresh_o);
    if (seen_q) begin
      // INT-002, INT-003
      a_power : assert (!power_lost || (state_o == SequencerSafe && active == '0 && uart_tx_o));
      a_arm_enable : assert (!arm_enable_lost || !(armed || stepping || waits));
      a_fire_enable : assert (!fire_enable_lost || !(stepping || waits));
      a_key_a : assert (!key_a_lost || !(armed || stepping || waits));
      a_key_b : assert (!key_b_lost || !(armed || stepping || waits));
      a_crew_safe : assert (!crew_safe_lost || !(armed || stepping || waits));
      a_hatch_open : assert (!hatch_open_lost || !(stepping || waits));
      a_umbilical : assert (!umbilical_intact_lost || !(armed || stepping || state_o == SequencerHangFire));
      a_power_good : assert (!power_good_lost || !active.unlock);
      a_latch_open : assert (!latch_open_lost || !active.release_);
      // INT-010: a stale message does not keep the link alive.
      if ($past(run && answer && interceptor_top.u_command_decoder.u_proof.stale)) begin
        a_stale_never_feeds : assert (interceptor_top.u_watchdog.u_proof.silent_q != 0);
      end
    end
  end

  // From registers that hold anything: a debounce is long.
  always_ff @(posedge clk_i) begin
    if (begun_q && $past(run)) begin
      c_release : cover (active.release_ && run);
      c_key_lost : cover ((&key_b_late) && $past(!key_b_late && active.release_) && state_o == SequencerSafe);
      c_crew_lost : cover (crew_safe_late == 3'b101 && $past(crew_safe_late == 3'b001 && active.release_)
          && state_o == SequencerSafe);
      c_power_lost : cover ((&power_late) && $past(!power_late && active.release_));
      c_stale : cover ($past(answer && interceptor_top.u_command_decoder.u_proof.stale));
    end
  end
endmodule

bind interceptor_top interceptor_top_proof u_proof (.*);
