# SPDX-License-Identifier: Apache-2.0
"""The line model: exact instants, queueing, pieces, real taps, bounds and collisions bit by bit."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from hil.links.bound import HIGH_BYTES
from hil.links.line import COLLISION, Line
from hil.trace.events import TRACE, Overflow, Wire
from interfaces.wire import NS_PER_S, Burst, Flaw, Full, Mark, Ready, Sent, Transmit

RATE, CHAR_BITS = 9600, 10
CHAR_NS = CHAR_BITS * NS_PER_S // RATE


def span_ns(chars: int, rate: int = RATE, char_bits: int = CHAR_BITS) -> int:
    return chars * char_bits * NS_PER_S // rate


def play(line: Line, inputs: list[tuple[int, str, Any]], end_ns: int = 10**12) -> list[tuple[int, str, Any]]:
    """All outputs with their instants; deadlines due at an input's instant are served before it."""
    out: list[tuple[int, str, Any]] = []
    for now_ns, port, item in [*inputs, (end_ns, "", None)]:
        while line.deadline_ns is not None and line.deadline_ns <= now_ns:
            due_ns = line.deadline_ns
            out += [(due_ns, *output) for output in line.expire(due_ns)]
            assert line.deadline_ns is None or line.deadline_ns > due_ns
        if port:
            out += [(now_ns, *output) for output in line.receive(now_ns, port, item)]
    return out


def heard(out: list[tuple[int, str, Any]], tap: str) -> list[Burst]:
    return [item for _, port, item in out if port == tap and isinstance(item, Burst)]


def test_a_transmit_ends_after_exactly_its_characters() -> None:
    """Nothing is heard one nanosecond before the last stop bit ends; then burst, record and answer come."""
    line = Line("bus", ["a", "b", "c"], RATE)
    assert line.receive(1000, "a", Transmit(b"xyz")) == []
    end_ns = 1000 + span_ns(3)
    assert line.deadline_ns == end_ns
    assert line.expire(end_ns - 1) == []
    burst = Burst(1000, b"xyz", RATE, CHAR_BITS)
    assert line.expire(end_ns) == [
        ("b", burst),
        ("c", burst),
        (TRACE, Wire(end_ns, "bus", "a", 1000, end_ns, "78797a")),
        ("a", Sent(end_ns)),
    ]
    assert line.deadline_ns is None


def test_what_waits_goes_out_back_to_back() -> None:
    """The second transmit of a tap begins at the instant the first one ends."""
    out = play(Line("bus", ["a", "b"], RATE), [(0, "a", Transmit(b"12")), (5, "a", Transmit(b"3"))])
    assert [(b.start_ns, b.data) for b in heard(out, "b")] == [(0, b"12"), (span_ns(2), b"3")]


def test_full_duplex_directions_do_not_meet() -> None:
    """Both ends send at once and both hear everything."""
    line = Line("cable", ["a", "b"], RATE, half_duplex=False)
    out = play(line, [(0, "a", Transmit(b"aaa")), (10, "b", Transmit(b"bbb"))])
    assert heard(out, "a") == [Burst(10, b"bbb", RATE, CHAR_BITS)]
    assert heard(out, "b") == [Burst(0, b"aaa", RATE, CHAR_BITS)]


def test_full_duplex_has_two_taps() -> None:
    """A third tap on a point-to-point line is a mistake of whoever composed it."""
    with pytest.raises(ValueError, match="two taps, not 3"):
        Line("cable", ["a", "b", "c"], RATE, half_duplex=False)


