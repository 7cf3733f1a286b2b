# SPDX-License-Identifier: Apache-2.0
"""The wire side of a Modbus device: who is answered, when, and what the trace tells."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hil.devices.modbus_server import CONNECTIONS_MAX, DELAYED_MAX, ModbusServer
from hil.part import Output
from hil.trace.events import TRACE, Connection, Framed, Overflow, Rejected
from interfaces.framing.mbap import MbapFramer
from interfaces.framing.rtu import RtuFramer, silences_ns
from interfaces.modbus import client
from interfaces.modbus.bank import Table
from interfaces.wire import NS_PER_MS, Burst, Direction, Down, Flaw, Mark, Sent, Transmit, Up
from tests.interfaces.modbus.flat_bank import FlatBank

BIT_RATE, CHAR_BITS = 19200, 11
T35_NS = silences_ns(BIT_RATE, CHAR_BITS)[1]
RTU_FRAMER, MBAP_FRAMER = RtuFramer(BIT_RATE), MbapFramer()
READ = client.read_holding_registers(1, 2)
ANSWER = bytes.fromhex("030400000000")


def server(*units: int, bit_rate: int = BIT_RATE) -> ModbusServer:
    return ModbusServer("launcher", {unit: FlatBank(100) for unit in units or (1,)}, bit_rate, CHAR_BITS)


class Line:
    """Hands frames to a server's serial port, t3.5 apart or glued, and serves its deadlines."""

    def __init__(self, part: ModbusServer) -> None:
        self.part = part
        self.now_ns = NS_PER_MS
        self.out: list[Output] = []

    def say(self, *wires: bytes, late_ns: int = 0) -> list[bytes]:
        """One burst; returns what was transmitted once silence has passed."""
        burst = Burst(self.now_ns, b"".join(wires), BIT_RATE, CHAR_BITS, (), late_ns)
        before = len(self.out)
        self.out += self.part.receive(burst.end_ns, "rtu", burst)
        self.settle()
        self.now_ns = max(self.now_ns, burst.end_ns) + 2 * T35_NS
        return sent(self.out[before:])

    def settle(self) -> None:
        while (due_ns := self.part.deadline_ns) is not None:
            self.out += self.part.expire(due_ns)
            assert self.part.deadline_ns is None or self.part.deadline_ns > due_ns
            self.now_ns = due_ns


def sent(out: list[Output], port: str = "rtu") -> list[bytes]:
    return [item.data for where, item in out if where == port and isinstance(item, Transmit)]


def traced(out: Any, kind: type) -> list[Any]:
    return [item for port, item in out if port == TRACE and type(item) is kind]


def rtu(pdu: bytes, unit: int = 1) -> bytes:
    return RTU_FRAMER.encode(pdu, unit)


def tcp(pdu: bytes, unit: int = 1, transaction: int = 7) -> bytes:
    return MBAP_FRAMER.encode(pdu, unit, transaction)


def connected(*units: int) -> ModbusServer:
    part = server(*units)
    part.receive(0, "tcp#1", Up("peer"))
    return part


def test_rtu_answer_begins_when_t35_is_over() -> None:
    """Nothing one nanosecond before, the response at the instant."""
    part = server()
    burst = Burst(0, rtu(READ), BIT_RATE, CHAR_BITS)
    assert part.receive(burst.end_ns, "rtu", burst) == ()
    due_ns = burst.end_ns + T35_NS
    assert part.deadline_ns == due_ns
    assert sent(list(part.expire(due_ns - 1))) == []
    assert sent(list(part.expire(due_ns))) == [rtu(ANSWER)]
    assert part.deadline_ns is None


def test_a_frame_to_another_unit_is_counted_before_a_connection_asks() -> None:
    """Nobody is woken for it, yet the count of bus messages has it once its silence is over, not before."""
    part = connected()
    burst = Burst(0, rtu(READ, 9), BIT_RATE, CHAR_BITS)
    part.receive(burst.end_ns, "rtu", burst)
    assert part.deadline_ns is None
    asked = bytes.fromhex("0800 0b 0000".replace(" ", ""))
    for early_ns, count in ((1, 1), (0, 3)):  # each question is a message of its own
        now_ns = burst.end_ns + T35_NS - early_ns
        out = part.receive(now_ns, "tcp#1", Burst(now_ns, tcp(asked)))
        assert sent(list(out), "tcp#1")[0][-2:] == count.to_bytes(2, "big")


