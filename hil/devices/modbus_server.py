# SPDX-License-Identifier: Apache-2.0
"""The wire side of a Modbus device: framing, addressing and counters, for a device to compose.

Ports: `rtu`, one serial line (`Burst`, `Sent` in; `Transmit` out), and `tcp#<n>`, a connection each
(`Up`, `Down`, `Burst` in; `Transmit`, and `Down` for one too many, out).

RTU: other units' frames pass by unanswered, whatever they hold; unit 0 is a broadcast and is never
answered (MODBUS-SL V1.02 2.1). TCP: units 0 and 255 mean the device that is connected (MODBUS Messaging
on TCP/IP V1.0b 4.4.2), here the first of `units`; an unknown unit gets exception 0x0B.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hil.part import Output, Outputs, sooner
from hil.trace.events import TRACE, Connection, Framed, Overflow, Rejected
from interfaces.framing.contract import Cut, Framer
from interfaces.framing.mbap import MbapFramer
from interfaces.framing.rtu import RtuFramer
from interfaces.modbus.bank import Bank, ExceptionCode
from interfaces.modbus.counters import Counters
from interfaces.modbus.lengths import request_length, response_length
from interfaces.modbus.pdu import answer, obey, refusal
from interfaces.wire import NS_PER_S, Burst, Direction, Down, Frame, Record, Reject, Sent, Transmit, Up

RTU = "rtu"
CONNECTIONS_MAX = 64
DELAYED_MAX = 256  # responses waiting for `response_delay_ns`

_BROADCAST_UNIT = 0
_DEVICE_ITSELF = (0, 255)


class _Reply(Record, frozen=True, gc=False):
    """A response on its way: due to be handed to the link at `due_ns`."""

    due_ns: int
    port: str
    unit: int
    transaction: int
    payload: bytes


class ModbusServer:
    """`place` names the device in the trace. Port `rtu` is served when `bit_rate` is given.

    `response_delay_ns` may be changed at any time; at 0 an RTU response begins when the request's t3.5
    is over. `broadcasting` is true while a broadcast is carried out, for banks that refuse one.
    """

    def __init__(
        self, place: str, units: Mapping[int, Bank], bit_rate: int = 0, char_bits: int = 11, broadcast: bool = True
    ) -> None:
        self.response_delay_ns = 0
        self.broadcasting = False
        self._place = place
        self._units = dict(units)
        self._tcp_units = {**dict.fromkeys(_DEVICE_ITSELF, next(iter(self._units))), **{unit: unit for unit in units}}
        self._counters = {unit: Counters() for unit in units}
        self._broadcast = broadcast
        self._bit_rate, self._char_bits = bit_rate, char_bits
        mine = frozenset((_BROADCAST_UNIT, *units))
        self._rtu = RtuFramer(bit_rate, char_bits, (request_length, response_length), mine) if bit_rate else None
        self._framers: dict[str, Framer] = {RTU: self._rtu} if self._rtu else {}
        self._connections = 0
        self._delayed: deque[_Reply] = deque()
        self._on_line: deque[_Reply] = deque(maxlen=DELAYED_MAX)  # handed to the line, not yet `Sent`
        self._handlers: dict[type, Callable[[int, str, Any], Outputs]] = {
            Burst: self._on_burst,
            Sent: self._on_sent,
            Up: self._on_up,
            Down: self._on_down,
        }

    @property
    def deadline_ns(self) -> int | None:
        line_ns = self._rtu.deadline_ns if self._rtu is not None else None
        return sooner(line_ns, self._delayed[0].due_ns) if self._delayed else line_ns

    def receive(self, now_ns: int, port: str, item: Any) -> Outputs:
        """Other items (`Full`, `Ready`) change nothing here: the link records what it drops."""
        handler = self._handlers.get(type(item))
        return handler(now_ns, port, item) if handler is not None else ()

    def expire(self, now_ns: int) -> Outputs:
        out: list[Output] = []
        if self._rtu is not None:
            out += self._take(now_ns, RTU, self._rtu.expire(now_ns))
        while self._delayed and self._delayed[0].due_ns <= now_ns:
            self._transmit(now_ns, self._delayed.popleft(), out)
        return out

    def _on_burst(self, now_ns: int, port: str, burst: Burst) -> Outputs:
        framer = self._framers.get(port)
        if framer is None:
            if port == RTU:
                raise LookupError(f"{self._place}: a serial line is connected, but its bit rate was not given")
            return ()  # a connection that was refused; what it sent first may still arrive
        cuts = framer.receive(now_ns, burst)
        return self._take(now_ns, port, cuts) if cuts else ()

    def _on_sent(self, now_ns: int, port: str, sent: Sent) -> Outputs:
        if port != RTU or not self._on_line:
            return ()
        reply = self._on_line.popleft()
        # unit and CRC go round the payload; a line that is not paced may have been quicker than its rate
        chars_ns = (len(reply.payload) + 3) * self._char_bits * NS_PER_S // self._bit_rate
        start_ns = max(reply.due_ns, sent.end_ns - chars_ns)
        return [self._framed(now_ns, RTU, Direction.SENT, reply, (start_ns, sent.end_ns))]

    def _on_up(self, now_ns: int, port: str, up: Up) -> Outputs:
        if self._connections >= CONNECTIONS_MAX:
            return [(TRACE, Overflow(now_ns, self._place, "connections", 1)), (port, Down("too many connections"))]
        self._connections += 1
        self._framers[port] = MbapFramer()
        return [(TRACE, Connection(now_ns, self._place, port, True, up.peer))]

    def _on_down(self, now_ns: int, port: str, down: Down) -> Outputs:
        framer = self._framers.pop(port, None)
        if framer is None:
            return ()
        self._connections -= 1
        out = self._take(now_ns, port, framer.finish())
        out.append((TRACE, Connection(now_ns, self._place, port, False, down.reason)))
        return out

    def _take(self, now_ns: int, port: str, cuts: Sequence[Cut]) -> list[Output]:
        out: list[Output] = []
        serve = self._serve_line if port == RTU else self._serve_connection
        for cut in cuts:
            if type(cut) is Frame:
                serve(now_ns, port, cut, out)
            elif type(cut) is Reject:
                self._reject(now_ns, port, cut, out)
        return out

    def _reject(self, now_ns: int, port: str, cut: Reject, out: list[Output]) -> None:
        if port == RTU:
            for counters in self._counters.values():
                counters.heard_error()
        record = Rejected(now_ns, self._place, port, cut.start_ns, cut.end_ns, cut.reason.value, cut.data.hex())
        out.append((TRACE, record))

    def _serve_line(self, now_ns: int, port: str, frame: Frame, out: list[Output]) -> None:
        for counters in self._counters.values():
            counters.bus_messages += 1
        unit = frame.unit
        if unit == _BROADCAST_UNIT:
            out.append(self._framed(now_ns, port, Direction.RECEIVED, frame, (frame.start_ns, frame.end_ns)))
            self._serve_broadcast(now_ns, frame.payload)
            return
        bank = self._units.get(unit)
        if bank is None:
            return
        out.append(self._framed(now_ns, port, Direction.RECEIVED, frame, (frame.start_ns, frame.end_ns)))
        response = answer(now_ns, frame.payload, bank, self._counters[unit])
        if response:
            self._respond(now_ns, _Reply(now_ns + self.response_delay_ns, port, unit, 0, response), out)

    def _serve_broadcast(self, now_ns: int, payload: bytes) -> None:
        if not self._broadcast:
            return
        self.broadcasting = True
        for unit, bank in self._units.items():
            obey(now_ns, payload, bank, self._counters[unit])
        self.broadcasting = False

    def _serve_connection(self, now_ns: int, port: str, frame: Frame, out: list[Output]) -> None:
        if self._rtu is not None and self._rtu.holds_foreign:  # counted before anybody asks for the count
            out += self._take(now_ns, RTU, self._rtu.expire(now_ns))
        out.append(self._framed(now_ns, port, Direction.RECEIVED, frame, (frame.start_ns, frame.end_ns)))
        unit = self._tcp_units.get(frame.unit)
        if unit is None:
            response = refusal(frame.payload[0], ExceptionCode.GATEWAY_TARGET_FAILED_TO_RESPOND)
        else:
            counters = self._counters[unit]
            counters.bus_messages += 1
            response = answer(now_ns, frame.payload, self._units[unit], counters)
        if response:
            due_ns = now_ns + self.response_delay_ns
            self._respond(now_ns, _Reply(due_ns, port, frame.unit, frame.transaction, response), out)

    def _respond(self, now_ns: int, reply: _Reply, out: list[Output]) -> None:
        # A delay that was shortened must not let a later response overtake an earlier one.
        if reply.due_ns <= now_ns and not self._delayed:
            self._transmit(now_ns, reply, out)
        elif len(self._delayed) < DELAYED_MAX:
            self._delayed.append(reply)
        else:
            out.append((TRACE, Overflow(now_ns, self._place, "delayed responses", 1)))

    def _transmit(self, now_ns: int, reply: _Reply, out: list[Output]) -> None:
        framer = self._framers.get(reply.port)
        if framer is None:
            return  # the connection closed while its response was delayed
        out.append((reply.port, Transmit(framer.encode(reply.payload, reply.unit, reply.transaction))))
        if reply.port == RTU:
            self._on_line.append(reply)  # traced when the line says when it left
        else:
            out.append(self._framed(now_ns, reply.port, Direction.SENT, reply, (now_ns, now_ns)))

    def _framed(
        self, now_ns: int, port: str, direction: Direction, what: Frame | _Reply, span_ns: tuple[int, int]
    ) -> Output:
        start_ns, end_ns = span_ns
        payload = what.payload.hex()
        record = Framed(now_ns, self._place, port, direction, start_ns, end_ns, payload, what.unit, what.transaction)
        return (TRACE, record)
