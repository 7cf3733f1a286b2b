// SPDX-License-Identifier: Apache-2.0
// All lines that the launcher drives: polarity taken away, each wire debounced, each line voted (INT-001).
//
// lines_o holds the voted levels, lines_before_o those of the clock before. Works without power; rst_ni is
// the power-on reset.
module interlock
  import icd_pkg::*;
(
  input  logic   clk_i,
  input  logic   rst_ni,
  input  wires_t wires_i,  // pin levels
  output lines_t lines_o,
  output lines_t lines_before_o,
  output logic   quiet_o
);
  wires_t active, level, quiet;
  lines_t voted, lines_q, lines_before_q;

  assign active = wires_i ^ WiresActiveLow;

`define HIL_LINE(name, Name) \
  for (genvar w = 0; w < Name``Wires; w++) begin : gen_``name \
    debounce #(.DebounceClocks(Name``DebounceClocks)) u_debounce ( \
      .clk_i   (clk_i), \
      .rst_ni  (rst_ni), \
      .wire_i  (active.name[w]), \
      .level_o (level.name[w]), \
      .quiet_o (quiet.name[w]) \
    ); \
  end \
  assign voted.name = $countones(level.name) >= Name``Need;

  `HIL_LINE(power, Power)
  `HIL_LINE(arm_enable, ArmEnable)
  `HIL_LINE(fire_enable, FireEnable)
  `HIL_LINE(key_a, KeyA)
  `HIL_LINE(key_b, KeyB)
  `HIL_LINE(crew_safe, CrewSafe)
  `HIL_LINE(hatch_open, HatchOpen)
  `HIL_LINE(pps, Pps)
  `HIL_LINE(umbilical_intact, UmbilicalIntact)
  `HIL_LINE(power_good, PowerGood)
  `HIL_LINE(latch_open, LatchOpen)
`undef HIL_LINE

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      lines_q        <= '0;
      lines_before_q <= '0;
    end else begin
      lines_q        <= voted;
      lines_before_q <= lines_q;
    end
  end

  assign lines_o        = lines_q;
  assign lines_before_o = lines_before_q;
  assign quiet_o        = (&quiet) && lines_q == voted && lines_before_q == lines_q;
endmodule
