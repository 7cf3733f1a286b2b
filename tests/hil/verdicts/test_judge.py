# SPDX-License-Identifier: Apache-2.0
"""Many requirements in one pass: against simple oracles, and the same live and from the stored file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from hil.trace import events
from hil.trace.events import Answer, Edge, Event, Judged, Message, State, Wire
from hil.trace.query import read
from hil.trace.recorder import Recorder
from hil.verdicts.judge import judge, to_events
from hil.verdicts.model import Outcome
from hil.verdicts.table import as_dict, as_table
from interfaces.wire import NS_PER_MS, Direction
from tests.hil.verdicts.records import ANSWER, EDGE, answer, edge, late, outcome, requirement, state, verdict

LIMIT_NS = 3  # ns, so that drawn instants meet it often
PLACES = ("a", "b")
TRACE = st.lists(
    st.tuples(st.sampled_from("era"), st.integers(0, 3), st.sampled_from(PLACES)),
    max_size=14,
)


def records(drawn: Sequence[tuple[str, int, str]]) -> list[Event]:
    """Edges (e), answers (a) and moves (r), each some ns after the one before."""
    trace: list[Event] = []
    now_ns = 0
    for kind, later_ns, place in drawn:
        now_ns += later_ns
        makers: dict[str, Event] = {
            "e": edge(now_ns, place=place),
            "a": answer(now_ns, place=place),
            "r": state(now_ns, "safe", place),
        }
        trace.append(makers[kind])
    return trace


@given(TRACE, st.booleans(), st.integers(0, 6))
@settings(max_examples=300, deadline=None)
def test_response_against_every_pair(drawn: list[tuple[str, int, str]], same: bool, more_ns: int) -> None:
    """Each trigger takes the first response after it; compared over all pairs."""
    trace = records(drawn)
    end_ns = (trace[-1].time_ns if trace else 0) + more_ns
    wanted = [
        min((b.time_ns - a.time_ns for b in trace[n + 1 :] if _answers(a, b, same)), default=None)
        for n, a in enumerate(trace)
        if isinstance(a, Edge)
    ]
    waits = [end_ns - a.time_ns for a in trace if isinstance(a, Edge)]
    judged = [
        wait if figure is None else figure
        for figure, wait in zip(wanted, waits, strict=True)
        if figure is not None or wait > LIMIT_NS
    ]
    keys: dict[str, Any] = {"same": "place"} if same else {}
    rule = requirement(
        "response", trigger=EDGE, response=ANSWER, within_ms=LIMIT_NS / NS_PER_MS, unseen="inconclusive", **keys
    )
    if not judged:
        assert outcome(rule, trace, end_ns) == "inconclusive"
    else:
        assert outcome(rule, trace, end_ns) == ("pass" if max(judged) <= LIMIT_NS else "fail")


def _answers(trigger: Event, response: Event, same: bool) -> bool:
    return isinstance(response, Answer) and (not same or response.place == trigger.place)


@given(TRACE)
@settings(max_examples=300, deadline=None)
def test_never_against_looking_back(drawn: list[tuple[str, int, str]]) -> None:
    """An edge is right when, looking back from it, an answer comes before a reset."""
    trace = records(drawn)
    wrong = []
    for n, one in enumerate(trace):
        before = [type(other) for other in reversed(trace[:n]) if isinstance(other, Answer | State)]
        if isinstance(one, Edge) and before[:1] != [Answer]:
            wrong.append(n + 1)
    got = verdict(requirement("never", match=EDGE, unless=ANSWER, reset={"kind": "state"}), trace)
    assert got.evidence == tuple(wrong)
    assert got.outcome is (Outcome.FAIL if wrong else Outcome.PASS)


@given(TRACE)
@settings(max_examples=300, deadline=None)
def test_order_against_a_search(drawn: list[tuple[str, int, str]]) -> None:
    """The steps are there in order exactly when their letters are a subsequence of the trace's."""
    letters = iter("".join(kind for kind, _, _ in drawn))
    there = all(letter in letters for letter in "eae")
    rule = requirement("order", steps=[EDGE, ANSWER, EDGE])
    assert outcome(rule, records(drawn)) == ("pass" if there else "fail")


@given(TRACE)
@settings(max_examples=300, deadline=None)
def test_one_pass_for_all_is_as_one_pass_for_each(drawn: list[tuple[str, int, str]]) -> None:
    """Requirements do not disturb one another, whatever places and kinds they name."""
    rules = [
        requirement("count", match={**EDGE, "place": "a"}),
        requirement("count", match={**EDGE, "place": "*"}),
        requirement("never", match=EDGE, unless={**ANSWER, "place": "b"}),
        requirement("rate", match={"kind": "state", "place": "b*"}, period_ms=1, tolerance_ms=1),
        requirement("always", of={"kind": "state"}, holds={"place": "a"}),
    ]
    trace = [*records(drawn), late(2)]
    assert judge(rules, trace, 20) == [verdict(rule, trace, 20) for rule in rules]


