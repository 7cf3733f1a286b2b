# SPDX-License-Identifier: Apache-2.0
"""The conformance suite of `interfaces.framing.contract.Framer`: `CHECKS`, to be run over every case.

A case says how to make the framer, what frames and what garbage its wire may carry, and how bytes
become bursts there. Everything else is the same for all: split, concatenation, garbage, bounds.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol, TypeAlias

from hypothesis import strategies as st

from interfaces.framing.contract import Cut, Framer
from interfaces.wire import Burst, Frame, Reject

FLOOD_BYTES = 20_000
HELD_BYTES_MAX = 2 * 1024

Sent: TypeAlias = tuple[int, int, bytes]  # unit, transaction, payload


def chop(data: bytes, cuts: Sequence[int]) -> list[bytes]:
    """`data` in pieces, cut at `cuts` (taken modulo its length)."""
    places = sorted({cut % (len(data) + 1) for cut in cuts} | {0, len(data)})
    return [data[a:b] for a, b in pairwise(places)]


def play(framer: Framer, bursts: Sequence[Burst]) -> list[Cut]:
    """All that comes out of `bursts`, each deadline served at its instant, and out of the silence after them."""
    cuts: list[Cut] = []
    for burst in bursts:
        while framer.deadline_ns is not None and framer.deadline_ns <= burst.start_ns:
            cuts += _expire(framer)
        cuts += framer.receive(burst.end_ns, burst)
    while framer.deadline_ns is not None:
        cuts += _expire(framer)
    return cuts


def _expire(framer: Framer) -> Sequence[Cut]:
    due_ns = framer.deadline_ns
    assert due_ns is not None
    cuts = framer.expire(due_ns)
    assert framer.deadline_ns is None or framer.deadline_ns > due_ns
    return cuts


def good(cuts: Sequence[Cut]) -> list[Sent]:
    return [(cut.unit, cut.transaction, cut.payload) for cut in cuts if isinstance(cut, Frame)]


class Case(Protocol):
    """One framer on one kind of wire."""

    units: st.SearchStrategy[int]
    transactions: st.SearchStrategy[int]
    payloads: st.SearchStrategy[bytes]
    garbage: st.SearchStrategy[bytes]  # what cannot hold or begin a frame by itself

    def make(self) -> Framer: ...

    def bursts(self, items: Sequence[Sequence[bytes]]) -> list[Burst]:
        """Each item is one frame (or garbage) in pieces, handed over as this wire would."""
        ...


def any_split_and_concatenation_gives_the_frames(case: Case, data: st.DataObject) -> None:
    """Every frame sent comes out once, in order, and nothing else, however it was cut into pieces."""
    frames = _frames(case, data)
    out = play(case.make(), case.bursts([_pieces(data, _wire(case, frame)) for frame in frames]))
    assert good(out) == frames
    assert not [cut for cut in out if isinstance(cut, Reject)]


def garbage_before_a_frame_costs_no_frame(case: Case, data: st.DataObject) -> None:
    """Garbage before each frame is rejected with a reason and the frame after it still comes out."""
    frames = _frames(case, data)
    items: list[list[bytes]] = []
    for frame in frames:
        items += [_pieces(data, data.draw(case.garbage)), _pieces(data, _wire(case, frame))]
    out = play(case.make(), case.bursts(items))
    assert good(out) == frames
    assert [cut for cut in out if isinstance(cut, Reject)]


def any_bytes_leave_it_working(case: Case, data: st.DataObject) -> None:
    """Whatever came before, once the medium starts afresh the next frame comes out."""
    framer = case.make()
    play(framer, case.bursts([data.draw(st.lists(st.binary(max_size=300), max_size=8))]))
    framer.finish()
    assert not framer.finish()
    frames = _frames(case, data)[:1]
    assert good(play(framer, case.bursts([[_wire(case, frames[0])]]))) == frames


def a_copy_in_mid_frame_goes_on_as_the_original(case: Case, data: st.DataObject) -> None:
    """A framer copied between two pieces gives what the uncut one gives."""
    bursts = case.bursts([_pieces(data, _wire(case, frame)) for frame in _frames(case, data)])
    framer = case.make()
    framer.receive(bursts[0].end_ns, bursts[0])
    copied = copy.deepcopy(framer)
    assert play(framer, bursts[1:]) == play(copied, bursts[1:])


def a_flood_is_held_in_bounds(case: Case, data: st.DataObject) -> None:
    """Endless bytes without a frame keep memory flat."""
    framer = case.make()
    piece = data.draw(st.binary(min_size=1, max_size=16)) * 64
    for burst in case.bursts([[piece] * (FLOOD_BYTES // len(piece))]):
        framer.receive(burst.end_ns, burst)
    assert sum(len(cut.data) for cut in framer.finish() if isinstance(cut, Reject)) <= HELD_BYTES_MAX


CHECKS = (
    any_split_and_concatenation_gives_the_frames,
    garbage_before_a_frame_costs_no_frame,
    any_bytes_leave_it_working,
    a_copy_in_mid_frame_goes_on_as_the_original,
    a_flood_is_held_in_bounds,
)


def _frames(case: Case, data: st.DataObject) -> list[Sent]:
    return data.draw(st.lists(st.tuples(case.units, case.transactions, case.payloads), min_size=1, max_size=5))


def _pieces(data: st.DataObject, wire: bytes) -> list[bytes]:
    return chop(wire, data.draw(st.lists(st.integers(0, 300), max_size=5)))


def _wire(case: Case, frame: Sent) -> bytes:
    unit, transaction, payload = frame
    return case.make().encode(payload, unit, transaction)