@pytest.mark.parametrize("chars", [1, 2, 7, 8, 9, 16])
def test_pieces_are_contiguous_and_in_time(chars: int) -> None:
    """Each piece comes when its last character ends; together they are the whole, without a gap."""
    data = bytes(range(chars))
    out = play(Line("bus", ["a", "b"], RATE, piece_ns=4 * CHAR_NS + 5), [(7, "a", Transmit(data))])
    bursts = [(now_ns, item) for now_ns, port, item in out if port == "b"]
    assert b"".join(burst.data for _, burst in bursts) == data
    at = 0
    for now_ns, burst in bursts:
        assert len(burst.data) <= 4
        assert burst.start_ns == 7 + span_ns(at)
        at += len(burst.data)
        assert now_ns == 7 + span_ns(at)
    assert len([item for _, _, item in out if isinstance(item, Wire)]) == 1


def test_a_real_tap_gets_what_is_sent_when_it_begins() -> None:
    """The UART behind it takes the time itself; the others hear it at its end."""
    line = Line("bus", ["device", "other", "port"], RATE, real_taps=["port"])
    out = play(line, [(0, "device", Transmit(b"ab"))])
    assert [(now_ns, port) for now_ns, port, item in out if isinstance(item, Burst)] == [
        (0, "port"),
        (span_ns(2), "other"),
    ]


def test_what_comes_from_a_real_tap_is_handed_on_as_it_is() -> None:
    """Already timed, with its flaws; the record tells both."""
    line = Line("bus", ["device", "port"], RATE, real_taps=["port"])
    burst = Burst(5, b"ab", RATE, CHAR_BITS, (Mark(1, Flaw.PARITY),), 77)
    out = line.receive(50 * CHAR_NS, "port", burst)
    record = Wire(50 * CHAR_NS, "bus", "port", 5, burst.end_ns, "6162", 77, "1:parity")
    assert list(out) == [(TRACE, record), ("device", burst)]


def test_an_unpaced_line_takes_no_time() -> None:
    """Bit rate 0: delivered and answered at once, what came from outside still marked late."""
    line = Line("bus", ["a", "b"], 0)
    out = play(line, [(9, "a", Transmit(b"now", 33))])
    assert heard(out, "b") == [Burst(9, b"now", 0, CHAR_BITS, (), 33)]
    assert [item for _, port, item in out if port == "a"] == [Sent(9)]


def test_a_flood_is_bounded_and_its_loss_recorded_once() -> None:
    """`Full` once, then nothing is kept until `Ready`; the lost bytes are counted."""
    line = Line("bus", ["a", "b"], RATE)
    chunk = bytes(1024)
    out = play(line, [(i, "a", Transmit(chunk)) for i in range(200)])
    told = [item for _, _, item in out if isinstance(item, Full | Ready | Overflow)]
    kept = HIGH_BYTES // 1024 + 1
    assert [type(item) for item in told] == [Full, Overflow, Ready]
    assert told[1].count == (200 - kept) * 1024
    assert sum(len(burst.data) for burst in heard(out, "b")) == kept * 1024


def test_a_copy_goes_on_alike() -> None:
    """Copied in the middle of two transmits that collide, both copies give the same."""
    line = Line("bus", ["a", "b", "c"], RATE)
    line.receive(0, "a", Transmit(b"hello"))
    line.receive(100, "b", Transmit(b"world!"))
    twin = copy.deepcopy(line)
    assert play(line, []) == play(twin, [])


