# SPDX-License-Identifier: Apache-2.0
"""The pure Modbus master: every request ends in one reply, whatever the other end does."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from hil.attach import Node
from hil.devices.modbus_channel import BACK_OFF_FIRST_NS
from hil.devices.modbus_master import QUEUE_MAX, TURNAROUND_NS, ModbusMaster, Outcome, Reply
from hil.devices.modbus_server import ModbusServer
from hil.kernel import Kernel
from hil.links.line import Line
from hil.links.memory import Pipe
from hil.part import Output, Outputs
from hil.trace.events import TRACE, Connection, Framed, Overflow, Rejected
from interfaces.framing.mbap import MbapFramer
from interfaces.framing.rtu import RtuFramer, silences_ns
from interfaces.modbus import client
from interfaces.modbus.bank import Table
from interfaces.spec.model import Serial
from interfaces.wire import NS_PER_MS, Burst, Direction, Down, Sent, Transmit, Up
from tests.interfaces.modbus.flat_bank import FlatBank

SERIAL = Serial(bit_rate_bps=19200, parity="even", half_duplex=True)
T35_NS = silences_ns(SERIAL.bit_rate_bps, SERIAL.char_bits)[1]
TIMEOUT_NS = 100 * NS_PER_MS
READ = client.read_holding_registers(1, 2)
ANSWER = bytes.fromhex("030400000000")
RTU, MBAP = RtuFramer(SERIAL.bit_rate_bps), MbapFramer()


def transmitted(out: Outputs) -> list[bytes]:
    return [item.data for _, item in out if isinstance(item, Transmit)]


def traced(out: Outputs, kind: type) -> list[Any]:
    return [item for port, item in out if port == TRACE and type(item) is kind]


def outcomes(master: ModbusMaster) -> list[tuple[Any, Outcome]]:
    return [(reply.tag, reply.outcome) for reply in master.take_replies()]


class Bus:
    """A master on a serial line, driven by hand; `now_ns` is the end of what happened last."""

    def __init__(self, retries: int = 0) -> None:
        self.master = ModbusMaster("cut", "bus", SERIAL, TIMEOUT_NS, retries)
        self.now_ns = 0

    def ask(self, pdu: bytes = READ, unit: int = 1, tag: Any = None) -> list[Output]:
        return self.master.request(self.now_ns, unit, pdu, tag)

    def sent(self) -> list[Output]:
        """The line reports the end of the request, 9 ms on."""
        self.now_ns += 9 * NS_PER_MS
        return self.master.receive(self.now_ns, Sent(self.now_ns))

    def hear(self, wire: bytes) -> list[Output]:
        """A burst that begins 10 ms on, and the silence after it."""
        burst = Burst(self.now_ns + 10 * NS_PER_MS, wire, SERIAL.bit_rate_bps, SERIAL.char_bits)
        out = self.master.receive(burst.end_ns, burst)
        self.now_ns = burst.end_ns + T35_NS
        return [*out, *self.master.expire(self.now_ns)]


class Wire:
    """A master on a TCP connection, driven by hand."""

    def __init__(self, retries: int = 0) -> None:
        self.master = ModbusMaster("cut", "tcp", None, TIMEOUT_NS, retries)


def test_request_on_a_line_that_was_never_used_goes_at_once() -> None:
    """A quiet line is free."""
    bus = Bus()
    assert transmitted(bus.ask()) == [RTU.encode(READ, 1)]


def test_answer_ends_the_request_and_carries_what_parse_needs() -> None:
    """The reply holds tag, request and response."""
    bus = Bus()
    bus.ask(tag="poll")
    bus.sent()
    bus.hear(RTU.encode(ANSWER, 1))
    (reply,) = bus.master.take_replies()
    assert reply == Reply("poll", Outcome.ANSWERED, READ, ANSWER)
    assert client.parse(reply.request, reply.pdu) == client.Words((0, 0))
    assert bus.master.take_replies() == []
    assert bus.master.deadline_ns is None


def test_exception_is_a_refusal() -> None:
    """An exception response ends the request as refused."""
    bus = Bus()
    bus.ask()
    bus.sent()
    bus.hear(RTU.encode(b"\x83\x02", 1))
    assert outcomes(bus.master) == [(None, Outcome.REFUSED)]


@pytest.mark.parametrize("wire", [RTU.encode(ANSWER, 2), RTU.encode(b"\x04\x02\0\0", 1), b"\x01\x03\x04\0\0\0\0\0\0"])
def test_what_does_not_answer_the_request_does_not_end_it(wire: bytes) -> None:
    """Another unit's frame, another function's, and a bad CRC leave the request waiting for its time-out."""
    bus = Bus()
    bus.ask()
    bus.sent()
    limit_ns = bus.master.deadline_ns
    bus.hear(wire)
    assert bus.master.take_replies() == []
    assert bus.master.deadline_ns == limit_ns


def test_bad_frame_is_recorded() -> None:
    """A reject reaches the trace with its reason."""
    bus = Bus()
    (record,) = traced(bus.hear(b"\x01\x03\x04\0\0\0\0\0\0"), Rejected)
    assert record.reason == "crc"


def test_time_out_counts_from_the_last_stop_bit() -> None:
    """Not one ns before the limit, at the limit exactly."""
    bus = Bus()
    bus.ask()
    bus.sent()
    limit_ns = bus.now_ns + TIMEOUT_NS
    assert bus.master.deadline_ns == limit_ns
    bus.master.expire(limit_ns - 1)
    assert bus.master.take_replies() == []
    bus.master.expire(limit_ns)
    assert outcomes(bus.master) == [(None, Outcome.TIMEOUT)]


def test_request_is_repeated_up_to_retries() -> None:
    """Two retries are three transmissions, then one reply."""
    bus = Bus(retries=2)
    wires = transmitted(bus.ask())
    for _ in range(2):
        bus.sent()
        bus.now_ns += TIMEOUT_NS
        wires += transmitted(bus.master.expire(bus.now_ns))
        assert bus.master.take_replies() == []
    bus.sent()
    bus.now_ns += TIMEOUT_NS
    wires += transmitted(bus.master.expire(bus.now_ns))
    assert wires == [RTU.encode(READ, 1)] * 3
    assert outcomes(bus.master) == [(None, Outcome.TIMEOUT)]


@pytest.mark.parametrize(("early_ns", "goes"), [(1, False), (0, True), (-1, True)])
def test_next_request_waits_for_t35_after_the_last_traffic(early_ns: int, goes: bool) -> None:
    """t3.5 of silence, to the ns, before a request (MODBUS-SL V1.02 2.5.1.1)."""
    bus = Bus()
    burst = Burst(0, RTU.encode(ANSWER, 9), SERIAL.bit_rate_bps, SERIAL.char_bits)
    bus.master.receive(burst.end_ns, burst)
    free_ns = burst.end_ns + T35_NS
    bus.now_ns = burst.end_ns
    assert transmitted(bus.ask()) == []
    assert bus.master.deadline_ns == free_ns
    assert bool(transmitted(bus.master.expire(free_ns - early_ns))) is goes


def test_second_request_waits_for_the_first() -> None:
    """One outstanding at a time, in order."""
    bus = Bus()
    bus.ask(tag=1)
    assert transmitted(bus.ask(tag=2, unit=5)) == []
    bus.sent()
    assert transmitted(bus.hear(RTU.encode(ANSWER, 1))) == [RTU.encode(READ, 5)]
    bus.sent()
    bus.hear(RTU.encode(ANSWER, 5))
    assert outcomes(bus.master) == [(1, Outcome.ANSWERED), (2, Outcome.ANSWERED)]


def test_broadcast_ends_after_the_turnaround() -> None:
    """Nobody answers a broadcast; the next request waits until the units have obeyed it."""
    bus = Bus(retries=3)
    bus.ask(client.write_register(1, 1), unit=0)
    bus.ask()
    bus.sent()
    assert bus.master.deadline_ns == bus.now_ns + TURNAROUND_NS
    assert transmitted(bus.master.expire(bus.now_ns + TURNAROUND_NS)) == [RTU.encode(READ, 1)]
    assert outcomes(bus.master) == [(None, Outcome.BROADCAST)]


def test_request_is_traced_with_the_instants_of_its_bits() -> None:
    """`Sent` gives the end; the start follows from the rate."""
    bus = Bus()
    bus.ask()
    (record,) = traced(bus.sent(), Framed)
    assert (record.direction, record.end_ns) == (Direction.SENT, bus.now_ns)
    assert record.end_ns - record.start_ns == 8 * SERIAL.char_bits * 10**9 // SERIAL.bit_rate_bps


def test_line_that_reports_nothing_does_not_hang_the_master() -> None:
    """Without `Sent` the limit is the request's own time on the wire and the time-out."""
    bus = Bus()
    bus.ask()
    on_wire_ns = 8 * SERIAL.char_bits * 10**9 // SERIAL.bit_rate_bps
    assert bus.master.deadline_ns == on_wire_ns + TIMEOUT_NS


