# SPDX-License-Identifier: Apache-2.0
"""Watches the link and the sequence as a whole (INT-011, INT-012); where each matters is read from the state table."""

from __future__ import annotations

from interfaces.spec.model import Icd

MACHINE = "sequencer"


class Watchdog:
    """Counts from `now_ns`; `fed` by each fresh message."""

    __slots__ = ("_fed_ns", "_link_ns", "_link_states", "_sequence_ns", "_sequence_states", "_started_ns")

    def __init__(self, icd: Icd, now_ns: int) -> None:
        self._link_ns = icd.time_ns("link_silence")
        self._sequence_ns = icd.time_ns("sequence_limit")
        self._link_states = _states_that_leave_on(icd, "link_lost")
        self._sequence_states = _states_that_leave_on(icd, "sequence_stuck")
        self._fed_ns = now_ns
        self._started_ns = now_ns

    def feed(self, now_ns: int) -> None:
        """A fresh message took effect."""
        self._fed_ns = now_ns

    def start(self, now_ns: int) -> None:
        """The first step began."""
        self._started_ns = now_ns

    def due_ns(self, state: str) -> int | None:
        """The instant at which the watchdog will bite, if nothing else happens."""
        link = self._fed_ns + self._link_ns if state in self._link_states else None
        if state not in self._sequence_states:
            return link
        stuck = self._started_ns + self._sequence_ns
        return stuck if link is None else min(link, stuck)

    def events(self, now_ns: int, state: str) -> list[str]:
        """What is due at `now_ns`."""
        found = []
        if state in self._link_states and now_ns - self._fed_ns >= self._link_ns:
            found.append("link_lost")
        if state in self._sequence_states and now_ns - self._started_ns >= self._sequence_ns:
            found.append("sequence_stuck")
        return found


def _states_that_leave_on(icd: Icd, event: str) -> frozenset[str]:
    return frozenset(row.source for row in icd.machines[MACHINE].transitions if row.event == event)