def test_response_delay() -> None:
    """The response goes out the delay after t3.5, and not a nanosecond earlier."""
    part = server()
    part.response_delay_ns = NS_PER_MS
    burst = Burst(0, rtu(READ), BIT_RATE, CHAR_BITS)
    part.receive(burst.end_ns, "rtu", burst)
    due_ns = burst.end_ns + T35_NS
    assert sent(list(part.expire(due_ns))) == []
    assert part.deadline_ns == due_ns + NS_PER_MS
    assert sent(list(part.expire(due_ns + NS_PER_MS - 1))) == []
    assert sent(list(part.expire(due_ns + NS_PER_MS))) == [rtu(ANSWER)]


@pytest.mark.parametrize("late_ns", [0, NS_PER_MS])
def test_other_units_traffic_disturbs_nobody(late_ns: int) -> None:
    """Other units' requests and responses pass by unanswered and untraced; ours is answered."""
    line = Line(server())
    for pdu in (READ, ANSWER, client.write_register(1, 9), client.write_coil(1, True), b"\x83\x02"):
        assert line.say(rtu(pdu, 9), late_ns=late_ns) == []
    assert line.say(rtu(READ), late_ns=late_ns) == [rtu(ANSWER)]
    assert [event.unit for event in traced(line.out, Framed)] == [1]
    assert traced(line.out, Rejected) == []


def test_glued_foreign_traffic_before_our_request() -> None:
    """On a pty another unit's request, its response and our request may come in one chunk."""
    line = Line(server())
    foreign = (rtu(READ, 9), rtu(ANSWER, 9), rtu(client.write_registers(0, [1, 2, 3]), 9))
    assert line.say(*foreign, rtu(READ), late_ns=NS_PER_MS) == [rtu(ANSWER)]


def test_foreign_response_that_holds_a_request_for_us() -> None:
    """Data of another unit's response is not a request, however much it looks like one."""
    line = Line(server())
    inner = rtu(client.write_register(1, 9))
    assert line.say(rtu(bytes((3, len(inner))) + inner, 9), rtu(READ), late_ns=NS_PER_MS) == [rtu(ANSWER)]


def test_broadcast_writes_every_unit_and_is_not_answered() -> None:
    part = server(1, 2)
    line = Line(part)
    assert line.say(rtu(client.write_register(1, 0x55), 0)) == []
    assert line.say(rtu(client.read_holding_registers(1, 1), 1)) == [rtu(bytes.fromhex("03020055"), 1)]
    assert line.say(rtu(client.read_holding_registers(1, 1), 2)) == [rtu(bytes.fromhex("03020055"), 2)]
    assert line.say(rtu(READ, 0)) == []


class WatchfulBank(FlatBank):
    """Remembers whether a write came by broadcast."""

    part: ModbusServer
    heard: bool | None = None

    def write_words(self, now_ns: int, address: int, data: bytes) -> None:
        self.heard = self.part.broadcasting


def test_a_bank_can_tell_a_broadcast() -> None:
    bank = WatchfulBank(100)
    bank.part = ModbusServer("launcher", {1: bank}, BIT_RATE, CHAR_BITS)
    line = Line(bank.part)
    for unit, expected in ((0, True), (1, False)):
        line.say(rtu(client.write_register(1, 2), unit))
        assert bank.heard is expected


def test_a_map_without_broadcast_ignores_it() -> None:
    bank = FlatBank(100)
    line = Line(ModbusServer("launcher", {1: bank}, BIT_RATE, CHAR_BITS, broadcast=False))
    line.say(rtu(client.write_register(1, 2), 0))
    assert bank.words[Table.HOLDING][1] == 0