def test_full_queue_refuses_and_records() -> None:
    """The queue is bounded; each request beyond it ends at once."""
    bus = Bus()
    for tag in range(QUEUE_MAX):
        bus.ask(tag=tag)
    out = bus.ask(tag="beyond")
    assert traced(out, Overflow)[0].count == 1
    assert outcomes(bus.master) == [("beyond", Outcome.FULL)]
    assert bus.master.waiting == QUEUE_MAX


def test_connection_is_asked_for_with_the_first_request() -> None:
    """`Up` out asks, `Up` in grants; then the request goes."""
    master = Wire().master
    assert master.request(0, 1, READ) == [("tcp", Up("cut"))]
    assert transmitted(master.receive(5, Up("server"))) == [MBAP.encode(READ, 1, 1)]
    assert master.deadline_ns == 5 + TIMEOUT_NS
    master.receive(9, Burst(9, MBAP.encode(ANSWER, 1, 1)))
    assert outcomes(master) == [(None, Outcome.ANSWERED)]


def test_late_answer_of_an_earlier_transaction_is_ignored() -> None:
    """After a time-out the old answer must not pass for the new one's."""
    master = Wire(retries=1).master
    master.request(0, 1, READ)
    master.receive(0, Up("server"))
    assert transmitted(master.expire(TIMEOUT_NS)) == [MBAP.encode(READ, 1, 2)]
    master.receive(TIMEOUT_NS + 1, Burst(TIMEOUT_NS + 1, MBAP.encode(ANSWER, 1, 1)))
    assert master.take_replies() == []
    master.receive(TIMEOUT_NS + 2, Burst(TIMEOUT_NS + 2, MBAP.encode(ANSWER, 1, 2)))
    assert outcomes(master) == [(None, Outcome.ANSWERED)]


