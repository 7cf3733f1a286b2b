# SPDX-License-Identifier: Apache-2.0
"""Short words for requirements and for the records that they are judged over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from hil.trace.events import Answer, Edge, Event, Late, State
from hil.verdicts.judge import judge
from hil.verdicts.model import Requirement, Verdict
from interfaces.wire import NS_PER_MS

END_NS = 1_000 * NS_PER_MS


def requirement(rule: str, **keys: Any) -> Requirement:
    """A requirement as a scenario's YAML gives it."""
    (only,) = msgspec.convert([{"id": "TST-1", "text": "As tested.", "rule": rule, **keys}], list[Requirement])
    return only


def verdict(rule: Requirement, trace: Iterable[Event], end_ns: int = END_NS) -> Verdict:
    """The verdict of one requirement."""
    (only,) = judge([rule], trace, end_ns)
    return only


def outcome(rule: Requirement, trace: Iterable[Event], end_ns: int = END_NS) -> str:
    return verdict(rule, trace, end_ns).outcome.value


def edge(time_ns: int, line: str = "release", place: str = "land1.cell1") -> Edge:
    return Edge(time_ns, place, line, True)


def answer(time_ns: int, command: str = "arm", place: str = "land1", result: str = "done") -> Answer:
    return Answer(time_ns, place, command, result)


def state(time_ns: int, after: str, place: str = "land1") -> State:
    return State(time_ns, place, "launcher", "safe", after, "a cause")


def late(late_ns: int) -> Late:
    return Late(0, "bench", late_ns)


EDGE = {"kind": "edge", "where": {"line": "release"}}
ANSWER = {"kind": "answer", "where": {"command": "arm"}}
