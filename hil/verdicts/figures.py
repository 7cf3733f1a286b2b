# SPDX-License-Identifier: Apache-2.0
"""What the rules share: durations graded and shown, records counted, values that records have in common."""

from __future__ import annotations

from typing import Any

from hil.trace.events import Event
from hil.verdicts.model import Outcome
from hil.verdicts.select import ABSENT, value_at
from interfaces.wire import NS_PER_MS, NS_PER_S

EVIDENCE_MAX = 20


def shown(ns: int) -> str:
    """A duration for people: milliseconds below a second, seconds from there on; to the nanosecond or microsecond."""
    number, unit = (ns / NS_PER_MS, "ms") if ns < NS_PER_S else (ns / NS_PER_S, "s")
    return f"{number:.6f}".rstrip("0").rstrip(".") + f" {unit}"


def timed(figure_ns: int, limit_ns: int, error_ns: int) -> Outcome:
    """A figure against its limit, knowing how wrong it may be."""
    if error_ns and abs(figure_ns - limit_ns) <= error_ns:
        return Outcome.INCONCLUSIVE
    return Outcome.PASS if figure_ns <= limit_ns else Outcome.FAIL


class Seen:
    """Records counted: the lines of the first few, and when the first one was."""

    def __init__(self) -> None:
        self.count, self.first_ns = 0, 0
        self.lines: list[int] = []

    def add(self, line: int, time_ns: int) -> None:
        if not self.count:
            self.first_ns = time_ns
        self.count += 1
        if len(self.lines) < EVIDENCE_MAX:
            self.lines.append(line)


class Shared:
    """The value that records must have in common, named by a rule's `same`."""

    def __init__(self, same: str | None) -> None:
        self._path = tuple(same.split(".")) if same else None

    def of(self, event: Event) -> Any:
        """The value as a key that is true; None where the record has no such value."""
        if self._path is None:
            return "all"
        value = value_at(event, self._path)
        return None if value is ABSENT else ("same", repr(value) if isinstance(value, list | dict) else value)
