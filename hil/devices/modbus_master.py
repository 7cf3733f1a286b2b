# SPDX-License-Identifier: Apache-2.0
"""A Modbus master as a pure machine, for controllers inside the bench.

One request is under way at a time; the others wait in a bounded queue. Every request ends in one
`Reply`, whatever the other end does.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from hil.devices import modbus_channel
from hil.devices.modbus_channel import Channel, Line
from hil.part import Output
from hil.trace.events import TRACE, Connection, Framed, Overflow, Rejected
from interfaces.framing.contract import Cut
from interfaces.spec.model import Serial
from interfaces.wire import NS_PER_MS, Burst, Direction, Down, Frame, Record, Reject, Sent, Transmit, Up

QUEUE_MAX = 256
TURNAROUND_NS = 100 * NS_PER_MS  # units obey a broadcast before the next request (MODBUS-SL V1.02 2.4.1)

_EXCEPTION_BIT = 0x80


class Outcome(enum.Enum):
    """How a request ended."""

    ANSWERED = "answered"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    CLOSED = "closed"
    BROADCAST = "broadcast"
    FULL = "full"


class Reply(Record, frozen=True):
    """The end of the request with this `tag`. `pdu` is what the unit answered, empty when it did not.

    `interfaces.modbus.client.parse(request, pdu)` reads it.
    """

    tag: Any
    outcome: Outcome
    request: bytes
    pdu: bytes = b""


class _Request(Record, frozen=True):
    unit: int
    pdu: bytes
    tag: Any


class ModbusMaster:
    """`framing` is the serial line's parameters for RTU, None for Modbus/TCP.

    `timeout_ns` runs from the end of the request to the end of its answer, and limits the opening of a
    connection. A request is sent again up to `retries` times.
    """

    def __init__(self, place: str, port: str, framing: Serial | None, timeout_ns: int, retries: int = 0) -> None:
        self._place, self._port = place, port
        self._channel: Channel = modbus_channel.Connection(place) if framing is None else Line(framing)
        self._timeout_ns, self._retries = timeout_ns, retries
        self._queue: deque[_Request] = deque()
        self._replies: list[Reply] = []
        self._tries = 0
        self._under_way = False
        self._limit_ns: int | None = None
        self._handlers: dict[type, Callable[[int, Any], list[Output]]] = {
            Burst: self._on_burst,
            Sent: self._on_sent,
            Up: self._on_up,
            Down: self._on_down,
        }

    @property
    def deadline_ns(self) -> int | None:
        due_ns = self._limit_ns
        if due_ns is None and self._queue:
            due_ns = self._channel.free_ns(0)
        cut_ns = self._channel.framer.deadline_ns
        if due_ns is None or (cut_ns is not None and cut_ns < due_ns):
            return cut_ns
        return due_ns

    @property
    def waiting(self) -> int:
        """Requests that have not ended."""
        return len(self._queue)

    def request(self, now_ns: int, unit: int, pdu: bytes, tag: Any = None) -> list[Output]:
        """Send a request as soon as it may go; its `Reply` carries `tag`."""
        if len(self._queue) >= QUEUE_MAX:
            self._replies.append(Reply(tag, Outcome.FULL, pdu))
            return [(TRACE, Overflow(now_ns, self._place, f"requests on {self._port}", 1))]
        self._queue.append(_Request(unit, pdu, tag))
        return self._pump(now_ns, [])

    def take_replies(self) -> list[Reply]:
        """The requests that ended since the last call, in their order."""
        replies, self._replies = self._replies, []
        return replies

    def receive(self, now_ns: int, item: Any) -> list[Output]:
        """Take what the link gave."""
        handler = self._handlers.get(type(item))
        return self._pump(now_ns, handler(now_ns, item)) if handler is not None else []

    def expire(self, now_ns: int) -> list[Output]:
        """Serve what is due: the silence after a frame, a time-out, the next request."""
        out = self._take(now_ns, self._channel.framer.expire(now_ns))
        if self._limit_ns is not None and self._limit_ns <= now_ns:
            self._limit_ns = None
            out += self._overdue(now_ns)
        return self._pump(now_ns, out)

    def _pump(self, now_ns: int, out: list[Output]) -> list[Output]:
        if self._queue and self._limit_ns is None:
            free_ns = self._channel.free_ns(now_ns)
            if free_ns is not None and free_ns <= now_ns:
                out += self._channel.open(self._port) or self._send(now_ns, self._queue[0])
                self._limit_ns = now_ns + self._timeout_ns
                if self._under_way:
                    # Put right when the line says when the request ended.
                    self._limit_ns += self._channel.on_wire_ns(self._queue[0].pdu)
        return out

    def _send(self, now_ns: int, request: _Request) -> list[Output]:
        self._under_way = True
        sent: list[Output] = [(self._port, Transmit(self._channel.encode(request.pdu, request.unit)))]
        if not self._channel.on_wire_ns(request.pdu):
            sent.append(self._framed(now_ns, Direction.SENT, Frame(now_ns, now_ns, request.pdu, request.unit)))
        return sent

    def _on_sent(self, now_ns: int, sent: Sent) -> list[Output]:
        self._channel.used(sent.end_ns)
        on_wire_ns = self._channel.on_wire_ns(self._queue[0].pdu) if self._under_way else 0
        if not on_wire_ns:
            return []
        request = self._queue[0]
        broadcast = self._channel.is_broadcast(request.unit)
        self._limit_ns = sent.end_ns + (TURNAROUND_NS if broadcast else self._timeout_ns)
        frame = Frame(sent.end_ns - on_wire_ns, sent.end_ns, request.pdu, request.unit)
        return [self._framed(now_ns, Direction.SENT, frame)]

    def _on_burst(self, now_ns: int, burst: Burst) -> list[Output]:
        self._channel.used(burst.end_ns)
        return self._take(now_ns, self._channel.framer.receive(now_ns, burst))

    def _on_up(self, now_ns: int, up: Up) -> list[Output]:
        self._channel.up()
        if not self._under_way:
            self._limit_ns = None
        return [(TRACE, Connection(now_ns, self._place, self._port, True, up.peer))]

    def _on_down(self, now_ns: int, down: Down) -> list[Output]:
        out = self._take(now_ns, self._channel.framer.finish())
        out.append((TRACE, Connection(now_ns, self._place, self._port, False, down.reason)))
        # Without a limit nothing was under way, nor was the connection asked for.
        if self._channel.down(now_ns) and self._limit_ns is not None:
            self._fail(Outcome.CLOSED)
        return out

    def _overdue(self, now_ns: int) -> list[Output]:
        if self._under_way:
            is_broadcast = self._channel.is_broadcast(self._queue[0].unit)
            self._end(Outcome.BROADCAST) if is_broadcast else self._fail(Outcome.TIMEOUT)
            return []
        self._channel.down(now_ns)
        self._fail(Outcome.CLOSED)
        return [(self._port, Down("not opened in time"))]

    def _take(self, now_ns: int, cuts: Sequence[Cut]) -> list[Output]:
        out: list[Output] = []
        for cut in cuts:
            if isinstance(cut, Reject):
                span = (cut.start_ns, cut.end_ns, cut.reason.value, cut.data.hex())
                out.append((TRACE, Rejected(now_ns, self._place, self._port, *span)))
                continue
            out.append(self._framed(now_ns, Direction.RECEIVED, cut))
            if self._under_way and self._fits(self._queue[0], cut):
                self._channel.answered()
                refused = cut.payload[0] & _EXCEPTION_BIT
                self._end(Outcome.REFUSED if refused else Outcome.ANSWERED, cut.payload)
        return out

    def _fits(self, request: _Request, frame: Frame) -> bool:
        function = frame.payload[0] & ~_EXCEPTION_BIT
        return function == request.pdu[0] and self._channel.answers(frame, request.unit)

    def _fail(self, outcome: Outcome) -> None:
        self._tries += 1
        self._under_way, self._limit_ns = False, None
        if self._tries > self._retries:
            self._end(outcome)

    def _end(self, outcome: Outcome, pdu: bytes = b"") -> None:
        request = self._queue.popleft()
        self._tries, self._under_way, self._limit_ns = 0, False, None
        self._replies.append(Reply(request.tag, outcome, request.pdu, pdu))

    def _framed(self, now_ns: int, direction: Direction, frame: Frame) -> Output:
        span = (frame.start_ns, frame.end_ns, frame.payload.hex(), frame.unit, frame.transaction)
        return (TRACE, Framed(now_ns, self._place, self._port, direction, *span))
