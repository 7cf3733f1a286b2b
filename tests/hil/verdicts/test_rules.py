# SPDX-License-Identifier: Apache-2.0
"""Every rule passes, fails and, where it judges time, is inconclusive: at the limit and 1 ns beside it."""

from __future__ import annotations

import pytest

from hil.trace.events import Event, Register
from hil.verdicts.figures import EVIDENCE_MAX
from hil.verdicts.model import Outcome, worst
from interfaces.wire import NS_PER_MS
from tests.hil.verdicts.records import ANSWER, EDGE, END_NS, answer, edge, late, outcome, requirement, state, verdict

LIMIT_NS = 50 * NS_PER_MS
RESPONSE = requirement("response", trigger=EDGE, response=ANSWER, within_ms=50)
BESIDE = [(-1, "pass"), (0, "pass"), (1, "fail")]


@pytest.mark.parametrize(("off_ns", "wanted"), BESIDE)
def test_response_at_its_limit(off_ns: int, wanted: str) -> None:
    """At the limit is in time, 1 ns later is not; the evidence is trigger and response of the worst."""
    trace = [edge(0), answer(5), edge(100), answer(100 + LIMIT_NS + off_ns)]
    one = verdict(RESPONSE, trace)
    assert (one.outcome.value, one.evidence) == (wanted, (3, 4))
    figure = {-1: "49.999999", 0: "50", 1: "50.000001"}[off_ns]
    assert (one.limit, one.figure) == ("within 50 ms", f"worst {figure} ms of 2")


@pytest.mark.parametrize(
    ("off_ns", "wanted"),
    [(-101, "pass"), (-100, "inconclusive"), (0, "inconclusive"), (100, "inconclusive"), (101, "fail")],
)
def test_response_within_the_clock_s_error(off_ns: int, wanted: str) -> None:
    """A figure as near its limit as the clock was late is inconclusive, on either side; beyond it is judged."""
    trace: list[Event] = [edge(0), answer(LIMIT_NS + off_ns), late(40), late(100), late(70)]
    assert outcome(RESPONSE, trace) == wanted


@pytest.mark.parametrize(("off_ns", "wanted"), BESIDE)
def test_a_trigger_is_not_judged_before_its_limit_is_over(off_ns: int, wanted: str) -> None:
    """A trigger that could still be answered when the run ended says nothing; 1 ns more and it is missed."""
    one = verdict(RESPONSE, [edge(0), answer(5), edge(END_NS - LIMIT_NS - off_ns)])
    assert one.outcome.value == wanted
    missed = ("none to 1 of 2, first at 0.950000 s", (3,))
    assert (one.figure, one.evidence) == (missed if off_ns == 1 else ("worst 0.000005 ms of 1", (1, 2)))


def test_a_missing_response_within_the_clock_s_error() -> None:
    """That the run ended hardly after the limit is no proof that there was no response; a late one is a failure."""
    near = edge(END_NS - LIMIT_NS - 50)
    assert outcome(RESPONSE, [edge(0), answer(5), near, late(50)]) == "inconclusive"
    assert outcome(RESPONSE, [edge(0), answer(5), near, late(49)]) == "fail"
    assert outcome(RESPONSE, [edge(0), answer(2 * LIMIT_NS), near, late(50)]) == "fail"


def test_one_response_answers_all_that_wait() -> None:
    """Two triggers, one response: both are answered, the first waited longest."""
    one = verdict(RESPONSE, [edge(0), edge(10), answer(20)])
    assert (one.outcome, one.evidence, one.figure) == (Outcome.PASS, (1, 3), "worst 0.00002 ms of 2")


@pytest.mark.parametrize("unseen", ["pass", "fail", "inconclusive"])
def test_response_never_asked_for(unseen: str) -> None:
    """Without a trigger the verdict is what the requirement says; a response alone is no trigger."""
    rule = requirement("response", trigger=EDGE, response=ANSWER, within_ms=50, unseen=unseen)
    assert outcome(rule, [answer(5)]) == unseen
    assert outcome(requirement("response", trigger=EDGE, response=ANSWER, within_ms=50), []) == "fail"


def test_a_record_that_is_trigger_and_response() -> None:
    """It answers the one before it and asks for the next."""
    rule = requirement("response", trigger=EDGE, response=EDGE, within_ms=50)
    one = verdict(rule, [edge(0), edge(LIMIT_NS), edge(3 * LIMIT_NS)], 3 * LIMIT_NS)
    assert (one.outcome, one.evidence, one.figure) == (Outcome.FAIL, (2, 3), "worst 100 ms of 2")
    assert outcome(rule, [edge(0), edge(LIMIT_NS), edge(2 * LIMIT_NS)], 3 * LIMIT_NS) == "pass"


