# SPDX-License-Identifier: Apache-2.0
"""Steps one after the other: in order, complete, in time; for all, or for each value of its own."""

from __future__ import annotations

import pytest

from hil.verdicts.model import Outcome
from interfaces.wire import NS_PER_MS
from tests.hil.verdicts.records import ANSWER, EDGE, END_NS, answer, edge, late, outcome, requirement, state, verdict

LIMIT_NS = 50 * NS_PER_MS
BESIDE = [(-1, "pass"), (0, "pass"), (1, "fail")]
STEPS = [EDGE, ANSWER, {"kind": "state", "where": {"after": "away"}}]


@pytest.mark.parametrize(("off_ns", "wanted"), BESIDE)
def test_order_at_its_limit(off_ns: int, wanted: str) -> None:
    """From the first step to the last; the evidence is every step."""
    rule = requirement("order", steps=STEPS, within_ms=50)
    trace = [answer(0), edge(10), edge(11), answer(12), state(10 + LIMIT_NS + off_ns, "away")]
    one = verdict(rule, trace)
    assert (one.outcome.value, one.evidence) == (wanted, (2, 4, 5))


def test_order_without_a_limit_and_incomplete() -> None:
    """Steps in the wrong order are not seen; the figure says which is missing."""
    rule = requirement("order", steps=STEPS)
    assert outcome(rule, [edge(0), answer(END_NS), state(10 * END_NS, "away"), late(END_NS)]) == "pass"
    one = verdict(rule, [edge(0), state(1, "away"), answer(2)])
    assert (one.outcome, one.evidence) == (Outcome.FAIL, (1, 3))
    assert one.figure == "step 3 of 3 not seen (state * after=away)"
    timed = requirement("order", steps=STEPS, within_ms=50)
    assert outcome(timed, [edge(0), answer(1), state(LIMIT_NS, "away"), late(1)]) == "inconclusive"


def test_a_limit_of_zero_is_a_limit() -> None:
    """`within_ms: 0` asks for the same instant, and says so."""
    rule = requirement("order", steps=STEPS[:2], within_ms=0)
    assert outcome(rule, [edge(5), answer(5)]) == "pass"
    one = verdict(rule, [edge(5), answer(6)])
    assert (one.outcome, one.limit) == (Outcome.FAIL, "2 steps within 0 ms")


def test_two_like_steps_need_two_records() -> None:
    """One record is one step."""
    rule = requirement("order", steps=[EDGE, EDGE])
    assert outcome(rule, [edge(0)]) == "fail"
    assert outcome(rule, [edge(0), edge(0)]) == "pass"


def test_order_for_each_value() -> None:
    """With `same`, another place's steps are no steps; each place that begins must end; places may interleave."""
    rule = requirement("order", steps=STEPS, same="place")
    one, other = "land1.cell1", "sea1.cell1"
    first = [edge(0, place=one), edge(1, place=other), answer(2, place=other), answer(3, place=one)]
    done = verdict(rule, [*first, state(5, "away", other), state(9, "away", one)])
    assert (done.outcome, done.evidence) == (Outcome.PASS, (1, 4, 6))
    assert done.figure == "all in 0.000009 ms, the slowest of 2"
    cut = verdict(rule, [*first, state(5, "away", one)])
    assert (cut.outcome, cut.evidence) == (Outcome.FAIL, (2, 3))
    assert cut.figure == "step 3 of 3 not seen (state * after=away)"
    assert verdict(rule, [edge(0, place=one), answer(1, place=other)]).evidence == (1,)
    assert verdict(rule, [answer(0), state(1, "away")]).evidence == ()
    missing = requirement("order", steps=[EDGE, EDGE], same="about.track")
    assert outcome(missing, [edge(0), edge(1)]) == "fail"


@pytest.mark.parametrize(("off_ns", "wanted"), BESIDE)
def test_order_for_each_value_is_not_judged_before_its_limit_is_over(off_ns: int, wanted: str) -> None:
    """One that the end of the run cut off in time says nothing beside one that is whole; alone it was not seen."""
    rule = requirement("order", steps=STEPS[:2], within_ms=50, same="place")
    late_one = edge(END_NS - LIMIT_NS - off_ns, place="land2")
    assert outcome(rule, [edge(0), answer(1, place="land1.cell1"), late_one]) == wanted
    assert outcome(rule, [late_one]) == "fail"


def test_order_cut_off_within_the_clock_s_error() -> None:
    """That the run ended hardly after the limit is no proof; another place's failure is."""
    rule = requirement("order", steps=STEPS[:2], within_ms=50, same="place")
    near, whole = edge(END_NS - LIMIT_NS - 50, place="land2"), [edge(0), answer(1, place="land1.cell1")]
    assert outcome(rule, [*whole, near, late(50)]) == "inconclusive"
    assert outcome(rule, [*whole, near, late(49)]) == "fail"
    assert outcome(rule, [edge(0), answer(2 * LIMIT_NS, place="land1.cell1"), near, late(50)]) == "fail"


@pytest.mark.parametrize(("off_ns", "wanted"), BESIDE)
def test_order_of_the_slowest_value_at_its_limit(off_ns: int, wanted: str) -> None:
    """The slowest decides."""
    rule = requirement("order", steps=[EDGE, EDGE], within_ms=50, same="place")
    trace = [edge(0, place="a"), edge(5, place="b"), edge(6, place="b"), edge(LIMIT_NS + off_ns, place="a")]
    one = verdict(rule, trace)
    assert (one.outcome.value, one.evidence) == (wanted, (1, 4))
    assert outcome(rule, [*trace, late(1)]) == "inconclusive"
