// SPDX-License-Identifier: Apache-2.0
// When the umbilical may be spoken on (INT-013).
//
// PrepareUs before the assigned slot its frames are composed; at its begin they leave. What moves the begin in
// between (a load of the counter, another slot, a break of the umbilical) drops what was composed. A slot that
// comes, so moved, while the umbilical is still being spoken on is passed over: nothing is composed.
module status_slot
  import icd_pkg::*;
#(
  localparam int unsigned CycleW = $clog2(SlotCycleUs),
  localparam int unsigned SlotW = $clog2(SlotCount)
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              intact_i,    // the umbilical
  input  logic              tick_i,      // a microsecond begins, by counting
  input  logic              load_i,
  input  logic [CycleW-1:0] cycle_us_i,  // the one that begins
  input  logic              assign_i,
  input  logic [SlotW-1:0]  slot_i,
  input  logic              talking_i,
  output logic              compose_o,
  output logic              begin_o,
  output logic              drop_o       // what was composed
);
  typedef enum logic [1:0] {
    Silent,
    Waiting,
    Composed
  } state_e;

  state_e state_q, state_d;
  logic [SlotW-1:0] slot_q;

  wire [CycleW-1:0] begin_us = CycleW'(SlotFirstUs) + CycleW'(SlotPitchUs) * CycleW'(slot_q);
  wire [CycleW-1:0] prepare_us = begin_us >= CycleW'(PrepareUs)
      ? begin_us - CycleW'(PrepareUs) : begin_us + CycleW'(SlotCycleUs - PrepareUs);
  wire moved = load_i || (assign_i && slot_i != slot_q);
  // The microsecond of the cycle at whose begin something is to be done.
  wire [CycleW-1:0] awaited_us = state_q == Composed ? begin_us : prepare_us;
  wire awaits = state_q != Silent;
  wire comes = tick_i && cycle_us_i == awaited_us;

  always_comb begin
    state_d   = state_q;
    compose_o = 1'b0;
    begin_o   = 1'b0;
    drop_o    = 1'b0;
    unique case (state_q)
      Silent: state_d = Waiting;
      Waiting: begin
        compose_o = comes && intact_i && !moved && !talking_i;
        if (compose_o) state_d = Composed;
      end
      Composed: begin
        begin_o = comes && intact_i;
        drop_o  = !begin_o && (moved || !intact_i);
        if (begin_o || drop_o) state_d = Waiting;
      end
      default: state_d = Silent;
    endcase
    if (!intact_i) state_d = Silent;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= Silent;
      slot_q  <= SlotW'(DefaultSlot);
    end else begin
      state_q <= state_d;
      if (assign_i) slot_q <= slot_i;
    end
  end

`ifndef NO_SVA
  a_begin_in_slot : assert property (@(posedge clk_i) disable iff (!rst_ni)
    begin_o |-> tick_i && cycle_us_i == begin_us && intact_i);
  a_not_into_a_talk : assert property (@(posedge clk_i) disable iff (!rst_ni) begin_o |-> !talking_i);
  a_composed_first : assert property (@(posedge clk_i) disable iff (!rst_ni)
    begin_o || drop_o |-> state_q == Composed);
`endif
endmodule