def test_listen_only_unit_is_silent_and_its_neighbour_is_not() -> None:
    line = Line(server(1, 2))
    assert line.say(rtu(client.diagnose(4))) == []
    assert line.say(rtu(READ)) == []
    assert line.say(rtu(READ, 2)) == [rtu(ANSWER, 2)]
    assert line.say(rtu(client.diagnose(1))) == []
    assert line.say(rtu(READ)) == [rtu(ANSWER)]


def test_bad_frames_are_traced_and_counted() -> None:
    """A CRC error is a reject in the trace and in the bus communication error count."""
    line = Line(server())
    assert line.say(rtu(READ)[:-1] + b"\xff") == []
    (reject,) = traced(line.out, Rejected)
    assert (reject.port, reject.reason, reject.place) == ("rtu", "crc", "launcher")
    assert line.say(rtu(client.diagnose(12))) == [rtu(bytes.fromhex("08000c0001"))]
    assert line.say(rtu(client.diagnose(11))) == [rtu(bytes.fromhex("08000b0002"))]


def test_parity_error_is_not_answered() -> None:
    part = server()
    out = list(part.receive(0, "rtu", Burst(0, rtu(READ), BIT_RATE, CHAR_BITS, (Mark(2, Flaw.PARITY),))))
    out += part.expire(part.deadline_ns or 0)
    assert sent(out) == []
    assert [event.reason for event in traced(out, Rejected)] == ["parity"]


def test_sent_frame_is_traced_with_the_instants_of_the_line() -> None:
    """The response's record comes with `Sent`: its end is the line's, its start is computed from the rate."""
    line = Line(server())
    line.say(rtu(READ))
    started_ns = traced(line.out, Framed)[0].time_ns
    chars_ns = len(rtu(ANSWER)) * CHAR_BITS * 10**9 // BIT_RATE
    end_ns = started_ns + chars_ns + 5000
    (record,) = traced(line.part.receive(end_ns, "rtu", Sent(end_ns)), Framed)
    assert (record.direction, record.start_ns, record.end_ns) == (Direction.SENT, started_ns + 5000, end_ns)
    assert (record.payload, record.unit) == (ANSWER.hex(), 1)
    assert line.part.receive(end_ns, "rtu", Sent(end_ns)) == ()


def test_serial_line_without_a_rate_is_a_composition_error() -> None:
    with pytest.raises(LookupError, match="bit rate"):
        server(bit_rate=0).receive(0, "rtu", Burst(0, b"\x01"))


def test_tcp_requests_are_answered_in_order_with_their_transactions() -> None:
    """Pipelined requests, split anywhere."""
    part = connected()
    data = tcp(READ, 1, 0x1234) + tcp(client.write_register(1, 5), 1, 0x1235) + tcp(READ, 1, 0x1236)
    out = [*part.receive(5, "tcp#1", Burst(5, data[:20])), *part.receive(6, "tcp#1", Burst(6, data[20:]))]
    written = bytes.fromhex("030400050000")
    assert sent(out, "tcp#1") == [
        tcp(ANSWER, 1, 0x1234), tcp(client.write_register(1, 5), 1, 0x1235), tcp(written, 1, 0x1236)
    ]  # fmt: skip
    assert [event.direction.value for event in traced(out, Framed)] == ["received", "sent"] * 3
    assert [event.transaction for event in traced(out, Framed)] == [0x1234] * 2 + [0x1235] * 2 + [0x1236] * 2


@pytest.mark.parametrize(
    ("unit", "response"), [(3, ANSWER), (0, ANSWER), (255, ANSWER), (4, ANSWER), (5, b"\x83\x0b"), (254, b"\x83\x0b")]
)
def test_tcp_units(unit: int, response: bytes) -> None:
    """Units 0 and 255 are the device itself; an unknown one gets 0x0B; the unit comes back as it was asked."""
    part = connected(3, 4)
    assert sent(list(part.receive(5, "tcp#1", Burst(5, tcp(READ, unit)))), "tcp#1") == [tcp(response, unit)]


