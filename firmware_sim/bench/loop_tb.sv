// SPDX-License-Identifier: Apache-2.0
// The interceptors of a bench, side by side, for the bench inside the simulator. Each has the clock while its seat is
// enabled. bench_clock_i is for who looks at the waves: quiet spans take no time there.
module loop_tb
  import icd_pkg::*;
#(
  parameter int unsigned Seats = 4
) (
  input  logic             clk_i,
  input  logic [63:0]      bench_clock_i,
  input  logic             enable_i   [Seats],
  input  logic             rst_ni     [Seats],
  input  wires_t           wires_i    [Seats],
  input  logic             uart_rx_i  [Seats],
  output logic             uart_tx_o  [Seats],
  output outputs_t         outputs_o  [Seats],
  output logic             quiet_o    [Seats],
  output logic             powered_o  [Seats],
  output sequencer_state_e state_o    [Seats],
  output sequencer_event_e cause_o    [Seats],
  output logic             answer_o   [Seats],
  output logic             refused_o  [Seats],
  output command_e         command_o  [Seats],
  output reason_e          reason_o   [Seats]
);
  for (genvar s = 0; s < Seats; s++) begin : gen_seat
    wire clk = clk_i && enable_i[s];
    interceptor_top u_interceptor (
      .clk_i     (clk),
      .rst_ni    (rst_ni[s]),
      .wires_i   (wires_i[s]),
      .uart_rx_i (uart_rx_i[s]),
      .uart_tx_o (uart_tx_o[s]),
      .outputs_o (outputs_o[s]),
      .quiet_o   (quiet_o[s]),
      .powered_o (powered_o[s]),
      .state_o   (state_o[s]),
      .cause_o   (cause_o[s]),
      .answer_o  (answer_o[s]),
      .refused_o (refused_o[s]),
      .command_o (command_o[s]),
      .reason_o  (reason_o[s]),
      .reject_o  ()
    );
  end
endmodule
