// SPDX-License-Identifier: Apache-2.0
// Each line is what enough of its wires say, two of three where it has three, and follows its pins in time (INT-001).

// One line, voted from the levels of its wires.
module line_proof
  import icd_pkg::*;
#(
  parameter int unsigned Wires = 1,
  parameter int unsigned PinW = 1,
  parameter int unsigned DebounceClocks = 1
) (
  input logic                       clk_i,
  input logic                       rst_ni,
  input logic [Wires-1:0]           seen_i,  // the debouncers' rules are in force
  input logic [Wires-1:0]           level_i,
  input logic                       line_i,
  input logic [Wires-1:0][PinW-1:0] inactive_i,  // clock edges since which a wire's pin is so
  input logic [Wires-1:0][PinW-1:0] active_i
);
  localparam logic [PinW-1:0] Late = PinW'(SynchroniserClocks + DebounceClocks + VoteClocks);

  logic vote;
  logic begun_q = 1'b0;
  wire seen = &seen_i;

  function automatic logic majority(input logic [2:0] wires);
    return (wires[0] && wires[1]) || (wires[0] && wires[2]) || (wires[1] && wires[2]);
  endfunction

  if (Wires == 3) begin : gen_three
    logic [2:0] lost, gained;
    for (genvar w = 0; w < 3; w++) begin : gen_wire
      assign lost[w]   = inactive_i[w] >= Late;
      assign gained[w] = active_i[w] >= Late;
    end
    assign vote = majority(level_i);
    always_ff @(posedge clk_i) begin
      if (seen) begin
        a_lost : assert (!majority(lost) || !line_i);
        a_gained : assert (!majority(gained) || line_i);
      end
      // From registers that hold anything: no case from reset on is long enough for such a line.
      c_two_of_three : cover ($past(rst_ni) && line_i && $past(level_i) == 3'b101);
      c_one_of_three : cover ($past(rst_ni) && !line_i && $past(level_i) == 3'b010);
    end
  end else begin : gen_one
    assign vote = level_i[0];
    always_ff @(posedge clk_i) begin
      if (seen) begin
        a_lost : assert (inactive_i[0] < Late || !line_i);
        a_gained : assert (active_i[0] < Late || line_i);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    begun_q <= 1'b1;
    // From any register contents.
    if (begun_q && $past(rst_ni)) a_voted : assert (line_i == $past(vote));
  end
endmodule

module interlock_proof
  import icd_pkg::*;
(
  input logic   clk_i,
  input logic   rst_ni,
  input wires_t level,
  input lines_t lines_o,
  input lines_t lines_before_o,
  input logic   quiet_o
);
  logic seen_q = 1'b0;

`define HIL_LINE(name, Name) \
  localparam int unsigned Name``PinW \
      = $clog2(SynchroniserClocks + Name``DebounceClocks + VoteClocks + LogicClocks + 1); \
  logic [Name``Wires-1:0] name``_seen; \
  logic [Name``Wires-1:0][Name``PinW-1:0] name``_inactive, name``_active; \
  for (genvar w = 0; w < Name``Wires; w++) begin : gen_``name``_pins \
    assign name``_seen[w]     = interlock.gen_``name[w].u_debounce.u_proof.seen_q; \
    assign name``_inactive[w] = interlock.gen_``name[w].u_debounce.u_proof.inactive_q; \
    assign name``_active[w]   = interlock.gen_``name[w].u_debounce.u_proof.active_q; \
  end \
  line_proof #( \
    .Wires          (Name``Wires), \
    .PinW           (Name``PinW), \
    .DebounceClocks (Name``DebounceClocks) \
  ) u_``name ( \
    .clk_i      (clk_i), \
    .rst_ni     (rst_ni), \
    .seen_i     (name``_seen), \
    .level_i    (level.name), \
    .line_i     (lines_o.name), \
    .inactive_i (name``_inactive), \
    .active_i   (name``_active) \
  );

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
    if (!rst_ni) seen_q <= 1'b1;
    if (seen_q && $past(rst_ni)) begin
      a_before : assert (lines_before_o == $past(lines_o));
      a_quiet : assert (!$past(quiet_o) || lines_o == $past(lines_o));
      c_follows : cover (lines_o.pps && !lines_before_o.pps);
    end
    if (seen_q && !$past(rst_ni)) begin
      a_reset : assert (lines_o == '0 && lines_before_o == '0);
    end
  end
endmodule

bind interlock interlock_proof u_proof (.*);
