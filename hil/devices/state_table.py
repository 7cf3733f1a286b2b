# SPDX-License-Identifier: Apache-2.0
"""Runs a state machine of an ICD: the rows are data, the only code is the guards and effects they name.

Rows are tried in the ICD's order; the first for the present state and event whose guard holds is
taken. The state changes first, then the row's effect runs; an event that an effect dispatches is
taken after the effect has ended.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from hil.part import Output
from hil.trace.events import TRACE, State
from interfaces.spec.model import Icd, Machine, Transition
from interfaces.wire import Record

ANY = "*"
TIMEOUT = "timeout"


class _Row(Record, frozen=True):
    """A transition with its names resolved; the bodies are looked up by attribute name."""

    target: str
    guard: str | None
    effect: str | None
    after_ns: int


class MissingBodiesError(TypeError):
    """Guards or effects that the ICD names and the code lacks (a bug, or an ICD of another device)."""


class StateTable:
    """The machine `machine_name` of `icd`; `body` has a method `guard_<name>(now_ns) -> bool` or
    `effect_<name>(now_ns)` for each name in its rows.

    `deadline_ns` is the earliest `timeout` of the present state that has not been tried; `expire`
    tries what is due. Trace records wait until `take`.
    """

    def __init__(self, place: str, machine_name: str, icd: Icd, body: object) -> None:
        machine = icd.machines[machine_name]
        self._place, self._name, self._machine, self._body = place, machine_name, machine, body
        self._rows = _rows(machine, icd)
        _demand_bodies(machine, machine_name, body)
        self._records: list[Output] = []
        self._waiting: deque[str] = deque()
        self._busy = False
        self.state = machine.initial
        self.since_ns = 0
        self._tried_ns = -1
        self.deadline_ns: int | None = None
        self._find_deadline()

    @property
    def code(self) -> int:
        """The present state's code on the wire."""
        return self._machine.states[self.state]

    def legal(self, command: str) -> bool:
        """Whether the ICD allows a command in the present state."""
        return self.state in self._machine.commands[command].legal

    def refusal(self, command: str) -> str:
        """The ICD's reason for refusing a command where it is not legal."""
        return self._machine.commands[command].refused

    def dispatch(self, now_ns: int, event: str) -> bool:
        """Take the first row for `event` whose guard holds; False when there is none.

        From within an effect the event waits until the effect has ended, and the answer is False.
        """
        if self._busy:
            self._waiting.append(event)
            return False
        taken = self._take_row(now_ns, self._rows.get((self.state, event), ()), event)
        self._take_waiting(now_ns)
        return taken

    def expire(self, now_ns: int) -> bool:
        """Try the time-outs that are due; False when none was taken."""
        if self.deadline_ns is None or self.deadline_ns > now_ns:
            return False
        due = [
            row
            for row in self._rows.get((self.state, TIMEOUT), ())
            if self._tried_ns < self.since_ns + row.after_ns <= now_ns
        ]
        due.sort(key=_after_ns)  # of equal ones the ICD's order decides
        self._tried_ns = now_ns  # a time-out whose guard does not hold is not tried again in this state
        self._find_deadline()
        taken = self._take_row(now_ns, due, TIMEOUT)
        self._take_waiting(now_ns)
        return taken

    def force(self, now_ns: int, state: str) -> None:
        """Put the machine into a state whatever its table says (a fault); no effect runs."""
        if state not in self._machine.states:
            raise KeyError(f"machine {self._name!r} has no state {state!r}")
        self._enter(now_ns, state, "forced")

    def take(self) -> list[Output]:
        """The `State` trace records since the last call."""
        records, self._records = self._records, []
        return records

    def _take_waiting(self, now_ns: int) -> None:
        while self._waiting:
            event = self._waiting.popleft()
            self._take_row(now_ns, self._rows.get((self.state, event), ()), event)

    def _take_row(self, now_ns: int, rows: Any, event: str) -> bool:
        for row in rows:
            if row.guard is None or getattr(self._body, row.guard)(now_ns):
                self._enter(now_ns, row.target, event)
                if row.effect is not None:
                    self._busy = True
                    getattr(self._body, row.effect)(now_ns)
                    self._busy = False
                return True
        return False

    def _enter(self, now_ns: int, state: str, cause: str) -> None:
        if state != self.state:
            self._records.append((TRACE, State(now_ns, self._place, self._name, self.state, state, cause)))
        self.state, self.since_ns, self._tried_ns = state, now_ns, now_ns - 1
        self._find_deadline()

    def _find_deadline(self) -> None:
        instants = [self.since_ns + row.after_ns for row in self._rows.get((self.state, TIMEOUT), ())]
        self.deadline_ns = min((instant for instant in instants if instant > self._tried_ns), default=None)


def _after_ns(row: _Row) -> int:
    return row.after_ns


def _rows(machine: Machine, icd: Icd) -> Mapping[tuple[str, str], tuple[_Row, ...]]:
    rows: dict[tuple[str, str], list[_Row]] = {}
    for transition in machine.transitions:
        for source in _sources(transition, machine):
            rows.setdefault((source, transition.event), []).append(
                _Row(
                    transition.to,
                    transition.guard and f"guard_{transition.guard}",
                    transition.effect and f"effect_{transition.effect}",
                    icd.time_ns(transition.after) if transition.after else 0,
                )
            )
    return {key: tuple(value) for key, value in rows.items()}


def _sources(transition: Transition, machine: Machine) -> list[str]:
    if transition.source != ANY:
        return [transition.source]
    return [state for state in machine.states if state != transition.to]


def _demand_bodies(machine: Machine, name: str, body: object) -> None:
    wanted = {f"guard_{row.guard}" for row in machine.transitions if row.guard}
    wanted |= {f"effect_{row.effect}" for row in machine.transitions if row.effect}
    missing = sorted(method for method in wanted if not callable(getattr(body, method, None)))
    if missing:
        raise MissingBodiesError(f"machine {name!r}: {type(body).__name__} lacks {', '.join(missing)}")