class TestCollision:
    """Two senders at once on a half-duplex line."""

    def collide(self, one: bytes, other: bytes, after_ns: int, **options: Any) -> list[tuple[int, str, Any]]:
        line = Line("bus", ["a", "b", "ear"], RATE, **options)
        return play(line, [(0, "a", Transmit(one)), (after_ns, "b", Transmit(other))])

    def test_in_step_it_is_the_and_of_the_characters(self) -> None:
        """Exactly at once, without parity: nothing but the bytes' AND, and no flaw."""
        out = self.collide(b"\xf0\x55", b"\x3c\x0f", 0)
        assert heard(out, "ear") == [Burst(0, b"\x30\x05", RATE, CHAR_BITS)]

    def test_parity_shows_a_broken_sum(self) -> None:
        """0x01 and 0x07 carry parity 1 each under even parity and sum to 0x01: no flaw; 0x03 and 0x05: one."""
        assert self.marks(b"\x01", b"\x07") == ()
        assert self.marks(b"\x03", b"\x05") == (Mark(0, Flaw.PARITY),)

    def marks(self, one: bytes, other: bytes) -> tuple[Mark, ...]:
        (burst,) = heard(self.collide(one, other, 0, char_bits=11, parity="even"), "ear")
        assert burst.data == bytes((one[0] & other[0],))
        return burst.marks

    def test_out_of_step_a_stop_bit_is_pulled_low(self) -> None:
        """Half a character later the other's bits fall on the first one's stop bit: a framing error."""
        (burst, *_) = heard(self.collide(b"\xff", b"\x00", CHAR_NS // 2), "ear")
        assert burst.start_ns == 0
        assert burst.data == b"\x0f"
        assert burst.marks == (Mark(0, Flaw.FRAMING),)

    def test_zeros_without_a_stop_bit_are_a_break(self) -> None:
        """Low for a whole character and its stop bit."""
        (burst, *_) = heard(self.collide(b"\x00", b"\x00", CHAR_NS // 2), "ear")
        assert burst.marks == (Mark(0, Flaw.BREAK),)

    @pytest.mark.parametrize(("after_ns", "collides"), [(span_ns(2) - 1, True), (span_ns(2), False)])
    def test_one_nanosecond_decides(self, after_ns: int, collides: bool) -> None:
        """A sender that begins as the other's last stop bit ends does not collide; 1 ns before, it does."""
        out = self.collide(b"ab", b"cd", after_ns)
        flaws = [item.flaws for _, _, item in out if isinstance(item, Wire)]
        assert flaws == ([COLLISION] * 2 if collides else ["", ""])

    def test_a_last_stop_bit_cut_short_breaks_no_character(self) -> None:
        """The stop bit was read at its centre: all four characters arrive."""
        out = self.collide(b"ab", b"cd", span_ns(2) - 1)
        assert b"".join(burst.data for burst in heard(out, "ear")) == b"abcd"

    def test_both_senders_are_answered_at_their_own_end(self) -> None:
        """Nobody learns of a collision from the line."""
        out = self.collide(b"abc", b"d", 100)
        assert [(port, item.end_ns) for _, port, item in out if isinstance(item, Sent)] == [
            ("b", 100 + span_ns(1)),
            ("a", span_ns(3)),
        ]

    def test_a_sender_hears_only_what_comes_while_it_is_silent(self) -> None:
        """Its receiver is off while it sends; the tail of the longer transmit reaches it."""
        out = self.collide(b"\xff" * 6, b"\xff", 3 * CHAR_NS // 2)
        assert heard(out, "a") == []
        tail = heard(out, "b")
        # One character was over before it began to send, then it was deaf until 2.5 characters.
        assert [(burst.start_ns, len(burst.data)) for burst in tail] == [(0, 1), (span_ns(3), 3)]

    def test_after_it_the_line_is_as_before(self) -> None:
        """A transmit behind the collision is heard whole, in one burst, unmarked."""
        line = Line("bus", ["a", "b", "ear"], RATE)
        later_ns = span_ns(10)
        inputs = [(0, "a", Transmit(b"abc")), (100, "b", Transmit(b"x")), (later_ns, "a", Transmit(b"fine"))]
        assert heard(play(line, inputs), "ear")[-1] == Burst(later_ns, b"fine", RATE, CHAR_BITS)

    def test_a_line_that_is_never_silent_takes_no_more_memory(self) -> None:
        """Two senders that overlap without end: what everybody has heard is forgotten."""
        line = Line("bus", ["a", "b", "ear"], RATE)
        inputs = [(i * span_ns(2), "ab"[i % 2], Transmit(b"uvw")) for i in range(400)]
        play(line, inputs, end_ns=inputs[-1][0])
        collision = line._collision
        assert collision is not None
        assert len(collision._waves) < 8
