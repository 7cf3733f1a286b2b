# SPDX-License-Identifier: Apache-2.0
"""State tables: rows in order, guards, effects, time-outs to the ns."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
import pytest

from hil.devices.state_table import MissingBodiesError, StateTable
from hil.trace.events import TRACE, State
from interfaces.spec.model import Icd

SHORT_NS, LONG_NS = 5_000_000, 9_000_000
HEAD = {"icd": 1, "name": "thing", "title": "Thing", "revision": "1", "notice": "Notional."}
TIMINGS = {
    "short": {"unit": "ms", "value": 5, "text": "Short"},
    "long": {"unit": "ms", "value": 9, "text": "Long"},
}
MACHINE = {
    "initial": "idle",
    "states": {"idle": 0, "busy": 4, "late": 5, "lost": 6},
    "transitions": [
        {"from": "idle", "event": "go", "to": "late", "guard": "hurried"},
        {"from": "idle", "event": "go", "to": "busy", "effect": "started"},
        {"from": "busy", "event": "timeout", "after": "short", "guard": "allowed", "to": "idle"},
        {"from": "busy", "event": "timeout", "after": "long", "to": "late"},
        {"from": "busy", "event": "again", "to": "busy"},
        {"from": "*", "event": "lose", "to": "lost"},
        {"from": "lost", "event": "find", "to": "idle", "effect": "found"},
        {"from": "late", "event": "find", "to": "idle"},
    ],
    "commands": {"stop": {"legal": ["busy", "late"], "refused": "not_now"}},
}


class Body:
    """Guards and effects that keep what they were asked."""

    def __init__(self) -> None:
        self.hurried = self.allowed = False
        self.seen: list[tuple[str, int, str]] = []
        self.table = StateTable(
            "place", "m", msgspec.convert({**HEAD, "timings": TIMINGS, "machines": {"m": MACHINE}}, Icd), self
        )
        self.then: list[str] = []

    def guard_hurried(self, now_ns: int) -> bool:
        return self.hurried

    def guard_allowed(self, now_ns: int) -> bool:
        self.seen.append(("allowed", now_ns, self.table.state))
        return self.allowed

    def effect_started(self, now_ns: int) -> None:
        self.seen.append(("started", now_ns, self.table.state))
        for event in self.then:
            assert not self.table.dispatch(now_ns, event)
        self.seen.append(("end", now_ns, self.table.state))

    def effect_found(self, now_ns: int) -> None:
        self.seen.append(("found", now_ns, self.table.state))


def moves(table: StateTable) -> list[tuple[int, str, str, str]]:
    records: list[Any] = [record for port, record in table.take() if port == TRACE and type(record) is State]
    return [(record.time_ns, record.before, record.after, record.cause) for record in records]


def test_rows_are_tried_in_order_and_guards_decide() -> None:
    """The first row whose guard holds is taken."""
    body = Body()
    body.hurried = True
    assert body.table.dispatch(1, "go")
    assert body.table.state == "late"
    other = Body()
    assert other.table.dispatch(1, "go")
    assert (other.table.state, other.table.code, other.table.since_ns) == ("busy", 4, 1)


def test_event_without_a_row_changes_nothing() -> None:
    """The answer is False and nothing is recorded."""
    body = Body()
    assert not body.table.dispatch(1, "again")
    assert not body.table.dispatch(1, "never_heard_of")
    assert (body.table.state, body.table.take()) == ("idle", [])


def test_effect_runs_after_the_state_has_changed() -> None:
    """What it sees is the new state."""
    body = Body()
    body.table.dispatch(1, "go")
    assert body.seen == [("started", 1, "busy"), ("end", 1, "busy")]


def test_events_of_an_effect_wait_for_its_end_and_keep_their_order() -> None:
    """Nested dispatch is queued: no effect sees a state change under its feet."""
    body = Body()
    body.then = ["lose", "find"]
    assert body.table.dispatch(7, "go")
    assert body.seen == [("started", 7, "busy"), ("end", 7, "busy"), ("found", 7, "idle")]
    assert moves(body.table) == [(7, "idle", "busy", "go"), (7, "busy", "lost", "lose"), (7, "lost", "idle", "find")]


def test_any_state_means_every_state_but_the_target() -> None:
    """A row from `*` is not taken where it would lead nowhere."""
    body = Body()
    assert body.table.dispatch(1, "lose")
    assert not body.table.dispatch(2, "lose")
    assert body.table.since_ns == 1


@pytest.mark.parametrize(("early_ns", "fires"), [(1, False), (0, True), (-1, True)])
def test_time_out_fires_at_its_instant(early_ns: int, fires: bool) -> None:
    """Not one ns before."""
    body = Body()
    body.allowed = True
    body.table.dispatch(100, "go")
    assert body.table.deadline_ns == 100 + SHORT_NS
    assert body.table.expire(100 + SHORT_NS - early_ns) is fires
    assert body.table.state == ("idle" if fires else "busy")


def test_time_out_whose_guard_does_not_hold_is_tried_once() -> None:
    """The deadline moves to the next time-out, then to none: no busy loop."""
    body = Body()
    body.table.dispatch(100, "go")
    assert not body.table.expire(100 + SHORT_NS)
    assert body.table.deadline_ns == 100 + LONG_NS
    assert not body.table.expire(100 + SHORT_NS + 1)
    assert [what for what, _, _ in body.seen].count("allowed") == 1
    assert body.table.expire(100 + LONG_NS)
    assert (body.table.state, body.table.deadline_ns) == ("late", None)


def test_time_outs_that_are_due_together_go_by_their_instants() -> None:
    """An `expire` that comes late takes the one that was due first."""
    body = Body()
    body.allowed = True
    body.table.dispatch(100, "go")
    body.table.expire(100 + LONG_NS + 5)
    assert body.table.state == "idle"


def test_entering_a_state_again_starts_its_time_outs_again() -> None:
    """A row from a state to itself is an entry, and no record."""
    body = Body()
    body.table.dispatch(100, "go")
    body.table.take()
    assert body.table.dispatch(200, "again")
    assert body.table.deadline_ns == 200 + SHORT_NS
    assert body.table.take() == []


def test_force_moves_without_row_guard_or_effect() -> None:
    """A fault puts the machine anywhere; it is recorded as forced and its time-outs run."""
    body = Body()
    body.table.force(3, "busy")
    assert body.seen == []
    assert moves(body.table) == [(3, "idle", "busy", "forced")]
    assert body.table.deadline_ns == 3 + SHORT_NS
    with pytest.raises(KeyError):
        body.table.force(4, "nowhere")


def test_commands_are_legal_by_state() -> None:
    """And refused with the ICD's reason elsewhere."""
    body = Body()
    assert not body.table.legal("stop")
    assert body.table.refusal("stop") == "not_now"
    body.table.dispatch(1, "go")
    assert body.table.legal("stop")


def test_missing_bodies_are_named_all_together() -> None:
    """At construction, not when the row is first taken."""
    icd = msgspec.convert({**HEAD, "timings": TIMINGS, "machines": {"m": MACHINE}}, Icd)
    with pytest.raises(MissingBodiesError, match="effect_found, effect_started, guard_allowed, guard_hurried"):
        StateTable("place", "m", icd, object())


def test_copy_goes_its_own_way() -> None:
    """A copied body has a table that asks the copy."""
    body = Body()
    body.table.dispatch(1, "go")
    twin = copy.deepcopy(body)
    twin.allowed = True
    assert twin.table.expire(1 + SHORT_NS)
    assert not body.table.expire(1 + SHORT_NS)