def test_connection_lost_is_opened_again_after_a_back_off_that_doubles() -> None:
    """Twice as long each time, to the ns, until an answer came."""
    master = Wire(retries=5).master
    master.request(0, 1, READ)
    now_ns, back_off_ns = 0, BACK_OFF_FIRST_NS
    for _ in range(3):
        out = master.receive(now_ns, Down("refused"))
        assert not any(isinstance(item, Up) for _, item in out)
        assert master.deadline_ns == now_ns + back_off_ns
        assert master.expire(now_ns + back_off_ns - 1) == []
        now_ns += back_off_ns
        assert master.expire(now_ns) == [("tcp", Up("cut"))]
        back_off_ns *= 2
    assert transmitted(master.receive(now_ns, Up("server")))
    master.receive(now_ns, Burst(now_ns, MBAP.encode(ANSWER, 1, 1)))
    master.receive(now_ns, Down("gone"))
    master.request(now_ns, 1, READ)
    assert master.deadline_ns == now_ns + BACK_OFF_FIRST_NS


def test_request_under_way_when_the_connection_goes_ends_closed() -> None:
    """Without retries the request ends with the connection; the next one opens it again."""
    master = Wire().master
    master.request(0, 1, READ, "first")
    master.receive(0, Up("server"))
    out = master.receive(1, Down("reset"))
    assert [record.up for record in traced(out, Connection)] == [False]
    assert outcomes(master) == [("first", Outcome.CLOSED)]
    assert master.deadline_ns is None


