// SPDX-License-Identifier: Apache-2.0
// What is said in a slot: the status, then the replies that waited for it (INT-015).
//
// Replies wait in a ring of twice the queue's size: those being sent stay readable in it while as many new
// ones come. compose_i fixes the status and how many replies go with it; begin_i sends them; drop_i forgets
// the composition, but neither a reply nor that one was lost. Each side counts its own messages: the numbers
// of a talk are given at its begin.
module telemetry
  import icd_pkg::*;
#(
  parameter int unsigned MessageBytes = 16,
  localparam int unsigned LengthW = $clog2(MessageBytes + 3)
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      stop_i,     // the talk is cut
  input  logic                      compose_i,
  input  logic                      begin_i,
  input  logic                      drop_i,
  input  status_msg_t               status_i,   // but for id, sequence, replies_lost and counter
  input  logic                      reply_i,
  input  logic                      refused_i,
  input  command_e                  command_i,
  input  logic [7:0]                command_sequence_i,
  input  reason_e                   reason_i,
  output logic                      valid_o,
  output logic [MessageBytes*8-1:0] message_o,  // first byte leftmost
  output logic [LengthW-1:0]        length_o,
  input  logic                      done_i,     // message_o is sent
  output logic                      talking_o
);
  localparam int unsigned Ring = 2 * ReplyQueue;
  localparam int unsigned RingW = $clog2(Ring);

  typedef struct packed {
    logic       refused;
    command_e   command;
    logic [7:0] sequence_;
    reason_e    reason;
  } reply_t;

  reply_t ring_q[Ring];
  logic [RingW-1:0] write_q, first_q, read_q;
  logic [RingW-1:0] composed_q, left_q;  // replies
  logic lost_q, composed_lost_q, talking_q, status_next_q;
  logic [7:0] sequence_q, talk_sequence_q;
  logic [31:0] statuses_q;  // sent since power came
  status_msg_t status_q;

  wire [RingW-1:0] waiting = write_q - first_q;
  wire [RingW-1:0] first_next = begin_i ? first_q + composed_q : first_q;
  wire room = (write_q - first_next) < RingW'(ReplyQueue);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      write_q         <= '0;
      first_q         <= '0;
      composed_q      <= '0;
      lost_q          <= 1'b0;
      composed_lost_q <= 1'b0;
      sequence_q      <= '0;
      statuses_q      <= '0;
      status_q        <= '0;
      for (int unsigned i = 0; i < Ring; i++) ring_q[i] <= '{command: CommandHeartbeat,
          reason: ReasonStaleSequence, default: '0};
    end else begin
      first_q <= first_next;
      if (reply_i && room) begin
        ring_q[write_q] <= '{refused: refused_i, command: command_i, sequence_: command_sequence_i, reason: reason_i};
        write_q         <= write_q + 1'b1;
      end
      if (reply_i && !room) lost_q <= 1'b1;
      else if (drop_i) lost_q <= lost_q || composed_lost_q;
      else if (compose_i) lost_q <= 1'b0;
      if (compose_i) begin
        composed_q            <= waiting;
        composed_lost_q       <= lost_q;
        status_q              <= status_i;
        status_q.id           <= StatusId;
        status_q.replies_lost <= lost_q;
        status_q.counter      <= statuses_q;
      end
      if (begin_i) begin
        composed_lost_q <= 1'b0;
        statuses_q      <= statuses_q + 1'b1;
        sequence_q      <= sequence_q + 8'(composed_q) + 8'd1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || stop_i) begin
      talking_q       <= 1'b0;
      status_next_q   <= 1'b0;
      read_q          <= '0;
      left_q          <= '0;
      talk_sequence_q <= '0;
    end else if (begin_i) begin
      talking_q       <= 1'b1;
      status_next_q   <= 1'b1;
      read_q          <= first_q;
      left_q          <= composed_q;
      talk_sequence_q <= sequence_q;
    end else if (done_i) begin
      status_next_q   <= 1'b0;
      talk_sequence_q <= talk_sequence_q + 1'b1;
      if (!status_next_q) read_q <= read_q + 1'b1;
      if (left_q == '0) talking_q <= 1'b0;
      else left_q <= left_q - 1'b1;
    end
  end

  wire reply_t reply = ring_q[read_q];

  status_msg_t status;
  ack_msg_t ack;
  refusal_msg_t refusal;
  always_comb begin
    status           = status_q;
    status.sequence_ = talk_sequence_q;
    ack              = '0;
    refusal          = '0;
    message_o        = '0;
    length_o         = '0;
    // The first character of a talk is a zero whatever is said, so that its first clock needs no message.
    if (talking_q && status_next_q) begin
      message_o = {status, {(MessageBytes - StatusBytes) * 8{1'b0}}};
      length_o  = LengthW'(StatusBytes);
    end else if (talking_q && reply.refused) begin
      refusal   = '{id: RefusalId, sequence_: talk_sequence_q, command: 8'(reply.command),
          command_sequence: reply.sequence_, reason: 8'(reply.reason)};
      message_o = {refusal, {(MessageBytes - RefusalBytes) * 8{1'b0}}};
      length_o  = LengthW'(RefusalBytes);
    end else if (talking_q) begin
      ack       = '{id: AckId, sequence_: talk_sequence_q, command: 8'(reply.command),
          command_sequence: reply.sequence_};
      message_o = {ack, {(MessageBytes - AckBytes) * 8{1'b0}}};
      length_o  = LengthW'(AckBytes);
    end
  end

  assign valid_o   = begin_i || talking_q;
  assign talking_o = talking_q;

`ifndef NO_SVA
  a_queue : assert property (@(posedge clk_i) disable iff (!rst_ni) waiting <= RingW'(ReplyQueue));
  a_composed_is_waiting : assert property (@(posedge clk_i) disable iff (!rst_ni)
    begin_i |-> composed_q <= waiting && !talking_q);
`endif
endmodule
