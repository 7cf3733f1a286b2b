// SPDX-License-Identifier: Apache-2.0
// A level counts when, and only when, it was sampled DebounceClocks times in a row (INT-001).
//
// Like every proof here it is bound to the module, starts from registers that hold anything, and has its rules
// in force from the first reset on.
module debounce_proof
  import icd_pkg::*;
#(
  parameter  int unsigned DebounceClocks = 1,
  localparam int unsigned CountW = $clog2(DebounceClocks + 1),
  // From the pin to the outputs of the whole: through this, the vote and the logic.
  localparam int unsigned PinClocks = SynchroniserClocks + DebounceClocks + VoteClocks + LogicClocks,
  localparam int unsigned PinW = $clog2(PinClocks + 1)
) (
  input logic                          clk_i,
  input logic                          rst_ni,
  input logic                          wire_i,
  input logic                          level_o,
  input logic                          quiet_o,
  input logic [SynchroniserClocks-1:0] sync_q,
  input logic [CountW-1:0]             count_q
);
  localparam logic [CountW-1:0] Enough = CountW'(DebounceClocks);

  logic seen_q = 1'b0;
  logic [SynchroniserClocks:0] pin_q;  // as sampled, the youngest rightmost
  logic [CountW-1:0] run_q;  // so many times in a row the oldest of them was sampled; stops at Enough
  logic [PinW-1:0] inactive_q, active_q;  // clock edges since which the pin is so; stop at PinClocks

  wire oldest = pin_q[SynchroniserClocks];
  wire same = oldest == pin_q[SynchroniserClocks-1];

  function automatic logic [PinW-1:0] longer(input logic [PinW-1:0] clocks);
    return clocks == PinW'(PinClocks) ? clocks : clocks + 1'b1;
  endfunction

  // How long the pin is at a level, as far as the run of its samples tells it.
  function automatic logic told(input logic [PinW-1:0] clocks, input logic level);
    for (int unsigned i = 0; i <= SynchroniserClocks; i++) begin
      if (clocks > PinW'(i) && pin_q[i] != level) return 1'b0;
    end
    if (clocks <= PinW'(SynchroniserClocks)) return 1'b1;
    return run_q == Enough || 32'(run_q) >= 32'(clocks) - SynchroniserClocks;
  endfunction

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      seen_q     <= 1'b1;
      pin_q      <= '0;
      run_q      <= Enough;
      inactive_q <= '0;
      active_q   <= '0;
    end else begin
      pin_q      <= {pin_q[SynchroniserClocks-1:0], wire_i};
      run_q      <= !same ? CountW'(1) : run_q == Enough ? run_q : run_q + 1'b1;
      inactive_q <= wire_i ? '0 : longer(inactive_q);
      active_q   <= wire_i ? longer(active_q) : '0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (seen_q) begin
      // What the registers hold.
      a_bounded : assert (run_q <= Enough && inactive_q <= PinW'(PinClocks) && active_q <= PinW'(PinClocks));
      a_synchronised : assert (sync_q == pin_q[SynchroniserClocks-1:0]);
      a_told : assert (told(inactive_q, 1'b0) && told(active_q, 1'b1));
      a_counted : assert (oldest == level_o || (count_q == run_q && run_q < Enough));
      // INT-001: a shorter pulse leaves no mark.
      a_no_mark : assert (oldest != level_o || count_q == '0);
      a_shorter_is_nothing : assert (!$past(rst_ni) || run_q == Enough || level_o == $past(level_o));
      // INT-001: a pulse that is long enough counts.
      a_long_enough_counts : assert (run_q != Enough || level_o == oldest);
      a_lost : assert (inactive_q < PinW'(SynchroniserClocks + DebounceClocks) || !level_o);
      a_gained : assert (active_q < PinW'(SynchroniserClocks + DebounceClocks) || level_o);
      a_quiet : assert (!$past(rst_ni && quiet_o) || level_o == $past(level_o));
    end
  end

  always_ff @(posedge clk_i) begin
    if (seen_q && rst_ni && $past(rst_ni)) begin
      c_rises : cover (level_o && !$past(level_o));
      c_falls : cover (!level_o && $past(level_o));
      c_one_short : cover (oldest == level_o && $past(oldest != level_o && count_q == Enough - 1'b1));
    end
  end
endmodule

bind debounce debounce_proof #(.DebounceClocks(DebounceClocks)) u_proof (.*);
