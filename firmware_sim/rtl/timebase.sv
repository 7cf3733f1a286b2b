// SPDX-License-Identifier: Apache-2.0
// The microsecond counter, disciplined by a pulse per second (INT-014).
//
// A microsecond is ClocksPerUs clocks; while a correction is pending, one whose value is a multiple of
// SlewIntervalUs is SlewClocks longer or shorter. A pulse measures how far the counter is ahead: up to
// JumpLimitClocks become the pending correction, more loads the counter. Without a time message the pulse
// stands for the nearest full second.
//
// us_o and cycle_us_o are what the counter will read after this clock; tick_o says that a microsecond begins
// then, by counting; load_o that the counter is loaded instead.
module timebase
  import icd_pkg::*;
#(
  localparam int unsigned CycleW = $clog2(SlotCycleUs),
  localparam int unsigned SecondW = $clog2(PpsPeriodUs),
  localparam int unsigned SlewW = $clog2(SlewIntervalUs)
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               pulse_i,
  input  logic               expect_i,       // a time message takes effect
  input  logic [31:0]        at_pps_us_i,    // what the counter ought to read at the next pulse
  input  logic [CycleW-1:0]  at_cycle_us_i,  // the same within the cycle, the second, the slew interval
  input  logic [SecondW-1:0] at_second_us_i,
  input  logic [SlewW-1:0]   at_slew_us_i,
  output logic               tick_o,
  output logic               load_o,
  output logic [31:0]        us_o,
  output logic [CycleW-1:0]  cycle_us_o,
  output sync_e              sync_o
);
  localparam int unsigned LengthW = $clog2(ClocksPerUs + SlewClocks + 1);
  localparam int unsigned PendingW = $clog2(JumpLimitClocks + 1) + 1;
  localparam int unsigned AheadW = 40;  // signed: the counter's range in clocks, and more
  localparam int unsigned FreeClocks = PpsLostClocks + HoldoverLimitClocks;
  localparam int unsigned SinceW = $clog2(FreeClocks);
  localparam int unsigned HalfSecondUs = PpsPeriodUs / 2;
  localparam int unsigned HalfWrapUs = TimeWrapUs / 2;

  typedef logic signed [AheadW-1:0] ahead_t;
  typedef logic signed [PendingW-1:0] pending_t;

  // What only counts.
  logic [LengthW-1:0] phase_q;
  logic [31:0] us_q;
  logic [CycleW-1:0] cycle_us_q;
  logic [SecondW-1:0] second_us_q;
  logic [SlewW-1:0] slew_us_q;
  logic [SinceW-1:0] since_pps_q;

  logic [LengthW-1:0] length_q, phase_next, length_next;
  pending_t pending_q, pending_next, adjustment;
  logic seen_q, expected_q;
  logic [31:0] target_us_q, us_next;
  logic [CycleW-1:0] target_cycle_us_q, cycle_us_next;
  logic [SecondW-1:0] target_second_us_q, second_us_next;
  logic [SlewW-1:0] target_slew_us_q, slew_us_next;
  logic tick;

  always_comb begin
    tick           = phase_q == length_q - 1'b1;
    phase_next     = tick ? '0 : phase_q + 1'b1;
    us_next        = us_q;
    cycle_us_next  = cycle_us_q;
    second_us_next = second_us_q;
    slew_us_next   = slew_us_q;
    adjustment     = '0;
    length_next    = length_q;
    if (tick) begin
      us_next        = us_q == 32'(TimeWrapUs - 1) ? '0 : us_q + 1'b1;
      cycle_us_next  = cycle_us_q == CycleW'(SlotCycleUs - 1) ? '0 : cycle_us_q + 1'b1;
      second_us_next = second_us_q == SecondW'(PpsPeriodUs - 1) ? '0 : second_us_q + 1'b1;
      slew_us_next   = slew_us_q == SlewW'(SlewIntervalUs - 1) ? '0 : slew_us_q + 1'b1;
      if (slew_us_next == '0 && pending_q > pending_t'(0)) begin
        adjustment = pending_q < pending_t'(SlewClocks) ? pending_q : pending_t'(SlewClocks);
      end else if (slew_us_next == '0 && pending_q < pending_t'(0)) begin
        adjustment = pending_q > -pending_t'(SlewClocks) ? pending_q : -pending_t'(SlewClocks);
      end
      length_next = LengthW'(ClocksPerUs) + adjustment[LengthW-1:0];
    end
    pending_next = pending_q - adjustment;
  end

  // How far the counter is ahead of what it ought to read, in clocks.
  ahead_t ahead_us, ahead;
  logic jump;  // of a pulse, too far to be slewed
  logic [31:0] second_us;  // the nearest second, where nothing else was expected
  always_comb begin
    ahead_us  = '0;
    ahead     = '0;
    second_us = '0;
    if (pulse_i && expected_q) begin
      ahead_us = ahead_t'({1'b0, us_next}) - ahead_t'({1'b0, target_us_q});
      if (ahead_us < 0) ahead_us = ahead_us + ahead_t'({1'b0, TimeWrapUs});
      if (ahead_us >= ahead_t'({1'b0, HalfWrapUs})) ahead_us = ahead_us - ahead_t'({1'b0, TimeWrapUs});
    end else if (pulse_i) begin
      ahead_us = ahead_t'({1'b0, second_us_next});
      if (ahead_us >= ahead_t'(HalfSecondUs)) ahead_us = ahead_us - ahead_t'(PpsPeriodUs);
      // It may lie beyond the wrap.
      if (ahead_us >= 0 || us_next < 32'(TimeWrapUs - HalfSecondUs)) second_us = us_next - ahead_us[31:0];
    end
    if (pulse_i) begin
      ahead = ahead_us * ahead_t'(ClocksPerUs) + ahead_t'({1'b0, phase_next}) - ahead_t'(PpsClocks);
    end
    jump = ahead > ahead_t'(JumpLimitClocks) || ahead < -ahead_t'(JumpLimitClocks);
  end

  wire load = jump;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      phase_q     <= '0;
      length_q    <= LengthW'(ClocksPerUs);
      us_q        <= '0;
      cycle_us_q  <= '0;
      second_us_q <= '0;
      slew_us_q   <= '0;
      pending_q   <= '0;
    end else if (load) begin
      phase_q     <= LengthW'(PpsClocks);
      length_q    <= LengthW'(ClocksPerUs);
      us_q        <= expected_q ? target_us_q : second_us;
      cycle_us_q  <= expected_q ? target_cycle_us_q : '0;
      second_us_q <= expected_q ? target_second_us_q : '0;
      slew_us_q   <= expected_q ? target_slew_us_q : '0;
      pending_q   <= '0;
    end else begin
      phase_q     <= phase_next;
      length_q    <= length_next;
      us_q        <= us_next;
      cycle_us_q  <= cycle_us_next;
      second_us_q <= second_us_next;
      slew_us_q   <= slew_us_next;
      pending_q   <= pulse_i ? ahead[PendingW-1:0] : pending_next;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      expected_q         <= 1'b0;
      target_us_q        <= '0;
      target_cycle_us_q  <= '0;
      target_second_us_q <= '0;
      target_slew_us_q   <= '0;
      seen_q             <= 1'b0;
      since_pps_q        <= '0;
    end else begin
      if (expect_i) begin
        expected_q         <= 1'b1;
        target_us_q        <= at_pps_us_i;
        target_cycle_us_q  <= at_cycle_us_i;
        target_second_us_q <= at_second_us_i;
        target_slew_us_q   <= at_slew_us_i;
      end else if (pulse_i) begin
        expected_q <= 1'b0;
      end
      if (pulse_i) begin
        seen_q      <= 1'b1;
        since_pps_q <= '0;
      end else if (since_pps_q != SinceW'(FreeClocks - 1)) begin
        since_pps_q <= since_pps_q + 1'b1;
      end
    end
  end

  assign tick_o     = tick && !load;
  assign load_o     = load;
  assign us_o       = us_next;
  assign cycle_us_o = cycle_us_next;

  always_comb begin
    if (!seen_q || since_pps_q == SinceW'(FreeClocks - 1)) sync_o = SyncFree;
    else if (since_pps_q >= SinceW'(PpsLostClocks - 1)) sync_o = SyncHoldover;
    else sync_o = SyncLocked;
  end

  // The counters within the cycle, the second and the slew interval wrap with the counter itself.
  if (TimeWrapUs % PpsPeriodUs != 0 || TimeWrapUs % SlotCycleUs != 0 || PpsPeriodUs % SlotCycleUs != 0
      || PpsPeriodUs % SlewIntervalUs != 0 || PpsClocks >= ClocksPerUs) begin : gen_refuse
    $error("the ICD's counter, second, cycle and slew interval must be multiples of one another");
  end

`ifndef NO_SVA
  a_slew : assert property (@(posedge clk_i) disable iff (!rst_ni)
    length_q >= LengthW'(ClocksPerUs - SlewClocks) && length_q <= LengthW'(ClocksPerUs + SlewClocks));
  a_pending : assert property (@(posedge clk_i) disable iff (!rst_ni)
    pending_q <= pending_t'(JumpLimitClocks) && pending_q >= -pending_t'(JumpLimitClocks));
  a_phase : assert property (@(posedge clk_i) disable iff (!rst_ni) phase_q < length_q);
`endif
endmodule
