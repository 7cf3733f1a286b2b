// SPDX-License-Identifier: Apache-2.0
// The interceptor with one violation put in by force, which +plant=NAME chooses; +power first powers it.
module assertions_tb;
  import icd_pkg::*;

  logic clk = 1'b0, rst_n = 1'b0;
  wires_t wires = WiresActiveLow;
  string plant = "";

  interceptor_top dut (
    .clk_i     (clk),
    .rst_ni    (rst_n),
    .wires_i   (wires),
    .uart_rx_i (1'b1),
    .uart_tx_o (),
    .outputs_o (),
    .quiet_o   (),
    .powered_o (),
    .state_o   (),
    .cause_o   (),
    .answer_o  (),
    .refused_o (),
    .command_o (),
    .reason_o  (),
    .reject_o  ()
  );

  initial forever #5 clk = !clk;

  initial begin
    if ($value$plusargs("plant=%s", plant)) $display("plant %s", plant);
    repeat (8) @(negedge clk);
    rst_n = 1'b1;
    if ($test$plusargs("power")) wires.power = ~wires.power;
    repeat (500) @(negedge clk);
    case (plant)
      "line": force dut.u_uart_tx.tx_q = 1'b0;
      "level": force dut.u_interlock.gen_key_a[0].u_debounce.level_q = 1'b1;
      "release": force dut.u_sequencer.outputs_q = '{release_: 1'b1, default: 1'b0};
      "rest": force dut.u_slew.rest_q = '1;
      default: ;
    endcase
    repeat (20) @(negedge clk);
    $display("over");
    $finish;
  end
endmodule
