# SPDX-License-Identifier: Apache-2.0
"""One pass over a trace for all requirements; records that none of them wants cost next to nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hil.trace.events import Event, Framed, Judged, Late, Wire
from hil.verdicts.model import Requirement, Verdict
from hil.verdicts.rules import Judge, judge_of

_STAMPED = frozenset((Wire, Framed))  # records whose instants are those of a link's stamps


def judge(requirements: Sequence[Requirement], trace: Iterable[Event], end_ns: int) -> list[Verdict]:
    """The verdict of each requirement over the records of a trace, whose first line is 1.

    An instant is as wrong as the clock was late; one of a burst, or of a frame cut out of one, is as
    wrong as the stamps of the run's wires may be late, too.
    """
    judges = [judge_of(requirement) for requirement in requirements]
    # By type, then by place: most records are of a place or a type that no requirement names.
    routes: dict[type[Event], dict[str, list[Judge]]] = {
        matcher.event_type: {} for one in judges for matcher in one.matchers
    }
    if not _STAMPED.isdisjoint(routes):
        routes.setdefault(Wire, {})
    error_ns = stamp_ns = 0
    get = routes.get
    for line, event in enumerate(trace, 1):
        places = get(type(event))
        if places is not None:
            interested = places.get(event.place)
            if interested is None:
                interested = places[event.place] = [one for one in judges if _wants(one, event)]
            for one in interested:
                one.feed(line, event)
            if type(event) is Wire and event.late_ns > stamp_ns:
                stamp_ns = event.late_ns
        elif type(event) is Late:
            error_ns = max(error_ns, event.late_ns)
    return [one.conclude(end_ns, max(error_ns, stamp_ns) if _is_stamped(one) else error_ns) for one in judges]


def _is_stamped(judge: Judge) -> bool:
    return any(matcher.event_type in _STAMPED for matcher in judge.matchers)


def _wants(judge: Judge, event: Event) -> bool:
    return any(type(event) is matcher.event_type and matcher.is_place(event.place) for matcher in judge.matchers)


def to_events(verdicts: Iterable[Verdict], now_ns: int) -> list[Event]:
    """The verdicts as trace records, to be appended to the run's."""
    return [
        Judged(now_ns, "bench", one.requirement, one.outcome.value, one.limit, one.figure, list(one.evidence))
        for one in verdicts
    ]
