// SPDX-License-Identifier: Apache-2.0
// The interceptor logic behind a launcher cell (notional): lines and umbilical in, lines and umbilical out.
//
// rst_ni resets the input lines alone, once, when the board comes up. Everything else is reset while `power`
// is inactive, and for one clock more, so that what changes together with power is a level and no event.
// quiet_o says that until a changed input is sampled
// nothing moves but counters (firmware_sim/rtl/counters.vlt lists them).
module interceptor_top
  import icd_pkg::*;
(
  input  logic     clk_i,
  input  logic     rst_ni,
  input  wires_t   wires_i,
  input  logic     uart_rx_i,
  output logic     uart_tx_o,
  output outputs_t outputs_o,  // pin levels
  output logic     quiet_o,
  // what the bench sees beside the pins
  output logic             powered_o,  // not in reset
  output sequencer_state_e state_o,
  output sequencer_event_e cause_o,    // of the last transition
  output logic             answer_o,   // at the next edge a command has its effect: which, and how it fares
  output logic             refused_o,
  output command_e         command_o,
  output reason_e          reason_o,
  output logic             reject_o    // a frame was thrown away
);
  localparam int unsigned KeepBytes = TimeBytes;  // the longest command
  localparam int unsigned MessageBytes = StatusBytes;  // the longest message of ours
  localparam int unsigned PayloadW = $clog2(MaxPayloadBytes + 4);
  localparam int unsigned MessageW = $clog2(MessageBytes + 3);
  localparam int unsigned CycleW = $clog2(SlotCycleUs);
  localparam int unsigned SecondW = $clog2(PpsPeriodUs);
  localparam int unsigned SlewW = $clog2(SlewIntervalUs);
  localparam int unsigned SlotW = $clog2(SlotCount);
  // Of a time message's payload: the bytes that hold at_pps_us.
  localparam int unsigned TagFirst = 2;
  localparam int unsigned TagBytes = 4;

  lines_t lines, lines_before;
  logic powered_q, run, lines_quiet;

  interlock u_interlock (
    .clk_i          (clk_i),
    .rst_ni         (rst_ni),
    .wires_i        (wires_i),
    .lines_o        (lines),
    .lines_before_o (lines_before),
    .quiet_o        (lines_quiet)
  );

  always_ff @(posedge clk_i) powered_q <= lines.power;
  assign run = lines.power && powered_q;

  // -- from the umbilical's pin to a command

  logic rx_valid, rx_parity_error, rx_framing, rx_break, rx_overrun, rx_quiet;
  logic [7:0] rx_data;

  uart_rx #(
    .ClockHz    (ClockHz),
    .BitRateBps (UmbilicalBitRateBps),
    .DataBits   (UmbilicalDataBits),
    .ParityOn   (UmbilicalParityOn),
    .ParityOdd  (UmbilicalParityOdd),
    .StopBits   (UmbilicalStopBits)
  ) u_uart_rx (
    .clk_i          (clk_i),
    .rst_ni         (run),
    .rx_i           (uart_rx_i),
    .valid_o        (rx_valid),
    .data_o         (rx_data),
    .parity_error_o (rx_parity_error),
    .framing_o      (rx_framing),
    .break_o        (rx_break),
    .overrun_o      (rx_overrun),
    .ready_i        (1'b1),
    .quiet_o        (rx_quiet)
  );

  logic frame_good, frame_reject, byte_valid;
  logic [KeepBytes*8-1:0] payload;
  logic [PayloadW-1:0] payload_length, byte_index;
  logic [7:0] decoded_byte;

  frame_rx #(
    .KeepBytes (KeepBytes)
  ) u_frame_rx (
    .clk_i        (clk_i),
    .rst_ni       (run),
    .valid_i      (rx_valid),
    .data_i       (rx_data),
    .flaw_i       (rx_parity_error || rx_framing || rx_break || rx_overrun),
    .good_o       (frame_good),
    .reject_o     (frame_reject),
    .payload_o    (payload),
    .length_o     (payload_length),
    .byte_valid_o (byte_valid),
    .byte_o       (decoded_byte),
    .byte_index_o (byte_index)
  );

  command_e command;
  logic legal, permitted, late, fresh, act, answer, refused, decoder_quiet;
  reason_e reason;
  logic [7:0] command_sequence, last_sequence;
  logic [SlotW-1:0] slot;
  logic [31:0] at_pps_us;

  command_decoder #(
    .KeepBytes (KeepBytes)
  ) u_command_decoder (
    .clk_i           (clk_i),
    .rst_ni          (run),
    .good_i          (frame_good),
    .payload_i       (payload),
    .length_i        (payload_length),
    .command_o       (command),
    .legal_i         (legal),
    .permitted_i     (permitted),
    .late_i          (late),
    .fresh_o         (fresh),
    .act_o           (act),
    .answer_o        (answer),
    .refused_o       (refused),
    .reason_o        (reason),
    .sequence_o      (command_sequence),
    .at_pps_us_o     (at_pps_us),
    .slot_o          (slot),
    .last_sequence_o (last_sequence),
    .quiet_o         (decoder_quiet)
  );

  // -- state

  logic link_lost, sequence_stuck, start, spent, sequencer_quiet;
  sequencer_state_e state;
  sequencer_event_e cause;
  outputs_t outputs;
  step_e step;

  watchdog u_watchdog (
    .clk_i            (clk_i),
    .rst_ni           (run),
    .feed_i           (fresh),
    .start_i          (start),
    .link_lost_o      (link_lost),
    .sequence_stuck_o (sequence_stuck)
  );

  sequencer u_sequencer (
    .clk_i            (clk_i),
    .rst_ni           (run),
    .lines_i          (lines),
    .lines_before_i   (lines_before),
    .command_i        (command),
    .act_i            (act),
    .link_lost_i      (link_lost),
    .sequence_stuck_i (sequence_stuck),
    .legal_o          (legal),
    .permitted_o      (permitted),
    .late_o           (late),
    .state_o          (state),
    .cause_o          (cause),
    .outputs_o        (outputs),
    .step_o           (step),
    .spent_o          (spent),
    .start_o          (start),
    .quiet_o          (sequencer_quiet)
  );

  // -- time: what the next pulse stands for, within each interval, is counted out as its bytes come

  wire tag_valid = byte_valid && byte_index >= PayloadW'(TagFirst) && byte_index < PayloadW'(TagFirst + TagBytes);
  wire tag_first = byte_index == PayloadW'(TagFirst);
  logic [CycleW-1:0] at_cycle_us;
  logic [SecondW-1:0] at_second_us;
  logic [SlewW-1:0] at_slew_us;
  logic cycle_busy, second_busy, slew_busy;

  remainder #(
    .Modulus (SlotCycleUs)
  ) u_cycle (
    .clk_i   (clk_i),
    .rst_ni  (run),
    .first_i (tag_first),
    .valid_i (tag_valid),
    .byte_i  (decoded_byte),
    .rest_o  (at_cycle_us),
    .busy_o  (cycle_busy)
  );

  remainder #(
    .Modulus (PpsPeriodUs)
  ) u_second (
    .clk_i   (clk_i),
    .rst_ni  (run),
    .first_i (tag_first),
    .valid_i (tag_valid),
    .byte_i  (decoded_byte),
    .rest_o  (at_second_us),
    .busy_o  (second_busy)
  );

  remainder #(
    .Modulus (SlewIntervalUs)
  ) u_slew (
    .clk_i   (clk_i),
    .rst_ni  (run),
    .first_i (tag_first),
    .valid_i (tag_valid),
    .byte_i  (decoded_byte),
    .rest_o  (at_slew_us),
    .busy_o  (slew_busy)
  );

  wire timed = act && command == CommandTime;
  logic tick, load;
  logic [31:0] us;
  logic [CycleW-1:0] cycle_us;
  sync_e sync;

  timebase u_timebase (
    .clk_i          (clk_i),
    .rst_ni         (run),
    .pulse_i        (lines.pps && !lines_before.pps),
    .expect_i       (timed),
    .at_pps_us_i    (at_pps_us),
    .at_cycle_us_i  (at_cycle_us),
    .at_second_us_i (at_second_us),
    .at_slew_us_i   (at_slew_us),
    .tick_o         (tick),
    .load_o         (load),
    .us_o           (us),
    .cycle_us_o     (cycle_us),
    .sync_o         (sync)
  );

  // -- the status link

  wire cut = !lines.umbilical_intact;
  logic compose, begin_talk, drop, message_valid, message_done, telemetry_talking;
  logic tx_valid, tx_ready, tx_busy, frame_quiet;
  logic [7:0] tx_data;
  logic [MessageBytes*8-1:0] message;
  logic [MessageW-1:0] message_length;

  status_slot u_status_slot (
    .clk_i      (clk_i),
    .rst_ni     (run),
    .intact_i   (lines.umbilical_intact),
    .tick_i     (tick),
    .load_i     (load),
    .cycle_us_i (cycle_us),
    .assign_i   (timed),
    .slot_i     (slot),
    .talking_i  (telemetry_talking || tx_busy),
    .compose_o  (compose),
    .begin_o    (begin_talk),
    .drop_o     (drop)
  );

  wire [32:0] begin_us = {1'b0, us} + 33'(PrepareUs);
  status_msg_t status;
  always_comb begin
    status = '0;
    if (compose) begin
      status.state            = 8'(state);
      status.step             = 8'(step);
      status.arm_enable       = lines.arm_enable;
      status.fire_enable      = lines.fire_enable;
      status.key_a            = lines.key_a;
      status.key_b            = lines.key_b;
      status.crew_safe        = lines.crew_safe;
      status.hatch_open       = lines.hatch_open;
      status.umbilical_intact = lines.umbilical_intact;
      status.power_good       = lines.power_good;
      status.latch_open       = lines.latch_open;
      status.spent            = spent;
      status.sync             = sync;
      status.last_sequence    = last_sequence;
      status.time_us          = begin_us >= 33'(TimeWrapUs) ? 32'(begin_us - 33'(TimeWrapUs)) : begin_us[31:0];
    end
  end

  telemetry #(
    .MessageBytes (MessageBytes)
  ) u_telemetry (
    .clk_i              (clk_i),
    .rst_ni             (run),
    .stop_i             (cut),
    .compose_i          (compose),
    .begin_i            (begin_talk),
    .drop_i             (drop),
    .status_i           (status),
    // A good heartbeat needs no answer, and a status request is answered by the status.
    .reply_i            (answer && (refused || !(command inside {CommandHeartbeat, CommandStatusRequest}))),
    .refused_i          (refused),
    .command_i          (command),
    .command_sequence_i (command_sequence),
    .reason_i           (reason),
    .valid_o            (message_valid),
    .message_o          (message),
    .length_o           (message_length),
    .done_i             (message_done),
    .talking_o          (telemetry_talking)
  );

  frame_tx #(
    .MessageBytes (MessageBytes)
  ) u_frame_tx (
    .clk_i        (clk_i),
    .rst_ni       (run),
    .stop_i       (cut),
    .valid_i      (message_valid),
    .message_i    (message),
    .length_i     (message_length),
    .done_o       (message_done),
    .byte_valid_o (tx_valid),
    .byte_o       (tx_data),
    .byte_ready_i (tx_ready),
    .quiet_o      (frame_quiet)
  );

  uart_tx #(
    .ClockHz    (ClockHz),
    .BitRateBps (UmbilicalBitRateBps),
    .DataBits   (UmbilicalDataBits),
    .ParityOn   (UmbilicalParityOn),
    .ParityOdd  (UmbilicalParityOdd),
    .StopBits   (UmbilicalStopBits)
  ) u_uart_tx (
    .clk_i   (clk_i),
    .rst_ni  (run),
    .stop_i  (cut),
    .valid_i (tx_valid),
    .data_i  (tx_data),
    .ready_o (tx_ready),
    .tx_o    (uart_tx_o),
    .busy_o  (tx_busy)
  );

  // -- out

  assign outputs_o = outputs ^ OutputsActiveLow;

  assign powered_o = run;
  assign state_o   = state;
  assign cause_o   = cause;
  assign answer_o  = answer;
  assign refused_o = refused;
  assign command_o = command;
  assign reason_o  = reason;
  assign reject_o  = frame_reject;

  wire logic_quiet = rx_quiet && sequencer_quiet && !byte_valid && !frame_good && !frame_reject && decoder_quiet && !cycle_busy
      && !second_busy && !slew_busy && frame_quiet && !tx_busy;
  assign quiet_o = lines_quiet && powered_q == lines.power && (!run || logic_quiet);

`ifndef NO_SVA
  a_unpowered_silent : assert property (@(posedge clk_i) disable iff (!rst_ni)
    !lines.power |=> uart_tx_o && outputs_o == OutputsActiveLow);
  a_broken_silent : assert property (@(posedge clk_i) disable iff (!rst_ni) cut |=> uart_tx_o);
`endif
endmodule
