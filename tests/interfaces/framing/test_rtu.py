# SPDX-License-Identifier: Apache-2.0
"""RTU by silence: t1.5 and t3.5 at the limit and one nanosecond either side, flaws, and glued runs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfaces.framing.contract import Cut
from interfaces.framing.rtu import RtuFramer, silences_ns
from interfaces.modbus.lengths import request_length, response_length
from interfaces.wire import NS_PER_MS, Burst, Flaw, Frame, Mark, Reject, RejectReason

PDU = bytes.fromhex("030001 0002".replace(" ", ""))
LENGTHS = (request_length, response_length)
RATES = [(9600, 11), (19200, 11), (19200, 10), (38400, 11), (115200, 10)]


def two_halves(rate: int, bits: int, gap_ns: int, late_ns: int = 0) -> list[Cut]:
    """What comes of a frame with `gap_ns` in its middle."""
    framer = RtuFramer(rate, bits, LENGTHS)
    wire = framer.encode(PDU, 1)
    first = Burst(1000, wire[:4], rate, bits, (), late_ns)
    second = Burst(first.end_ns + gap_ns, wire[4:], rate, bits, (), late_ns)
    return [*framer.receive(0, first), *framer.receive(0, second), *close(framer)]


def close(framer: RtuFramer) -> list[Cut]:
    cuts: list[Cut] = []
    while framer.deadline_ns is not None:
        cuts += framer.expire(framer.deadline_ns)
    return cuts


def reasons(cuts: Sequence[Cut]) -> list[RejectReason]:
    return [cut.reason for cut in cuts if isinstance(cut, Reject)]


def test_silences_of_the_standard() -> None:
    """1.5 and 3.5 characters up to 19200 bit/s, 750 us and 1.75 ms above (MODBUS-SL V1.02 2.5.1.1)."""
    assert silences_ns(9600, 11) == (1_718_750, 4_010_417)
    assert silences_ns(19200, 11) == (859_375, 2_005_209)
    assert silences_ns(19201, 11) == silences_ns(115200, 10) == (750_000, 1_750_000)


@pytest.mark.parametrize(("rate", "bits"), RATES)
@pytest.mark.parametrize("beyond_ns", [-1, 0, 1])
def test_t15(rate: int, bits: int, beyond_ns: int) -> None:
    """A gap of t1.5 is allowed, one nanosecond more rejects the frame."""
    cuts = two_halves(rate, bits, silences_ns(rate, bits)[0] + beyond_ns)
    if beyond_ns <= 0:
        assert [isinstance(cut, Frame) and not cut.doubtful_gap for cut in cuts] == [True]
    else:
        assert reasons(cuts) == [RejectReason.GAP]


@pytest.mark.parametrize(("rate", "bits"), RATES)
@pytest.mark.parametrize("beyond_ns", [-1, 0, 1])
def test_t35(rate: int, bits: int, beyond_ns: int) -> None:
    """A gap of t3.5 parts two frames, one nanosecond less is a gap inside one."""
    cuts = two_halves(rate, bits, silences_ns(rate, bits)[1] + beyond_ns)
    expected = [RejectReason.GAP] if beyond_ns < 0 else [RejectReason.CRC, RejectReason.CRC]
    assert reasons(cuts) == expected


@pytest.mark.parametrize("before_ns", [1, 0, -1])
def test_a_frame_is_known_t35_after_its_end_and_not_before(before_ns: int) -> None:
    """`expire` one nanosecond early gives nothing."""
    framer = RtuFramer(19200)
    burst = Burst(0, framer.encode(PDU, 1), 19200, 11)
    framer.receive(burst.end_ns, burst)
    due_ns = burst.end_ns + silences_ns(19200, 11)[1]
    assert framer.deadline_ns == due_ns
    assert bool(framer.expire(due_ns - before_ns)) == (before_ns <= 0)


@pytest.mark.parametrize(("beyond_ns", "doubtful"), [(-1, True), (0, True), (1, None)])
def test_a_gap_within_the_stamps_error_is_kept_as_doubtful(beyond_ns: int, doubtful: bool | None) -> None:
    """Up to `late_ns` beyond t1.5 the frame counts and its gap is doubtful; beyond, it is rejected."""
    late_ns = 100_000
    (cut,) = two_halves(19200, 11, 859_375 + late_ns + beyond_ns, late_ns)
    if doubtful is None:
        assert reasons([cut]) == [RejectReason.GAP]
    else:
        assert isinstance(cut, Frame)
        assert cut.doubtful_gap is doubtful


def test_a_late_second_half_is_waited_for() -> None:
    """A half frame whose rest may be stamped late is held for `late_ns` after t3.5, then rejected."""
    framer = RtuFramer(115200, 10, LENGTHS)
    wire = framer.encode(PDU, 1)
    first = Burst(0, wire[:4], 115200, 10, (), 5 * NS_PER_MS)
    framer.receive(0, first)
    assert framer.expire(first.end_ns + 1_750_000) == ()
    assert framer.deadline_ns == first.end_ns + 1_750_000 + 5 * NS_PER_MS
    second = Burst(first.end_ns + 4 * NS_PER_MS, wire[4:], 115200, 10, (), 5 * NS_PER_MS)
    framer.receive(0, second)
    (frame,) = close(framer)
    assert isinstance(frame, Frame)
    assert frame.doubtful_gap


def test_glued_frames_with_exact_stamps_are_one_bad_frame() -> None:
    """Without silence between them a receiver on a real line sees one frame with a wrong CRC."""
    framer = RtuFramer(19200, 11, LENGTHS)
    framer.receive(0, Burst(0, framer.encode(PDU, 1) + framer.encode(PDU, 2), 19200, 11))
    assert reasons(close(framer)) == [RejectReason.CRC]


def test_glued_chunk_of_foreign_traffic_gives_each_frame() -> None:
    """Request and response of another unit and a request with a private function, in one chunk."""
    framer = RtuFramer(19200, 11, LENGTHS)
    pdus = [(9, PDU), (9, bytes.fromhex("030400110022")), (9, b"\x83\x02"), (1, b"\x41private")]
    framer.receive(0, Burst(0, b"".join(framer.encode(pdu, unit) for unit, pdu in pdus), 19200, 11, (), NS_PER_MS))
    cuts = close(framer)
    assert [(cut.unit, cut.payload) for cut in cuts if isinstance(cut, Frame)] == pdus
    assert all(isinstance(cut, Frame) and cut.doubtful_gap for cut in cuts)


def test_a_request_inside_a_foreign_response_is_not_a_request() -> None:
    """Data that looks like a frame stays data, even when chunks are glued."""
    framer = RtuFramer(19200, 11, LENGTHS)
    inner = framer.encode(PDU, 1)
    outer = bytes((3, len(inner))) + inner
    wire = framer.encode(outer, 9) + framer.encode(PDU, 2)
    framer.receive(0, Burst(0, wire, 19200, 11, (), NS_PER_MS))
    assert [(cut.unit, cut.payload) for cut in close(framer) if isinstance(cut, Frame)] == [(9, outer), (2, PDU)]


def test_a_response_that_begins_like_a_request_is_read_to_its_end() -> None:
    """Where both readings of the length have a good CRC, the longer one counts."""
    framer = RtuFramer(19200, 11, LENGTHS)
    request = framer.encode(bytes((3, 20, 1, 2, 3)), 9)
    outer = request[1:] + framer.encode(PDU, 1) + b"\0\0\0\0\0\0\0"
    assert len(outer) == 22
    wire = framer.encode(outer, 9) + framer.encode(PDU, 2)
    framer.receive(0, Burst(0, wire, 19200, 11, (), NS_PER_MS))
    assert [(cut.unit, cut.payload) for cut in close(framer) if isinstance(cut, Frame)] == [(9, outer), (2, PDU)]


@pytest.mark.parametrize("noise_bytes", [760, 1015, 1016, 1017, 1020, 1023, 1024, 1025, 2040])
@pytest.mark.parametrize("piece_bytes", [1, 7, 500, 3000])
def test_a_frame_after_endless_noise_is_found_wherever_it_is_cut(noise_bytes: int, piece_bytes: int) -> None:
    """Noise without a visible silence is given out in parts, and the frame it runs into is not lost."""
    framer = RtuFramer(19200, 11, LENGTHS)
    wire = b"\x55" * noise_bytes + framer.encode(PDU, 1)
    cuts: list[Cut] = []
    for at in range(0, len(wire), piece_bytes):
        start_ns = 5 + at * 11 * 10**9 // 19200
        cuts += framer.receive(0, Burst(start_ns, wire[at : at + piece_bytes], 19200, 11, (), NS_PER_MS))
    cuts += close(framer)
    assert [(cut.unit, cut.payload) for cut in cuts if isinstance(cut, Frame)] == [(1, PDU)]
    assert sum(len(cut.data) for cut in cuts if isinstance(cut, Reject)) == noise_bytes
    assert cuts[-1].start_ns == pytest.approx(5 + noise_bytes * 11 * 10**9 // 19200, abs=2)
    assert all(before.end_ns == pytest.approx(after.start_ns, abs=2) for before, after in pairwise(cuts))


@pytest.mark.parametrize("index", [0, 7])
@pytest.mark.parametrize("late_ns", [0, NS_PER_MS])
def test_a_flaw_in_a_glued_run_rejects_what_it_lies_in(index: int, late_ns: int) -> None:
    """By content only the flawed frame is lost; with exact stamps both, being one run."""
    framer = RtuFramer(19200, 11, LENGTHS)
    wire = framer.encode(PDU, 1)
    framer.receive(0, Burst(0, wire + wire, 19200, 11, (Mark(index, Flaw.FRAMING),), late_ns))
    cuts = close(framer)
    assert reasons(cuts) == [RejectReason.FRAMING]
    assert len(cuts) == (2 if late_ns else 1)


@pytest.mark.parametrize("flaw", list(Flaw))
def test_a_flawed_character_rejects_its_frame_only(flaw: Flaw) -> None:
    """The frame with the mark is rejected for it; the frame after the silence is good."""
    framer = RtuFramer(19200)
    wire = framer.encode(PDU, 1)
    first = Burst(0, wire, 19200, 11, (Mark(7, flaw),))
    second = Burst(first.end_ns + 3 * NS_PER_MS, wire, 19200, 11)
    cuts = [*framer.receive(0, first), *framer.receive(0, second), *close(framer)]
    assert reasons(cuts) == [RejectReason(flaw.value)]
    assert isinstance(cuts[1], Frame)


@pytest.mark.parametrize(
    ("size", "reason"), [(1, "short"), (3, "short"), (4, "crc"), (256, "crc"), (257, "long"), (5000, "long")]
)
def test_size_limits(size: int, reason: str) -> None:
    """Frames have 4 to 256 bytes; what is longer is kept in part only."""
    framer = RtuFramer(19200)
    for at in range(0, size, 100):
        burst = Burst(at * 11 * 10**9 // 19200, b"\x55" * min(100, size - at), 19200, 11)
        framer.receive(0, burst)
    (cut,) = close(framer)
    assert isinstance(cut, Reject)
    assert cut.reason.value == reason
    assert len(cut.data) <= 400
    assert cut.end_ns == burst.end_ns


@pytest.mark.parametrize("pdu_bytes", [1, 253])
def test_shortest_and_longest_frame(pdu_bytes: int) -> None:
    """4 and 256 bytes are good frames."""
    framer = RtuFramer(19200)
    pdu = bytes((3,)) * pdu_bytes
    framer.receive(0, Burst(0, framer.encode(pdu, 1), 19200, 11))
    (frame,) = close(framer)
    assert isinstance(frame, Frame)
    assert frame.payload == pdu


def test_a_burst_that_began_before_the_silence_was_over_is_rejected() -> None:
    """Known only after the frame before it was taken: the frame stands, the burst has a wrong gap."""
    framer = RtuFramer(19200)
    first = Burst(0, framer.encode(PDU, 1), 19200, 11)
    framer.receive(0, first)
    assert isinstance(close(framer)[0], Frame)
    framer.receive(0, Burst(first.end_ns + silences_ns(19200, 11)[1] - 1, framer.encode(PDU, 1), 19200, 11))
    assert reasons(close(framer)) == [RejectReason.GAP]


T35_NS = silences_ns(115200, 10)[1]
GAPS_NS = st.sampled_from([0, 1, T35_NS // 2, T35_NS - 1, T35_NS, T35_NS + 1, 3 * T35_NS])
WIRES = [RtuFramer(115200).encode(PDU, unit) for unit in (0, 1, 2, 3)]
PIECES = st.sampled_from(
    [*WIRES, WIRES[2][:4], WIRES[2][4:], WIRES[2] + WIRES[1], b"\x02", WIRES[2] * 40, WIRES[2] * 129]
)


def played(framer: RtuFramer, pieces: list[tuple[int, bytes, int]]) -> list[tuple[int, Cut]]:
    """The cuts, each with its instant, of bursts after their gaps; deadlines are served when they are due."""
    cuts: list[tuple[int, Cut]] = []
    end_ns = 10 * T35_NS
    for gap_ns, data, late_ns in pieces:
        burst = Burst(end_ns + gap_ns, data, 115200, 10, (), late_ns)
        end_ns = burst.end_ns
        while (due_ns := framer.deadline_ns) is not None and due_ns <= end_ns:
            cuts += [(due_ns, cut) for cut in framer.expire(due_ns)]
        cuts += [(end_ns, cut) for cut in framer.receive(end_ns, burst)]
    while (due_ns := framer.deadline_ns) is not None:
        cuts += [(due_ns, cut) for cut in framer.expire(due_ns)]
    return cuts + [(end_ns + 9 * T35_NS, cut) for cut in framer.expire(end_ns + 9 * T35_NS)]


@given(st.lists(st.tuples(GAPS_NS, PIECES, st.sampled_from([0, 0, 0, T35_NS])), max_size=6))
def test_frames_to_others_cost_no_wake_up_and_change_nothing(pieces: list[tuple[int, bytes, int]]) -> None:
    """The same cuts in the same order; of rejects and of frames to the units served the same instants too."""
    every = played(RtuFramer(115200, 10, LENGTHS), pieces)
    ours = played(RtuFramer(115200, 10, LENGTHS, {0, 1}), pieces)
    assert [cut for _, cut in every] == [cut for _, cut in ours]

    def prompt(cuts: list[tuple[int, Cut]]) -> list[tuple[int, Cut]]:
        return [(at_ns, cut) for at_ns, cut in cuts if isinstance(cut, Reject) or cut.unit in (0, 1)]

    assert prompt(every) == prompt(ours)


def test_a_frame_to_another_unit_asks_for_no_wake_up() -> None:
    """One to a served unit does, and so does a bad one, whoever it was for."""
    for wire, asked in ((WIRES[1], True), (WIRES[0], True), (WIRES[2], False), (WIRES[2][:-1] + b"\x00", True)):
        framer = RtuFramer(115200, 10, LENGTHS, {0, 1})
        framer.receive(0, Burst(0, wire, 115200, 10))
        assert (framer.deadline_ns is not None) is asked


def test_a_run_that_was_judged_whole_while_it_went_on_leaves_nothing_foreign() -> None:
    """A flood of glued frames is cut as it comes, to its last byte; there is no unit left to look at."""
    framer = RtuFramer(115200, 10, LENGTHS, {0, 1})
    flood = WIRES[2] * 129
    first = Burst(0, flood, 115200, 10, (), T35_NS)
    second = Burst(first.end_ns, WIRES[2], 115200, 10, (), T35_NS)
    cuts = [*framer.receive(first.end_ns, first), *framer.receive(second.end_ns, second), *close(framer)]
    assert [cut.unit for cut in cuts if isinstance(cut, Frame)] == [2] * 130