def test_same_joins_trigger_and_response() -> None:
    """Only a response with the same value answers; a record without that value neither asks in vain nor answers."""
    rule = requirement("response", trigger=EDGE, response=ANSWER, within_ms=50, same="place")
    crossed = [edge(0, place="a"), edge(1, place="b"), answer(2, place="b"), answer(3, place="a")]
    assert verdict(rule, crossed).evidence == (1, 4)
    one = verdict(rule, [edge(0, place="a"), edge(1, place="b"), answer(2, place="b")])
    assert (one.outcome, one.evidence) == (Outcome.FAIL, (1,))
    nowhere = requirement("response", trigger=EDGE, response=ANSWER, within_ms=50, same="fields.track")
    assert outcome(nowhere, [edge(0), answer(1)]) == "fail"


def test_same_may_be_a_list() -> None:
    """A list joins too, whether the run is live (a tuple) or stored (a list)."""
    selector = {"kind": "register"}
    rule = requirement("response", trigger=selector, response=selector, within_ms=50, same="value")
    for value in ((1, 2), [1, 2]):
        trace = [Register(0, "land1", "cells", value, "peer"), Register(1, "land1", "cells", [1, 2], "peer")]
        assert verdict(rule, trace, 2).evidence == (1, 2)


def test_never() -> None:
    """None is a pass; each one is evidence, up to the most that is kept."""
    rule = requirement("never", match=EDGE)
    assert outcome(rule, [answer(1), edge(2, "power")]) == "pass"
    one = verdict(rule, [answer(0), *(edge(number) for number in range(EVIDENCE_MAX + 5))])
    assert (one.outcome, one.figure) == (Outcome.FAIL, f"{EVIDENCE_MAX + 5} times, first at 0.000000 s")
    assert one.evidence == tuple(range(2, EVIDENCE_MAX + 2))


def test_never_unless() -> None:
    """What `unless` precedes is right for ever after; what comes before it is not."""
    rule = requirement("never", match=EDGE, unless=ANSWER)
    right = verdict(rule, [answer(0), edge(1), edge(2)])
    assert (right.outcome, right.figure) == (Outcome.PASS, "2 rightly")
    assert verdict(rule, [edge(0), answer(0), edge(1)]).evidence == (1,)


def test_never_unless_since_the_last_reset() -> None:
    """One release for one arm order: the release itself uses the order up."""
    rule = requirement("never", match=EDGE, unless=ANSWER, reset=EDGE)
    assert outcome(rule, [answer(0), edge(1), answer(2), edge(3)]) == "pass"
    assert verdict(rule, [answer(0), edge(1), edge(2), answer(3), edge(4)]).evidence == (3,)
    other = requirement("never", match=EDGE, unless=ANSWER, reset={"kind": "state"})
    assert verdict(other, [answer(0), edge(1), state(2, "safe"), edge(3)]).evidence == (4,)
    both = requirement("never", match=EDGE, unless=ANSWER, reset=ANSWER)  # `unless` is the later one
    assert outcome(both, [answer(0), edge(1)]) == "pass"


def test_never_unless_for_each_place() -> None:
    """With `same`, one launcher's order allows nothing to another; records without the value allow nothing."""
    rule = requirement("never", match=EDGE, unless=ANSWER, reset=EDGE, same="place")
    one, other = "land1.cell1", "sea1.cell1"
    trace = [answer(0, place=one), answer(1, place=other), edge(2, place=other), edge(3, place=one)]
    assert outcome(rule, trace) == "pass"
    assert verdict(rule, [*trace, edge(4, place=one)]).evidence == (5,)
    assert verdict(rule, [answer(0, place=one), edge(1, place=other)]).evidence == (2,)
    assert outcome(requirement("never", match=EDGE, unless=ANSWER, same="about.track"), [answer(0), edge(1)]) == "fail"


SAFE = {"kind": "state", "place": "land1"}
BOOTED, ENDED = {"kind": "answer", "where": {"command": "begin"}}, {"kind": "answer", "where": {"command": "end"}}


def test_always() -> None:
    """Without a window every value counts; without any value there is nothing to pass."""
    rule = requirement("always", of=SAFE, holds={"after": {"in": ["safe", "boot"]}})
    assert outcome(rule, [state(0, "boot"), state(1, "safe"), state(2, "ready", "sea1")]) == "pass"
    one = verdict(rule, [state(0, "boot"), state(1, "ready"), state(2, "safe")])
    assert (one.outcome, one.evidence, one.figure) == (Outcome.FAIL, (2,), "broken 1 times, first at 0.000000 s")
    assert verdict(rule, []).figure == "nothing to judge was seen"
    assert outcome(rule, []) == "fail"


def test_always_within_its_windows() -> None:
    """The value that holds when a window opens counts; what is seen outside does not; windows open again."""
    rule = requirement("always", of=SAFE, holds={"after": "safe"}, until=ENDED, **{"from": BOOTED})
    begin, end = answer(5, "begin"), answer(6, "end")
    assert outcome(rule, [state(0, "ready"), state(1, "safe"), begin, end, state(7, "ready")]) == "pass"
    assert verdict(rule, [state(0, "safe"), state(1, "ready"), begin, state(5, "safe"), end]).evidence == (2,)
    assert verdict(rule, [state(0, "safe"), begin, end, state(7, "ready"), begin, end]).evidence == (4,)
    assert outcome(rule, [state(0, "safe")]) == "fail"  # no window, nothing judged
    assert outcome(rule, [begin, end, state(7, "safe")]) == "fail"