def test_live_and_stored_give_the_same_verdicts(tmp_path: Path) -> None:
    """Tuples, numbers that JSON can't say, enumerations and lists: the stored trace is judged alike."""
    trace: list[Event] = [
        Message(
            1, "radar1", "serial", Direction.SENT, "report", {"tracks": ({"id": 1, "cells": (1,)},), "pair": (1, 2)}
        ),
        events.Register(2, "land1", "speed", float("nan"), "peer"),
        events.World(3, "world", "away", {"target": "raider", "cell": 1}),
        *(edge(number * 100) for number in range(4)),
        answer(500),
        events.Framed(600, "land1", "rtu", Direction.RECEIVED, 1, 2, "03"),
        Wire(700, "bus", "land1", 1, 2, "00"),
        late(60),
    ]
    rules = [
        requirement("count", match={"kind": "message", "where": {"fields.tracks": {"any": {"id": 1}}}}, min=1),
        requirement("count", match={"kind": "message", "where": {"fields.pair": [1, 2]}}, min=1),
        requirement("count", match={"kind": "message", "where": {"fields.tracks": [{"id": 1, "cells": [1]}]}}, min=1),
        requirement("count", match={"kind": "register", "where": {"value": {"not": None}}}, min=1),
        requirement("count", match={"kind": "world", "where": {"about.cell": {"min": 1}}}, min=1),
        requirement("count", match={"kind": "frame", "where": {"direction": "received"}}, min=1),
        requirement("never", match=EDGE, unless=ANSWER),
        requirement("response", trigger=EDGE, response=ANSWER, within_ms=0.0005),
        requirement("rate", match=EDGE, period_ms=0.0001, tolerance_ms=0),
        requirement("order", steps=[EDGE, ANSWER]),
        requirement("always", of={"kind": "wire"}, holds={"source": "land1"}),
    ]
    live = judge(rules, trace, 1_000)
    recorder = Recorder(tmp_path / "trace.jsonl", keep=False)
    for record in [*trace, *to_events(live, 1_000)]:
        recorder.add(record)
    recorder.close("done", 1_000)
    assert judge(rules, read(tmp_path / "trace.jsonl"), 1_000) == live
    outcomes = [one.outcome.value for one in live]
    assert outcomes == ["pass", "pass", "pass", "fail", "pass", "pass", "fail", "inconclusive", "fail", "pass", "pass"]
    stored = [one for one in read(tmp_path / "trace.jsonl") if isinstance(one, Judged)]
    assert [(one.outcome, one.evidence) for one in stored] == [(one.outcome.value, list(one.evidence)) for one in live]


def test_verdicts_as_a_table_and_as_data() -> None:
    """Columns line up, and the data goes through JSON."""
    good = verdict(requirement("count", match=EDGE), [])
    bad = verdict(requirement("never", match=EDGE), [edge(5)])
    rows = as_table([good, bad]).splitlines()
    assert [row.split()[:2] for row in rows] == [["requirement", "outcome"], ["TST-1", "pass"], ["TST-1", "fail"]]
    assert len({row.index(text) for row, text in zip(rows, ("text", "As", "As"), strict=True)}) == 1
    assert msgspec.json.decode(msgspec.json.encode(as_dict(bad))) == {
        "requirement": "TST-1",
        "outcome": "fail",
        "limit": "never",
        "figure": "1 times, first at 0.000000 s",
        "evidence": [1],
        "text": "As tested.",
    }


def test_stamps_of_a_wire_that_may_be_late() -> None:
    """A requirement on bursts or frames is inconclusive where stamps may be wrong by more; one on edges is not."""
    on_wire = requirement(
        "response",
        trigger={"kind": "wire", "where": {"source": "controller"}},
        response={"kind": "wire", "where": {"source": "land1"}},
        within_ms=10,
    )
    on_frames = requirement(
        "response",
        trigger={"kind": "frame", "where": {"direction": "received"}},
        response={"kind": "frame", "where": {"direction": "sent"}},
        within_ms=10,
    )
    on_edges = requirement("response", trigger=EDGE, response=ANSWER, within_ms=10)
    near_ns = 9 * NS_PER_MS
    exact = [Wire(0, "bus", "controller", 0, 0, "00"), Wire(near_ns, "bus", "land1", near_ns, near_ns, "00")]
    uncertain: list[Event] = [msgspec.structs.replace(one, late_ns=5 * NS_PER_MS) for one in exact]
    assert outcome(on_wire, exact) == "pass"
    assert outcome(on_wire, uncertain) == "inconclusive"
    frames: list[Event] = [
        events.Framed(at_ns, "land1", "rtu", direction, at_ns, at_ns, "03")
        for at_ns, direction in ((0, Direction.RECEIVED), (near_ns, Direction.SENT))
    ]
    assert outcome(on_frames, [*exact, *frames]) == "pass"
    assert outcome(on_frames, [*uncertain, *frames]) == "inconclusive"
    assert outcome(on_edges, [edge(0), *uncertain, answer(near_ns)]) == "pass"
