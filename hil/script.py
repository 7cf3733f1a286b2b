# SPDX-License-Identifier: Apache-2.0
"""A scenario's timed events, as a pure part: at its instant each goes to the place it names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hil.disturb import Disturb
from hil.part import Outputs
from hil.trace.events import TRACE, Disturbed
from interfaces.wire import Record


class Timed(Record, frozen=True):
    """One disturbance and its instant."""

    time_ns: int
    disturb: Disturb


class Script:
    """Puts each timed disturbance out on the port named like its place, at its instant."""

    def __init__(self, name: str, events: Sequence[Timed]) -> None:
        self.name = name
        self._events = sorted(events, key=lambda event: event.time_ns)
        self._next = 0

    @property
    def deadline_ns(self) -> int | None:
        return self._events[self._next].time_ns if self._next < len(self._events) else None

    def receive(self, now_ns: int, port: str, item: Any) -> Outputs:
        raise TypeError(f"{self.name} takes no input, got {item!r} on {port}")

    def expire(self, now_ns: int) -> Outputs:
        outputs: list[tuple[str, Any]] = []
        while self._next < len(self._events) and self._events[self._next].time_ns <= now_ns:
            disturb = self._events[self._next].disturb
            outputs.append((TRACE, Disturbed(now_ns, disturb.place, disturb.what, disturb.value)))
            outputs.append((disturb.place, disturb))
            self._next += 1
        return outputs