def test_peer_that_never_opens_is_given_up() -> None:
    """An unanswered `Up` counts as a failed try, and its echo as nothing."""
    master = Wire().master
    master.request(0, 1, READ)
    out = master.expire(TIMEOUT_NS)
    assert out == [("tcp", Down("not opened in time"))]
    master.receive(TIMEOUT_NS, Down("not opened in time"))
    assert outcomes(master) == [(None, Outcome.CLOSED)]
    master.request(TIMEOUT_NS, 1, READ)
    assert master.deadline_ns == TIMEOUT_NS + BACK_OFF_FIRST_NS


class Owner:
    """The part a master lives in; keeps its replies and asks three times in a row."""

    def __init__(self, name: str, framing: Serial | None) -> None:
        self.name = name
        self.master = ModbusMaster(name, "port", framing, TIMEOUT_NS)
        self.replies: list[Reply] = []

    @property
    def deadline_ns(self) -> int | None:
        return self.master.deadline_ns

    def receive(self, now_ns: int, port: str, item: Any) -> Outputs:
        out = self.master.request(now_ns, *item) if port == "ask" else self.master.receive(now_ns, item)
        self.replies += self.master.take_replies()
        return out

    def expire(self, now_ns: int) -> Outputs:
        out = self.master.expire(now_ns)
        self.replies += self.master.take_replies()
        return out


class Bench:
    """Master, link and server on one kernel."""

    def __init__(self, serial: Serial | None) -> None:
        self.kernel, self.bank, self.trace = Kernel(), FlatBank(), []  # type: ignore[var-annotated]  # any event
        self.owner = Owner("cut", serial)
        rate = serial.bit_rate_bps if serial else 0
        server = ModbusServer("unit", {1: self.bank}, rate)
        link = Line("bus", ["a", "b"], rate, 11) if serial else Pipe("tcp")
        self.node = Node(self.kernel, self.owner, self.record)
        middle, other = Node(self.kernel, link, self.record), Node(self.kernel, _Named(server), self.record)
        near, far = ("a", "b") if serial else ("client", "server")
        port = "rtu" if serial else "tcp"
        self.node.connect("port", middle, near)
        middle.connect(near, self.node, "port")
        middle.connect(far, other, port)
        other.connect(port, middle, far)

    def record(self, event: Any) -> None:
        self.trace.append(event)


class _Named:
    def __init__(self, server: ModbusServer) -> None:
        self.name, self._server = "unit", server
        self.receive, self.expire = server.receive, server.expire

    @property
    def deadline_ns(self) -> int | None:
        return self._server.deadline_ns


@pytest.mark.parametrize("serial", [SERIAL, None])
def test_master_and_server_understand_each_other_over_memory_links(serial: Serial | None) -> None:
    """Ten requests queued at once are answered in order; a copy taken in mid-run ends alike."""
    bench = Bench(serial)
    for tag in range(10):
        bench.node.inject("ask", (1, client.write_register(tag, tag + 1), tag))
    bench.kernel.run_to(60 * NS_PER_MS if serial else 0)
    twin = copy.deepcopy(bench)
    for one in (bench, twin):
        one.kernel.run_to(1000 * NS_PER_MS)
        assert [(reply.tag, reply.outcome) for reply in one.owner.replies] == [
            (tag, Outcome.ANSWERED) for tag in range(10)
        ]
        assert one.bank.words[Table.HOLDING][:10] == list(range(1, 11))
    assert twin.trace == bench.trace
