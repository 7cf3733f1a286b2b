# SPDX-License-Identifier: Apache-2.0
"""The launch sequencer: the ICD's state table, its guards and effects, and the outputs of each state.

Nothing here decides a transition: the rows do. What is kept beside the state is what the ICD's text
asks for: whether release was ever active (`spent`), the last step, whether the arm window ran out.
"""

from __future__ import annotations

from collections.abc import Mapping

from hil.devices.state_table import StateTable
from hil.interceptor.watchdog import MACHINE, Watchdog
from hil.part import Output
from interfaces.spec.model import Icd

INTERLOCKS = ("arm_enable", "fire_enable", "key_a", "key_b", "crew_safe", "hatch_open")
# A cell arms before its hatch opens and before firing is permitted.
_NEEDED_TO_ARM = ("arm_enable", "key_a", "key_b", "crew_safe", "umbilical_intact")
_NEEDED_TO_FIRE = (*INTERLOCKS, "umbilical_intact")
_CONFIRMATIONS = ("power_good", "latch_open")

_GAINED = {"power_good": "power_confirmed", "latch_open": "latch_confirmed"}
_LOST = dict.fromkeys(INTERLOCKS, "interlock_lost") | {
    "umbilical_intact": "umbilical_broken",
    "power_good": "power_good_lost",
    "latch_open": "latch_closed",
}


class Sequencer:
    """One sequencer, from power to loss of power."""

    __slots__ = ("_active_in", "_lines", "_rank", "_table", "_watchdog", "spent", "step", "window_closed")

    def __init__(self, place: str, icd: Icd, lines: Mapping[str, bool], watchdog: Watchdog) -> None:
        assert icd.discrete is not None
        self._active_in = {line.name: frozenset(line.active_in) for line in icd.discrete.lines}
        self._lines = lines
        self._watchdog = watchdog
        self._rank = icd.enums["event_rank"]
        self._table = StateTable(place, MACHINE, icd, self)
        self.spent = False
        self.step = "none"
        self.window_closed = False

    @property
    def state(self) -> str:
        return self._table.state

    @property
    def deadline_ns(self) -> int | None:
        """When the present state's time-out falls due."""
        return self._table.deadline_ns

    def refusal(self, command: str) -> str | None:
        """Why the command is refused in this state and with these lines; None when it is not."""
        table = self._table
        if not table.legal(command):
            late = command == "fire" and self.window_closed and table.state == "safe"
            return "late" if late else table.refusal(command)
        if command == "arm" and self.spent:
            return table.refusal(command)
        permitted = {"arm": self._may_arm, "fire": self._may_fire}.get(command)
        return None if permitted is None or permitted() else "interlock"

    def step_to(self, now_ns: int, events: list[str]) -> list[Output]:
        """One clock: the first event by rank that moves the state is taken, else a time-out that is due."""
        table = self._table
        for event in sorted(events, key=self._rank.__getitem__):
            if table.dispatch(now_ns, event):
                return list(table.take())
        if table.deadline_ns is not None and table.deadline_ns <= now_ns:
            table.expire(now_ns)
        return list(table.take())

    def event_of(self, line: str) -> str | None:
        """The event that the line's new level means."""
        return (_GAINED if self._lines[line] else _LOST).get(line)

    def is_active(self, output: str) -> bool:
        """Whether the state holds the output active."""
        return self.state in self._active_in[output]

    def guard_spent(self, now_ns: int) -> bool:
        return self.spent

    def guard_arm_permitted(self, now_ns: int) -> bool:
        return not self.spent and self._may_arm()

    def guard_fire_permitted(self, now_ns: int) -> bool:
        return self._may_fire()

    def effect_open_window(self, now_ns: int) -> None:
        self.step = "none"
        self.window_closed = False

    def effect_close_window(self, now_ns: int) -> None:
        self.window_closed = True

    def effect_enter_power(self, now_ns: int) -> None:
        self.step = "power"
        self._watchdog.start(now_ns)

    def effect_enter_unlock(self, now_ns: int) -> None:
        self.step = "unlock"

    def effect_enter_release(self, now_ns: int) -> None:
        self.step = "release"
        self.spent = True

    def _may_arm(self) -> bool:
        return all(map(self._lines.__getitem__, _NEEDED_TO_ARM))

    def _may_fire(self) -> bool:
        lines = self._lines
        return all(map(lines.__getitem__, _NEEDED_TO_FIRE)) and not any(map(lines.__getitem__, _CONFIRMATIONS))
