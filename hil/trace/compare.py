# SPDX-License-Identifier: Apache-2.0
"""Two traces of one scenario, compared by what the interceptors and their cells did, to the nanosecond.

Compared are discrete edges, the interceptors' states and their answers to commands, each place's in its own order;
what happens at one instant has no order between places.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

import msgspec

from hil.trace.events import Answer, AnyEvent, Edge, State

SEQUENCER = "sequencer"
Key = tuple[str, str]


class Happening(msgspec.Struct, frozen=True):
    """One thing at one instant, in words."""

    time_ns: int
    what: str


class Difference(msgspec.Struct, frozen=True):
    """The first thing of a place that the two traces tell differently; None where one has nothing any more."""

    place: str
    kind: str
    index: int
    one: Happening | None
    other: Happening | None

    def __str__(self) -> str:
        return f"{self.place} {self.kind} {self.index + 1}: {_words(self.one)} against {_words(self.other)}"


class Comparison(msgspec.Struct, frozen=True):
    """How many happenings of each kind were compared, and where they part."""

    counts: Mapping[str, int]
    differences: Sequence[Difference]


def compare(one: Iterable[AnyEvent], other: Iterable[AnyEvent]) -> Comparison:
    """The first difference of each place and kind."""
    left, right = _happenings(one), _happenings(other)
    counts: dict[str, int] = defaultdict(int)
    differences = []
    for key in sorted({*left, *right}):
        place, kind = key
        counts[kind] += max(len(left[key]), len(right[key]))
        for index, (mine, theirs) in enumerate(zip_longest(left[key], right[key])):
            if mine != theirs:
                differences.append(Difference(place, kind, index, mine, theirs))
                break
    return Comparison(counts, differences)


def _happenings(events: Iterable[AnyEvent]) -> defaultdict[Key, list[Happening]]:
    found: defaultdict[Key, list[Happening]] = defaultdict(list)
    for event in events:
        match event:
            case Edge(time_ns, place, line, active):
                found[place, f"edge of {line}"].append(Happening(time_ns, "active" if active else "inactive"))
            case State(time_ns, place, machine, before, after, cause) if machine == SEQUENCER:
                found[place, "state"].append(Happening(time_ns, f"{before} to {after} by {cause}"))
            case Answer(time_ns, place, command, result) if "." in place:  # a cell's; the launchers' own have no clock
                found[place, "answer"].append(Happening(time_ns, f"{command} {result}"))
            case _:
                pass
    return found


def _words(happening: Happening | None) -> str:
    return f"{happening.what} at {happening.time_ns} ns" if happening is not None else "nothing"
