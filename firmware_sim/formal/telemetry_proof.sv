// SPDX-License-Identifier: Apache-2.0
// A talk is one status and no more replies than wait, each of which stands until it is sent (INT-013).
`include "environment.svh"
module telemetry_proof
  import icd_pkg::*;
#(
  parameter  int unsigned MessageBytes = 16,
  localparam int unsigned LengthW = $clog2(MessageBytes + 3),
  localparam int unsigned RingW = $clog2(2 * ReplyQueue)
) (
  input logic                      clk_i,
  input logic                      rst_ni,
  input logic                      stop_i,
  input logic                      compose_i,
  input logic                      begin_i,
  input logic                      drop_i,
  input logic                      reply_i,
  input logic                      valid_o,
  input logic [LengthW-1:0]        length_o,
  input logic                      done_i,
  input logic                      talking_o,
  input logic [RingW-1:0]          write_q,
  input logic [RingW-1:0]          first_q,
  input logic [RingW-1:0]          read_q,
  input logic [RingW-1:0]          composed_q,
  input logic [RingW-1:0]          left_q,
  input logic                      status_next_q,
  input logic                      room
);
  logic seen_q = 1'b0;
  logic composed_since_q;  // and neither begun nor dropped

  wire [RingW-1:0] waiting = write_q - first_q;
  wire [RingW-1:0] behind = first_q - read_q;  // replies of this talk from the one being sent on

  always_ff @(posedge clk_i) begin
    if (!rst_ni) seen_q <= 1'b1;
    composed_since_q <= rst_ni && (compose_i || composed_since_q) && !begin_i && !drop_i;
    if (seen_q) begin
      // The slot's part.
      e_begins : `EXPECT (!begin_i || (composed_since_q && !talking_o && !stop_i));
      e_composes : `EXPECT (!compose_i || (!composed_since_q && !talking_o));
      e_done : `EXPECT (!done_i || talking_o);
      // No more than the queue holds.
      a_queue : assert (waiting <= RingW'(ReplyQueue));
      a_composed : assert (!composed_since_q || composed_q <= waiting);
      a_left : assert (!talking_o || (left_q <= RingW'(ReplyQueue) && behind <= RingW'(ReplyQueue)
          && behind == left_q + RingW'(!status_next_q)));
      // A talk is opened by begin_i alone, and goes on until its last message is sent.
      a_opened : assert (!talking_o || $past(talking_o || begin_i));
      a_valid : assert (valid_o == (talking_o || begin_i));
      a_stopped : assert (!$past(!rst_ni || stop_i) || !talking_o);
      // What is sent stands until then, whatever comes meanwhile.
      if (talking_o && $past(talking_o && !done_i)) begin
        a_stands : assert (length_o == $past(length_o));
      end
      a_not_written_over : assert (!(talking_o && !status_next_q && reply_i && room) || write_q != read_q);
      a_length : assert (length_o == (!talking_o ? '0 : status_next_q ? LengthW'(StatusBytes)
          : length_o == LengthW'(AckBytes) ? LengthW'(AckBytes) : LengthW'(RefusalBytes)));
    end
  end

  always_ff @(posedge clk_i) begin
    if (seen_q && rst_ni) begin
      c_two_replies : cover (talking_o && !status_next_q && $past(talking_o && done_i && !status_next_q));
      c_ends : cover (!talking_o && $past(talking_o && done_i && rst_ni && !stop_i));
      c_cut : cover ($past(talking_o && stop_i) && !talking_o);
    end
  end
endmodule

bind telemetry telemetry_proof #(.MessageBytes(MessageBytes)) u_proof (.*);