def test_tcp_device_itself_is_the_first_unit() -> None:
    part = connected(3, 4)
    part.receive(5, "tcp#1", Burst(5, tcp(client.write_register(1, 0x33), 3)))
    assert sent(list(part.receive(6, "tcp#1", Burst(6, tcp(client.read_holding_registers(1, 1), 255)))), "tcp#1") == [
        tcp(bytes.fromhex("03020033"), 255)
    ]


def test_connections_are_independent_and_traced() -> None:
    """Half a request on one connection does not touch another; a close in the middle is a truncated frame."""
    part = connected()
    part.receive(0, "tcp#2", Up("other"))
    assert part.receive(1, "tcp#1", Burst(1, tcp(READ)[:9])) == ()
    assert sent(list(part.receive(2, "tcp#2", Burst(2, tcp(READ)))), "tcp#2") == [tcp(ANSWER)]
    out = part.receive(3, "tcp#1", Down("reset by peer"))
    assert [event.reason for event in traced(out, Rejected)] == ["truncated"]
    assert [(event.port, event.up, event.text) for event in traced(out, Connection)] == [
        ("tcp#1", False, "reset by peer")
    ]
    assert part.receive(4, "tcp#1", Burst(4, tcp(READ))) == ()
    assert part.receive(4, "tcp#1", Down("again")) == ()


def test_one_connection_too_many_is_sent_away() -> None:
    """It gets `Down` and an overflow record; when another leaves there is room again."""
    part = server()
    for number in range(CONNECTIONS_MAX):
        assert traced(part.receive(0, f"tcp#{number}", Up("peer")), Connection)
    out = part.receive(0, "tcp#64", Up("peer"))
    assert [item for port, item in out if port == "tcp#64"] == [Down("too many connections")]
    assert traced(out, Overflow)
    assert part.receive(0, "tcp#64", Burst(0, tcp(READ))) == ()
    assert part.receive(0, "tcp#64", Down("closed")) == ()
    part.receive(0, "tcp#0", Down("closed"))
    assert traced(part.receive(0, "tcp#65", Up("peer")), Connection)


def test_delayed_responses_are_bounded_in_order_and_dropped_with_their_connection() -> None:
    part = connected()
    part.response_delay_ns = NS_PER_MS
    out = [*part.receive(0, "tcp#1", Burst(0, tcp(READ) * (DELAYED_MAX + 1)))]
    assert len(traced(out, Overflow)) == 1
    part.response_delay_ns = 0
    part.receive(0, "tcp#2", Up("other"))
    assert sent(list(part.receive(1, "tcp#2", Burst(1, tcp(READ)))), "tcp#2") == []
    out = list(part.expire(NS_PER_MS))
    assert len(sent(out, "tcp#1")) == DELAYED_MAX
    assert part.deadline_ns is None
    part.response_delay_ns = NS_PER_MS
    part.receive(0, "tcp#1", Burst(0, tcp(READ)))
    part.receive(0, "tcp#1", Down("closed"))
    assert part.expire(2 * NS_PER_MS) == []


@settings(deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=8), st.sampled_from([0, NS_PER_MS]))
def test_noise_leaves_it_answering(noise: list[bytes], late_ns: int) -> None:
    """After any noise and a silence, on the line and on a connection, a copy and the original answer alike."""
    line = Line(connected())
    for piece in noise:
        line.say(piece, late_ns=late_ns)
        line.part.receive(line.now_ns, "tcp#1", Burst(line.now_ns, piece))
    line.now_ns += 10 * NS_PER_MS
    twin = copy.deepcopy(line)
    request = rtu(client.diagnose(0, b"\x12\x34"))
    assert line.say(request, late_ns=late_ns) == [request] == twin.say(request, late_ns=late_ns)
    line.part.receive(line.now_ns, "tcp#2", Up("other"))
    out = list(line.part.receive(line.now_ns, "tcp#2", Burst(line.now_ns, tcp(b"\x08\x00\x00ab"))))
    assert sent(out, "tcp#2") == [tcp(b"\x08\x00\x00ab")]
