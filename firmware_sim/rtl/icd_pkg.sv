// SPDX-License-Identifier: Apache-2.0
// Generated from the ICD interceptor, revision A: change that, then run
//   hil icd gen sv interceptor --out firmware_sim/rtl/icd_pkg.sv
// verilator lint_off SYMRSVDWORD  // names are the ICD's; some are words of C++ too
package icd_pkg;

  // Clock
  localparam int unsigned ClockHz = 10_000_000;
  localparam int unsigned ClocksPerUs = 10;
  localparam int unsigned SynchroniserClocks = 2;
  localparam int unsigned VoteClocks = 1;

  // Lines the launcher drives, the ICD's first one leftmost
  typedef struct packed {
    logic power;
    logic arm_enable;
    logic fire_enable;
    logic key_a;
    logic key_b;
    logic crew_safe;
    logic hatch_open;
    logic pps;
    logic umbilical_intact;
    logic power_good;
    logic latch_open;
  } lines_t;
  typedef struct packed {
    logic [0:0] power;
    logic [2:0] arm_enable;
    logic [2:0] fire_enable;
    logic [0:0] key_a;
    logic [0:0] key_b;
    logic [2:0] crew_safe;
    logic [2:0] hatch_open;
    logic [0:0] pps;
    logic [0:0] umbilical_intact;
    logic [0:0] power_good;
    logic [0:0] latch_open;
  } wires_t;
  localparam wires_t WiresActiveLow = '{
    power: '0,
    arm_enable: '0,
    fire_enable: '0,
    key_a: '1,
    key_b: '1,
    crew_safe: '1,
    hatch_open: '0,
    pps: '0,
    umbilical_intact: '1,
    power_good: '0,
    latch_open: '0
  };
  localparam int unsigned PowerDebounceClocks = 20;
  localparam int unsigned PowerWires = 1;
  localparam int unsigned PowerNeed = 1;
  localparam int unsigned ArmEnableDebounceClocks = 100;
  localparam int unsigned ArmEnableWires = 3;
  localparam int unsigned ArmEnableNeed = 2;
  localparam int unsigned FireEnableDebounceClocks = 100;
  localparam int unsigned FireEnableWires = 3;
  localparam int unsigned FireEnableNeed = 2;
  localparam int unsigned KeyADebounceClocks = 200;
  localparam int unsigned KeyAWires = 1;
  localparam int unsigned KeyANeed = 1;
  localparam int unsigned KeyBDebounceClocks = 200;
  localparam int unsigned KeyBWires = 1;
  localparam int unsigned KeyBNeed = 1;
  localparam int unsigned CrewSafeDebounceClocks = 50;
  localparam int unsigned CrewSafeWires = 3;
  localparam int unsigned CrewSafeNeed = 2;
  localparam int unsigned HatchOpenDebounceClocks = 200;
  localparam int unsigned HatchOpenWires = 3;
  localparam int unsigned HatchOpenNeed = 2;
  localparam int unsigned PpsDebounceClocks = 4;
  localparam int unsigned PpsWires = 1;
  localparam int unsigned PpsNeed = 1;
  localparam int unsigned UmbilicalIntactDebounceClocks = 20;
  localparam int unsigned UmbilicalIntactWires = 1;
  localparam int unsigned UmbilicalIntactNeed = 1;
  localparam int unsigned PowerGoodDebounceClocks = 50;
  localparam int unsigned PowerGoodWires = 1;
  localparam int unsigned PowerGoodNeed = 1;
  localparam int unsigned LatchOpenDebounceClocks = 50;
  localparam int unsigned LatchOpenWires = 1;
  localparam int unsigned LatchOpenNeed = 1;

  // Lines the interceptor drives
  typedef struct packed {
    logic ready;
    logic unlock;
    logic release_;
    logic fault;
  } outputs_t;
  localparam outputs_t OutputsActiveLow = '{
    ready: 1'b0,
    unlock: 1'b0,
    release_: 1'b0,
    fault: 1'b1
  };

  // Latencies, at most
  localparam int unsigned LatencyPowerLostClocks = 24;
  localparam int unsigned LatencyArmEnableLostClocks = 104;
  localparam int unsigned LatencyFireEnableLostClocks = 104;
  localparam int unsigned LatencyKeyALostClocks = 204;
  localparam int unsigned LatencyKeyBLostClocks = 204;
  localparam int unsigned LatencyCrewSafeLostClocks = 54;
  localparam int unsigned LatencyHatchOpenLostClocks = 204;
  localparam int unsigned LatencyUmbilicalLostClocks = 24;
  localparam int unsigned LatencyUmbilicalAwayClocks = 24;
  localparam int unsigned LatencyPowerConfirmedClocks = 54;
  localparam int unsigned LatencyLatchConfirmedClocks = 54;
  localparam int unsigned LatencyLatchToReleaseClocks = 54;
  localparam int unsigned LatencyArmToArmedClocks = 8;
  localparam int unsigned LatencyFireToStepClocks = 8;
  localparam int unsigned LatencyFireToReadyClocks = 8;
  localparam int unsigned LatencyAbortToSafeClocks = 8;
  localparam int unsigned LatencyUnlockOutputClocks = 0;
  localparam int unsigned LatencyReleaseOutputClocks = 0;
  localparam int unsigned LatencyFaultOutputClocks = 0;

  // Time slots
  localparam int unsigned SlotCycleUs = 100_000;
  localparam int unsigned SlotFirstUs = 0;
  localparam int unsigned SlotPitchUs = 12_500;
  localparam int unsigned SlotLengthUs = 12_000;
  localparam int unsigned SlotStartToleranceUs = 1;
  localparam int unsigned SlotCount = 8;

  // Serial lines
  localparam int unsigned UmbilicalBitRateBps = 1_000_000;
  localparam int unsigned UmbilicalDataBits = 8;
  localparam int unsigned UmbilicalParityOn = 1;
  localparam int unsigned UmbilicalParityOdd = 0;
  localparam int unsigned UmbilicalStopBits = 1;
  localparam int unsigned UmbilicalCharBits = 11;

  // Timings
  localparam int unsigned ArmWindowUs = 10_000_000;
  localparam int unsigned ArmWindowClocks = 100_000_000;
  localparam int unsigned StepPowerUs = 200_000;
  localparam int unsigned StepPowerClocks = 2_000_000;
  localparam int unsigned StepUnlockUs = 200_000;
  localparam int unsigned StepUnlockClocks = 2_000_000;
  localparam int unsigned StepReleaseUs = 100_000;
  localparam int unsigned StepReleaseClocks = 1_000_000;
  localparam int unsigned HangFireUs = 5_000_000;
  localparam int unsigned HangFireClocks = 50_000_000;
  localparam int unsigned SequenceLimitUs = 450_000;
  localparam int unsigned SequenceLimitClocks = 4_500_000;
  localparam int unsigned LinkSilenceUs = 500_000;
  localparam int unsigned LinkSilenceClocks = 5_000_000;
  localparam int unsigned HeartbeatPeriodUs = 100_000;
  localparam int unsigned HeartbeatPeriodClocks = 1_000_000;
  localparam int unsigned StatusPeriodUs = 100_000;
  localparam int unsigned StatusPeriodClocks = 1_000_000;
  localparam int unsigned ReplyTimeUs = 105_000;
  localparam int unsigned ReplyTimeClocks = 1_050_000;
  localparam int unsigned PpsPeriodUs = 1_000_000;
  localparam int unsigned PpsPeriodClocks = 10_000_000;
  localparam int unsigned PpsLostUs = 1_500_000;
  localparam int unsigned PpsLostClocks = 15_000_000;
  localparam int unsigned HoldoverLimitUs = 60_000_000;
  localparam int unsigned HoldoverLimitClocks = 600_000_000;

  // Constants
  localparam int unsigned LogicClocks = 1;
  localparam int unsigned CommandClocks = 8;
  localparam int unsigned ArmCode = 23_063;
  localparam int unsigned FireCode = 50_148;
  localparam int unsigned SequenceWindow = 127;
  localparam int unsigned ReplyQueue = 8;
  localparam int unsigned DefaultSlot = 0;
  localparam int unsigned PpsClocks = 8;
  localparam int unsigned PrepareUs = 10;
  localparam int unsigned TimeWrapUs = 32'd4_000_000_000;
  localparam int unsigned SlewClocks = 1;
  localparam int unsigned SlewIntervalUs = 1_000;
  localparam int unsigned JumpLimitClocks = 10_000;

  // Enumerations
  typedef enum logic [3:0] {
    StateSafe = 4'd0,
    StateArmed = 4'd1,
    StateStepPower = 4'd2,
    StateStepUnlock = 4'd3,
    StateStepRelease = 4'd4,
    StateAway = 4'd5,
    StateHangFire = 4'd6,
    StateMisfire = 4'd7,
    StateFault = 4'd8
  } state_e;
  typedef enum logic [1:0] {
    StepNone = 2'd0,
    StepPower = 2'd1,
    StepUnlock = 2'd2,
    StepRelease = 2'd3
  } step_e;
  typedef enum logic [2:0] {
    CommandArm = 3'd1,
    CommandFire = 3'd2,
    CommandAbort = 3'd3,
    CommandHeartbeat = 3'd4,
    CommandStatusRequest = 3'd5,
    CommandTime = 3'd6
  } command_e;
  typedef enum logic [2:0] {
    ReasonStaleSequence = 3'd1,
    ReasonWrongCode = 3'd2,
    ReasonWrongState = 3'd3,
    ReasonInterlock = 3'd4,
    ReasonLate = 3'd5
  } reason_e;
  typedef enum logic [1:0] {
    SyncFree = 2'd0,
    SyncLocked = 2'd1,
    SyncHoldover = 2'd2
  } sync_e;
  typedef enum logic [3:0] {
    EventRankIllegalState = 4'd0,
    EventRankPowerLost = 4'd1,
    EventRankUmbilicalBroken = 4'd2,
    EventRankInterlockLost = 4'd3,
    EventRankPowerGoodLost = 4'd4,
    EventRankLatchClosed = 4'd5,
    EventRankAbort = 4'd6,
    EventRankLinkLost = 4'd7,
    EventRankSequenceStuck = 4'd8,
    EventRankPowerConfirmed = 4'd9,
    EventRankLatchConfirmed = 4'd10,
    EventRankFire = 4'd11,
    EventRankArm = 4'd12,
    EventRankTimeout = 4'd13
  } event_rank_e;

  // Framing
  localparam logic [15:0] CrcPolynomial = 16'h1021;
  localparam logic [15:0] CrcInitial = 16'hFFFF;
  localparam logic [15:0] CrcXorOut = 16'h0000;
  localparam int unsigned CrcReflected = 0;
  localparam int unsigned MaxPayloadBytes = 32;

  // Messages, packed as on the wire, the first byte leftmost
  localparam logic [7:0] ArmId = 8'h01;
  localparam int unsigned ArmBytes = 4;
  typedef struct packed {
    logic [7:0] id;
    logic [7:0] sequence_;
    logic [15:0] code;
  } arm_msg_t;
  localparam logic [7:0] FireId = 8'h02;
  localparam int unsigned FireBytes = 4;
  typedef struct packed {
    logic [7:0] id;
    logic [7:0] sequence_;
    logic [15:0] code;
  } fire_msg_t;
  localparam logic [7:0] AbortId = 8'h03;
  localparam int unsigned AbortBytes = 2;
  typedef struct packed {
    logic [7:0] id;
    logic [7:0] sequence_;
  } abort_msg_t;
  localparam logic [7:0] HeartbeatId = 8'h04;
  localparam int unsigned HeartbeatBytes = 2;
  typedef struct packed {
    logic [7:0] id;
    logic [7:0] sequence_;
  } heartbeat_msg_t;
  localparam logic [7:0] StatusRequestId = 8'h05;
  localparam int unsigned StatusRequestBytes = 2;
  typedef struct packed {
    logic [7:0] id;
    logic [7:0] sequence_;
  } status_request_msg_t;
  localparam logic [7:0] TimeId = 8'h06;
  localparam int unsigned TimeBytes = 7;
  typedef struct packed {
    logic [7:0] id;
    logic [7:0] sequence_;
    logic [31:0] at_pps_us;
    logic [7:0] slot;
  } time_msg_t;
  localparam int unsigned MsgTimeAtPpsUsMin = 0;
  localparam int unsigned MsgTimeAtPpsUsMax = 32'd3_999_999_999;
  localparam int unsigned MsgTimeSlotMin = 0;
  localparam int unsigned MsgTimeSlotMax = 7;
  localparam logic [7:0] AckId = 8'h81;
  localparam int unsigned AckBytes = 4;
  typedef struct packed {
    logic [7:0] id;
    logic [7:0] sequence_;
    logic [7:0] command;  // command_e
    logic [7:0] command_sequence;
  } ack_msg_t;
  localparam logic [7:0] RefusalId = 8'h82;
  localparam int unsigned RefusalBytes = 5;
  typedef struct packed {
    logic [7:0] id;
    logic [7:0] sequence_;
    logic [7:0] command;  // command_e
    logic [7:0] command_sequence;
    logic [7:0] reason;  // reason_e
  } refusal_msg_t;
  localparam logic [7:0] StatusId = 8'h83;
  localparam int unsigned StatusBytes = 15;
  typedef struct packed {
    logic [7:0] id;
    logic [7:0] sequence_;
    logic [7:0] state;  // state_e
    logic [7:0] step;  // step_e
    logic arm_enable;
    logic fire_enable;
    logic key_a;
    logic key_b;
    logic crew_safe;
    logic hatch_open;
    logic umbilical_intact;
    logic power_good;
    logic latch_open;
    logic spent;
    logic replies_lost;
    logic [1:0] sync;  // sync_e
    logic [2:0] pad_0;
    logic [7:0] last_sequence;
    logic [31:0] counter;
    logic [31:0] time_us;
  } status_msg_t;

  // Machine sequencer
  typedef enum logic [3:0] {
    SequencerSafe = 4'd0,
    SequencerArmed = 4'd1,
    SequencerStepPower = 4'd2,
    SequencerStepUnlock = 4'd3,
    SequencerStepRelease = 4'd4,
    SequencerAway = 4'd5,
    SequencerHangFire = 4'd6,
    SequencerMisfire = 4'd7,
    SequencerFault = 4'd8
  } sequencer_state_e;
  localparam sequencer_state_e SequencerInitial = SequencerSafe;
  typedef enum logic [3:0] {
    SequencerEventIllegalState = 4'd0,
    SequencerEventPowerLost = 4'd1,
    SequencerEventUmbilicalBroken = 4'd2,
    SequencerEventInterlockLost = 4'd3,
    SequencerEventPowerGoodLost = 4'd4,
    SequencerEventLatchClosed = 4'd5,
    SequencerEventAbort = 4'd6,
    SequencerEventLinkLost = 4'd7,
    SequencerEventSequenceStuck = 4'd8,
    SequencerEventPowerConfirmed = 4'd9,
    SequencerEventLatchConfirmed = 4'd10,
    SequencerEventFire = 4'd11,
    SequencerEventArm = 4'd12,
    SequencerEventTimeout = 4'd13
  } sequencer_event_e;
  typedef struct packed {
    logic illegal_state;
    logic power_lost;
    logic umbilical_broken;
    logic interlock_lost;
    logic power_good_lost;
    logic latch_closed;
    logic abort;
    logic link_lost;
    logic sequence_stuck;
    logic power_confirmed;
    logic latch_confirmed;
    logic fire;
    logic arm;
    logic timeout;
  } sequencer_events_t;
  typedef struct packed {
    logic spent;
    logic fire_permitted;
    logic arm_permitted;
  } sequencer_guards_t;
  typedef struct packed {
    logic enter_unlock;
    logic enter_release;
    logic close_window;
    logic enter_power;
    logic open_window;
  } sequencer_effects_t;
  typedef struct packed {
    logic taken;
    sequencer_state_e state;
    sequencer_event_e cause;
    sequencer_effects_t effects;
  } sequencer_step_t;

  function automatic sequencer_step_t sequencer_next(
      input sequencer_state_e state,
      input sequencer_events_t events,
      input sequencer_guards_t guards
  );
    sequencer_step_t step;
    step = '{taken: 1'b0, state: state, cause: SequencerEventIllegalState, effects: '0};
    unique case (state)
      SequencerSafe: begin
        if (events.illegal_state) begin  // INT-012
          step = '{1'b1, SequencerFault, SequencerEventIllegalState, '0};
        end else if (events.umbilical_broken && guards.spent) begin  // INT-009
          step = '{1'b1, SequencerAway, SequencerEventUmbilicalBroken, '0};
        end else if (events.arm && guards.arm_permitted) begin  // INT-004
          step = '{1'b1, SequencerArmed, SequencerEventArm, '0};
          step.effects.open_window = 1'b1;
        end
      end
      SequencerArmed: begin
        if (events.illegal_state) begin  // INT-012
          step = '{1'b1, SequencerFault, SequencerEventIllegalState, '0};
        end else if (events.power_lost) begin  // INT-002: all else is reset too.
          step = '{1'b1, SequencerSafe, SequencerEventPowerLost, '0};
        end else if (events.umbilical_broken) begin  // INT-003
          step = '{1'b1, SequencerSafe, SequencerEventUmbilicalBroken, '0};
        end else if (events.interlock_lost) begin  // INT-003
          step = '{1'b1, SequencerSafe, SequencerEventInterlockLost, '0};
        end else if (events.abort) begin  // INT-006
          step = '{1'b1, SequencerSafe, SequencerEventAbort, '0};
        end else if (events.link_lost) begin  // INT-011
          step = '{1'b1, SequencerSafe, SequencerEventLinkLost, '0};
        end else if (events.fire && guards.fire_permitted) begin  // INT-004
          step = '{1'b1, SequencerStepPower, SequencerEventFire, '0};
          step.effects.enter_power = 1'b1;
        end else if (events.timeout) begin  // INT-005
          step = '{1'b1, SequencerSafe, SequencerEventTimeout, '0};
          step.effects.close_window = 1'b1;
        end
      end
      SequencerStepPower: begin
        if (events.illegal_state) begin  // INT-012
          step = '{1'b1, SequencerFault, SequencerEventIllegalState, '0};
        end else if (events.power_lost) begin  // INT-002: all else is reset too.
          step = '{1'b1, SequencerSafe, SequencerEventPowerLost, '0};
        end else if (events.umbilical_broken) begin  // INT-003
          step = '{1'b1, SequencerSafe, SequencerEventUmbilicalBroken, '0};
        end else if (events.interlock_lost) begin  // INT-003
          step = '{1'b1, SequencerSafe, SequencerEventInterlockLost, '0};
        end else if (events.abort) begin  // INT-006
          step = '{1'b1, SequencerSafe, SequencerEventAbort, '0};
        end else if (events.link_lost) begin  // INT-011
          step = '{1'b1, SequencerSafe, SequencerEventLinkLost, '0};
        end else if (events.sequence_stuck) begin  // INT-012
          step = '{1'b1, SequencerFault, SequencerEventSequenceStuck, '0};
        end else if (events.power_confirmed) begin  // INT-007
          step = '{1'b1, SequencerStepUnlock, SequencerEventPowerConfirmed, '0};
          step.effects.enter_unlock = 1'b1;
        end else if (events.timeout) begin  // INT-007
          step = '{1'b1, SequencerMisfire, SequencerEventTimeout, '0};
        end
      end
      SequencerStepUnlock: begin
        if (events.illegal_state) begin  // INT-012
          step = '{1'b1, SequencerFault, SequencerEventIllegalState, '0};
        end else if (events.power_lost) begin  // INT-002: all else is reset too.
          step = '{1'b1, SequencerSafe, SequencerEventPowerLost, '0};
        end else if (events.umbilical_broken) begin  // INT-003
          step = '{1'b1, SequencerSafe, SequencerEventUmbilicalBroken, '0};
        end else if (events.interlock_lost) begin  // INT-003
          step = '{1'b1, SequencerSafe, SequencerEventInterlockLost, '0};
        end else if (events.power_good_lost) begin  // INT-003
          step = '{1'b1, SequencerSafe, SequencerEventPowerGoodLost, '0};
        end else if (events.abort) begin  // INT-006
          step = '{1'b1, SequencerSafe, SequencerEventAbort, '0};
        end else if (events.link_lost) begin  // INT-011
          step = '{1'b1, SequencerSafe, SequencerEventLinkLost, '0};
        end else if (events.sequence_stuck) begin  // INT-012
          step = '{1'b1, SequencerFault, SequencerEventSequenceStuck, '0};
        end else if (events.latch_confirmed) begin  // INT-007
          step = '{1'b1, SequencerStepRelease, SequencerEventLatchConfirmed, '0};
          step.effects.enter_release = 1'b1;
        end else if (events.timeout) begin  // INT-007
          step = '{1'b1, SequencerMisfire, SequencerEventTimeout, '0};
        end
      end
      SequencerStepRelease: begin
        if (events.illegal_state) begin  // INT-012
          step = '{1'b1, SequencerFault, SequencerEventIllegalState, '0};
        end else if (events.power_lost) begin  // INT-002: all else is reset too.
          step = '{1'b1, SequencerSafe, SequencerEventPowerLost, '0};
        end else if (events.umbilical_broken) begin  // INT-008
          step = '{1'b1, SequencerAway, SequencerEventUmbilicalBroken, '0};
        end else if (events.interlock_lost) begin  // INT-003
          step = '{1'b1, SequencerSafe, SequencerEventInterlockLost, '0};
        end else if (events.power_good_lost) begin  // INT-003
          step = '{1'b1, SequencerSafe, SequencerEventPowerGoodLost, '0};
        end else if (events.latch_closed) begin  // INT-003
          step = '{1'b1, SequencerSafe, SequencerEventLatchClosed, '0};
        end else if (events.abort) begin  // INT-006
          step = '{1'b1, SequencerSafe, SequencerEventAbort, '0};
        end else if (events.link_lost) begin  // INT-011
          step = '{1'b1, SequencerSafe, SequencerEventLinkLost, '0};
        end else if (events.sequence_stuck) begin  // INT-012
          step = '{1'b1, SequencerFault, SequencerEventSequenceStuck, '0};
        end else if (events.timeout) begin  // INT-009
          step = '{1'b1, SequencerHangFire, SequencerEventTimeout, '0};
        end
      end
      SequencerAway: begin
        if (events.illegal_state) begin  // INT-012
          step = '{1'b1, SequencerFault, SequencerEventIllegalState, '0};
        end else if (events.power_lost) begin  // INT-002: all else is reset too.
          step = '{1'b1, SequencerSafe, SequencerEventPowerLost, '0};
        end
      end
      SequencerHangFire: begin
        if (events.illegal_state) begin  // INT-012
          step = '{1'b1, SequencerFault, SequencerEventIllegalState, '0};
        end else if (events.power_lost) begin  // INT-002: all else is reset too.
          step = '{1'b1, SequencerSafe, SequencerEventPowerLost, '0};
        end else if (events.umbilical_broken) begin  // INT-009: late away.
          step = '{1'b1, SequencerAway, SequencerEventUmbilicalBroken, '0};
        end else if (events.interlock_lost) begin  // INT-003
          step = '{1'b1, SequencerSafe, SequencerEventInterlockLost, '0};
        end else if (events.abort) begin  // INT-006
          step = '{1'b1, SequencerSafe, SequencerEventAbort, '0};
        end else if (events.link_lost) begin  // INT-011
          step = '{1'b1, SequencerSafe, SequencerEventLinkLost, '0};
        end else if (events.timeout) begin  // INT-009
          step = '{1'b1, SequencerMisfire, SequencerEventTimeout, '0};
        end
      end
      SequencerMisfire: begin
        if (events.illegal_state) begin  // INT-012
          step = '{1'b1, SequencerFault, SequencerEventIllegalState, '0};
        end else if (events.power_lost) begin  // INT-002: all else is reset too.
          step = '{1'b1, SequencerSafe, SequencerEventPowerLost, '0};
        end else if (events.umbilical_broken && guards.spent) begin  // INT-009
          step = '{1'b1, SequencerAway, SequencerEventUmbilicalBroken, '0};
        end else if (events.interlock_lost) begin  // INT-003
          step = '{1'b1, SequencerSafe, SequencerEventInterlockLost, '0};
        end else if (events.abort) begin  // INT-006
          step = '{1'b1, SequencerSafe, SequencerEventAbort, '0};
        end else if (events.link_lost) begin  // INT-011
          step = '{1'b1, SequencerSafe, SequencerEventLinkLost, '0};
        end
      end
      SequencerFault: begin
        if (events.power_lost) begin  // INT-002: all else is reset too.
          step = '{1'b1, SequencerSafe, SequencerEventPowerLost, '0};
        end else if (events.umbilical_broken && guards.spent) begin  // INT-009
          step = '{1'b1, SequencerAway, SequencerEventUmbilicalBroken, '0};
        end
      end
      default: begin
        if (events.illegal_state) begin  // INT-012
          step = '{1'b1, SequencerFault, SequencerEventIllegalState, '0};
        end else if (events.power_lost) begin  // INT-002: all else is reset too.
          step = '{1'b1, SequencerSafe, SequencerEventPowerLost, '0};
        end
      end
    endcase
    return step;
  endfunction

  function automatic int unsigned sequencer_timeout_clocks(input sequencer_state_e state);
    unique case (state)
      SequencerArmed: return ArmWindowClocks;
      SequencerStepPower: return StepPowerClocks;
      SequencerStepUnlock: return StepUnlockClocks;
      SequencerStepRelease: return StepReleaseClocks;
      SequencerHangFire: return HangFireClocks;
      default: return 0;
    endcase
  endfunction

  function automatic logic sequencer_legal(input sequencer_state_e state, input command_e command);
    unique case (command)
      CommandArm:
        return state == SequencerSafe;
      CommandFire:
        return state == SequencerArmed;
      CommandAbort, CommandHeartbeat, CommandStatusRequest, CommandTime:
        return state inside {SequencerSafe, SequencerArmed, SequencerStepPower, SequencerStepUnlock,
            SequencerStepRelease, SequencerAway, SequencerHangFire, SequencerMisfire,
            SequencerFault};
      default: return 1'b0;
    endcase
  endfunction

  function automatic outputs_t sequencer_outputs(input sequencer_state_e state);
    outputs_t outputs;  // a code that is no state holds none active
    outputs.ready = state inside {SequencerStepPower, SequencerStepUnlock, SequencerStepRelease};
    outputs.unlock = state inside {SequencerStepUnlock, SequencerStepRelease};
    outputs.release_ = state == SequencerStepRelease;
    outputs.fault = state inside {SequencerMisfire, SequencerFault};
    return outputs;
  endfunction
endpackage
// verilator lint_on SYMRSVDWORD