def test_always_of_several_things() -> None:
    """When a window opens, each place's, machine's and register's own last value counts, not only the last of all."""
    begin = answer(9, "begin")
    cells = requirement("always", of={"kind": "state", "place": "*.cell*"}, holds={"after": "safe"}, **{"from": BOOTED})
    trace = [state(0, "armed", "land1.cell1"), state(1, "safe", "land1.cell2"), begin]
    one = verdict(cells, trace)
    assert (one.outcome, one.evidence) == (Outcome.FAIL, (1,))
    assert outcome(cells, [trace[0], state(1, "safe", "land1.cell1"), trace[1], begin]) == "pass"
    again = verdict(cells, [*trace, answer(10, "begin"), state(11, "armed", "land1.cell2")])
    assert again.evidence == (1, 5)  # a window that is open does not open again
    registers = requirement("always", of={"kind": "register"}, holds={"value": 0}, **{"from": BOOTED})
    written: list[Event] = [Register(0, "land1", "first", 1, "peer"), Register(1, "land1", "second", 0, "peer"), begin]
    assert verdict(registers, written).evidence == (1,)
    assert outcome(registers, [*written[1:], Register(9, "land1", "first", 0, "peer")]) == "pass"


@pytest.mark.parametrize(("count", "wanted"), [(1, "fail"), (2, "pass"), (3, "pass"), (4, "fail")])
def test_count(count: int, wanted: str) -> None:
    """At least and at most, both included."""
    rule = requirement("count", match=EDGE, min=2, max=3)
    one = verdict(rule, [answer(0), *(edge(number) for number in range(count))])
    assert (one.outcome.value, one.evidence) == (wanted, tuple(range(2, count + 2)))
    assert one.limit == "at least 2, at most 3"


PERIOD_NS, TOLERANCE_NS = 100 * NS_PER_MS, 5 * NS_PER_MS
RATE = requirement("rate", match=EDGE, period_ms=100, tolerance_ms=5, at_least=3)


@pytest.mark.parametrize(("off_ns", "wanted"), BESIDE)
@pytest.mark.parametrize("sign", [1, -1])
def test_rate_at_its_tolerance(off_ns: int, wanted: str, sign: int) -> None:
    """Too early and too late by the same; the evidence is the two records of the worst gap."""
    gap_ns = PERIOD_NS + sign * (TOLERANCE_NS + off_ns)
    trace = [edge(0), edge(PERIOD_NS), answer(PERIOD_NS), edge(PERIOD_NS + gap_ns)]
    one = verdict(RATE, trace, 2 * PERIOD_NS)
    assert (one.outcome.value, one.evidence) == (wanted, (2, 4))
    assert outcome(RATE, [*trace, late(1)], 2 * PERIOD_NS) == ("pass" if off_ns < -1 else "inconclusive")


@pytest.mark.parametrize(("off_ns", "wanted"), BESIDE)
def test_rate_that_falls_silent(off_ns: int, wanted: str) -> None:
    """The next record is due before the run ends: its absence is a failure, with the last one as evidence."""
    trace = [edge(0), edge(PERIOD_NS), edge(2 * PERIOD_NS)]
    one = verdict(RATE, trace, 3 * PERIOD_NS + TOLERANCE_NS + off_ns)
    assert (one.outcome.value, one.evidence) == (wanted, (3,))
    window = requirement("rate", match={**EDGE, "before_s": 0.25}, period_ms=100, tolerance_ms=5)
    assert outcome(window, trace, END_NS) == "pass"


def test_rate_seen_too_rarely() -> None:
    """Fewer than asked for, or than a gap needs, is a failure."""
    assert verdict(RATE, [edge(0), edge(PERIOD_NS)], 2 * PERIOD_NS).figure == "seen 2 times"
    assert outcome(requirement("rate", match=EDGE, period_ms=100, tolerance_ms=5, at_least=1), [edge(0)]) == "fail"


def test_a_limit_is_exact_for_its_decimal_text() -> None:
    """4.35 ms is 4,350,000 ns, although 4.35 * 1,000,000 is less in floating point."""
    rule = requirement("response", trigger=EDGE, response=ANSWER, within_ms=4.35)
    assert int(4.35 * 100) == 434  # the trap
    assert outcome(rule, [edge(0), answer(4_350_000)]) == "pass"
    assert outcome(rule, [edge(0), answer(4_350_001)]) == "fail"
    long = requirement("response", trigger=EDGE, response=ANSWER, within_ms=1.1)
    assert outcome(long, [edge(0), answer(1_100_000)]) == "pass"
    assert outcome(long, [edge(0), answer(1_100_001)]) == "fail"


def test_fail_beats_inconclusive_beats_pass() -> None:
    """And nothing judged is a pass."""
    assert worst(Outcome) is Outcome.FAIL
    assert worst([Outcome.PASS, Outcome.INCONCLUSIVE]) is Outcome.INCONCLUSIVE
    assert worst([]) is Outcome.PASS
