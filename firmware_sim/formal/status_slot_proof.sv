// SPDX-License-Identifier: Apache-2.0
// A talk begins at the begin of the assigned slot and nowhere else (INT-013).
`include "environment.svh"
module status_slot_proof
  import icd_pkg::*;
#(
  localparam int unsigned CycleW = $clog2(SlotCycleUs),
  localparam int unsigned SlotW = $clog2(SlotCount)
) (
  input logic              clk_i,
  input logic              rst_ni,
  input logic              intact_i,
  input logic              tick_i,
  input logic              load_i,
  input logic [CycleW-1:0] cycle_us_i,
  input logic              assign_i,
  input logic [SlotW-1:0]  slot_i,
  input logic              talking_i,
  input logic              compose_o,
  input logic              begin_o,
  input logic              drop_o,
  input logic [1:0]        state_q,
  input logic [SlotW-1:0]  slot_q
);
  // As the module numbers them.
  typedef enum logic [1:0] {
    Silent,
    Waiting,
    Composed
  } state_e;

  logic seen_q = 1'b0;
  logic [SlotW-1:0] assigned_q;
  logic composed_q;  // and neither begun nor dropped since, nor anything that moves the begin
  logic talked_q;  // since reset

  wire [31:0] slot_us = SlotFirstUs + SlotPitchUs * 32'(assigned_q);
  wire at_slot = tick_i && 32'(cycle_us_i) == slot_us;
  wire moves = load_i || !intact_i || (assign_i && slot_i != assigned_q);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      seen_q     <= 1'b1;
      assigned_q <= SlotW'(DefaultSlot);
      composed_q <= 1'b0;
      talked_q   <= 1'b0;
    end else begin
      if (assign_i) assigned_q <= slot_i;
      composed_q <= (compose_o || composed_q) && !begin_o && !moves;
      talked_q   <= talked_q || begin_o;
    end
    if (seen_q) begin
      e_no_other_talk : `EXPECT (!talking_i || $past(talking_i || begin_o));
    end
  end

  always_ff @(posedge clk_i) begin
    if (seen_q) begin
      // INT-013
      a_begins_in_slot : assert (!begin_o || at_slot);
      a_begins_intact : assert (!begin_o || intact_i);
      a_begins_composed : assert (!begin_o || composed_q);
      a_not_into_a_talk : assert (!begin_o || !talking_i);
      // What was composed leaves at its slot or is dropped.
      a_leaves : assert (!(composed_q && at_slot && intact_i) || begin_o);
      a_dropped : assert (drop_o == (composed_q && moves && !begin_o));
      a_composes : assert (!compose_o || (!composed_q && !moves && !talking_i
          && tick_i && 32'(cycle_us_i) == (slot_us < PrepareUs ? slot_us + SlotCycleUs : slot_us) - PrepareUs));
      // What the registers hold.
      a_composed : assert (composed_q == (state_q == Composed));
      a_silent_while_composed : assert (!composed_q || !talking_i);
      a_slot : assert (slot_q == assigned_q);
      a_state : assert (state_q inside {Silent, Waiting, Composed});
    end
  end

  always_ff @(posedge clk_i) begin
    if (seen_q && rst_ni) begin
      c_begins : cover (begin_o);
      c_begins_elsewhere : cover (begin_o && assigned_q == SlotW'(SlotCount - 1));
      c_begins_again : cover (begin_o && talked_q);
      c_dropped_by_load : cover (drop_o && load_i);
      c_dropped_by_break : cover (drop_o && !intact_i);
      c_dropped_by_assignment : cover (drop_o && assign_i);
      c_passed_over : cover (talking_i && at_slot && intact_i && !begin_o);
    end
  end
endmodule

bind status_slot status_slot_proof u_proof (.state_q(state_q), .*);
