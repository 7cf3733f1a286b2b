# SPDX-License-Identifier: Apache-2.0
"""What a launcher does: the guards and effects of the machine `launcher`, and what its cells tell.

The rows of the machine stand in the ICD; here is only a body for each name. Levels (interlocks,
hold-fire, faults) are looked at after everything that happens, so that none is missed whichever
state it meets.
"""

from __future__ import annotations

from hil.devices.alarms import Alarms
from hil.devices.launcher_cell import Cell, CellAlarms
from hil.devices.launcher_rules import LauncherRules
from hil.devices.state_table import StateTable
from hil.devices.trainer import Trainer
from hil.part import Output, sooner
from hil.world import Away
from interfaces.spec.model import Icd

HEARTBEAT = ("beat", 0)
OVERDUE = ("overdue", 0)
_INTERLOCKED = frozenset({"ready", "arming", "armed", "sequencing"})
_ENGAGED = frozenset({"arming", "armed", "sequencing"})
_HATCH_NEEDED = frozenset({"armed", "sequencing"})
_ENGAGED_CELL = frozenset({"selected", "armed", "firing"})
_HELD = frozenset({"sequencing", "away", "hang_fire"})
_UNPOWERED = frozenset({"off", "boot", "fault"})


class LauncherLogic(LauncherRules):
    """The launcher behind its registers. `events` holds (event, cell) until they are put into the FIFO."""

    def __init__(self, name: str, icds: tuple[Icd, Icd], cells: int, hatch_ns: int, drive: Trainer | None) -> None:
        super().__init__(icds[0], drive)
        self.icd = icds[0]
        self.out: list[Output] = []
        self.events: list[tuple[str, int]] = []
        self.alarms: CellAlarms = Alarms()
        for index in range(1, cells + 1):
            self.cells[index] = Cell(self, f"{name}.cell{index}", index, icds, self.alarms, self.out, hatch_ns)
        self.table = StateTable(name, "launcher", self.icd, self)
        self.started_ns = 0
        self.track = self.wanted_cell = self.wanted_track = 0
        self.arms = self.fires = self.aways = self.aborts = 0

    def dispatch(self, now_ns: int, event: str) -> bool:
        """An event of the machine `launcher`."""
        moved = self.table.dispatch(now_ns, event)
        self.out.extend(self.table.take())
        return moved

    @property
    def deadline_ns(self) -> int | None:
        """The next instant at which anything but the wire has something to do."""
        table_ns = self.table.deadline_ns
        return self.alarms.deadline_ns if table_ns is None else sooner(self.alarms.deadline_ns, table_ns)

    def run(self, now_ns: int) -> None:
        """Let every instant that has come have its effect, then act on levels, until nothing is due."""
        self._watch(now_ns)
        deadline_ns = self.deadline_ns
        while deadline_ns is not None and deadline_ns <= now_ns:
            self._step(now_ns)
            self._watch(now_ns)
            deadline_ns = self.deadline_ns

    def _step(self, now_ns: int) -> None:
        key = self.alarms.pop(now_ns)
        if key is not None:
            self._alarm(now_ns, key)
        else:
            self.table.expire(now_ns)
            self.out.extend(self.table.take())

    def _watch(self, now_ns: int) -> None:
        state = self.table.state
        if self.broken and state not in _UNPOWERED:
            self.dispatch(now_ns, "fault_found")
        elif state in _INTERLOCKED:
            if not self.interlocks_ok or (state in _HATCH_NEEDED and not self.hatch_open(now_ns)):
                self.dispatch(now_ns, "interlock_lost")
            if self.hold and state in _ENGAGED:
                self.dispatch(now_ns, "hold_fire")

    def beat(self, now_ns: int) -> None:
        """The controller is alive."""
        self.beating, self.beat_ns = True, now_ns
        self.alarms.set(HEARTBEAT, now_ns + self.heartbeat_timeout_ns)

    def order(self, now_ns: int, event: str, cell: int, track: int) -> str:
        """An arm or fire order whose code and number are right; returns why it is refused, "" when it isn't."""
        reason = self.why_not_arm(now_ns, cell) if event == "arm" else self.why_not_fire(now_ns, cell)
        if not reason:
            self.wanted_cell, self.wanted_track = cell, track
            self.dispatch(now_ns, event)
        return reason

    def set_interlocks(self, now_ns: int, local_key: bool, crew_safe: bool) -> None:
        """The key is turned, or somebody enters or leaves."""
        self.local_key, self.crew_safe = local_key, crew_safe
        for cell in self.cells.values():
            cell.interlocks(now_ns, local_key, crew_safe)

    # -- what a cell tells

    def cell_armed(self, now_ns: int) -> None:
        self.dispatch(now_ns, "cell_armed")

    def cell_failed(self, now_ns: int) -> None:
        self.dispatch(now_ns, "cell_failed")

    def cell_released(self, now_ns: int) -> None:
        self.released = True
        self.events.append(("released", self.selected))
        self.alarms.set(OVERDUE, now_ns + self.icd.time_ns("separation_limit"))

    def cell_separated(self, now_ns: int) -> None:
        self.dispatch(now_ns, "separated")

    # -- guards

    def guard_faulty(self, now_ns: int) -> bool:
        return self.broken

    def guard_healthy(self, now_ns: int) -> bool:
        return not self.broken

    def guard_may_fault(self, now_ns: int) -> bool:
        """Not while a released interceptor is in its cell or leaving: that is seen to its end first."""
        return self.table.state not in ("off", "boot") and not (self.released and self.table.state in _HELD)

    def guard_none_left(self, now_ns: int) -> bool:
        return all(cell.table.state != "loaded" for cell in self.cells.values())

    def guard_heartbeat_alive(self, now_ns: int) -> bool:
        return self.heartbeat_alive(now_ns)

    def guard_interlocks_given(self, now_ns: int) -> bool:
        return self.interlocks_ok

    def guard_may_arm(self, now_ns: int) -> bool:
        return not self.why_not_arm(now_ns, self.wanted_cell)

    def guard_may_fire(self, now_ns: int) -> bool:
        return not self.why_not_fire(now_ns, self.wanted_cell)

    def guard_not_released(self, now_ns: int) -> bool:
        return not self.released

    def guard_may_be_ready(self, now_ns: int) -> bool:
        return self.interlocks_ok and self.heartbeat_alive(now_ns) and not self.broken

    # -- effects

    def effect_power_up(self, now_ns: int) -> None:
        self.started_ns = self.beat_ns = now_ns
        for cell in self.cells.values():
            cell.mate(now_ns)

    def effect_power_down(self, now_ns: int) -> None:
        self._stand_down(now_ns)
        self.beating = self.hold = False
        self.alarms.clear(HEARTBEAT)
        for cell in self.cells.values():
            cell.power_off(now_ns)

    def effect_booted(self, now_ns: int) -> None:
        self.events.append(("booted", 0))

    def effect_fail(self, now_ns: int) -> None:
        self.events.append(("fault", 0))
        self._stand_down(now_ns)

    def effect_make_safe(self, now_ns: int) -> None:
        self._stand_down(now_ns)

    def effect_heartbeat_lost(self, now_ns: int) -> None:
        self.events.append(("heartbeat_lost", 0))
        self._stand_down(now_ns)

    def effect_interlock_lost(self, now_ns: int) -> None:
        self.events.append(("interlock_lost", self.selected))
        self._stand_down(now_ns)

    def effect_select_cell(self, now_ns: int) -> None:
        for cell in self.cells.values():
            if cell.powered:
                cell.power_off(now_ns)
        self.arms += 1
        self.selected, self.track, self.released = self.wanted_cell, self.wanted_track, False
        self.cells[self.selected].select(now_ns, self.local_key, self.crew_safe)

    def effect_armed(self, now_ns: int) -> None:
        self.armed_ns = now_ns
        self.events.append(("armed", self.selected))

    def effect_cell_failed(self, now_ns: int) -> None:
        self.events.append(("dud", self.selected))
        self.cells[self.selected].dispatch(now_ns, "failed")
        self._stand_down(now_ns)

    def effect_abort(self, now_ns: int) -> None:
        self.aborts += 1
        self.events.append(("abort", self.selected))
        self._stand_down(now_ns)

    def effect_fire(self, now_ns: int) -> None:
        self.fires += 1
        self.events.append(("fire", self.selected))
        self.cells[self.selected].fire(now_ns)

    def effect_window_over(self, now_ns: int) -> None:
        self.events.append(("window_over", self.selected))
        self._stand_down(now_ns)

    def effect_separated(self, now_ns: int) -> None:
        self.aways += 1
        self.alarms.clear(OVERDUE)
        self.events.append(("away", self.selected))
        self.out.append(("world", Away(self.selected, self.track)))

    def effect_settled(self, now_ns: int) -> None:
        self.cells[self.selected].dispatch(now_ns, "settled")
        self._stand_down(now_ns)

    def effect_hang_fire(self, now_ns: int) -> None:
        self.events.append(("hang_fire", self.selected))

    def effect_misfire(self, now_ns: int) -> None:
        self._stand_down(now_ns)

    def _stand_down(self, now_ns: int) -> None:
        if self.drive is not None:
            self.drive.halt(now_ns)
        if self.selected:
            cell = self.cells[self.selected]
            if self.released and cell.dispatch(now_ns, "misfire"):
                self.events.append(("misfire", self.selected))
            elif cell.table.state in _ENGAGED_CELL:
                self.events.append(("disarmed", self.selected))
            cell.stand_down(now_ns)
        self.alarms.clear(OVERDUE)
        self.selected, self.released = 0, False

    def _alarm(self, now_ns: int, key: tuple[str, int]) -> None:
        what, index = key
        if key == HEARTBEAT:
            self.beating = False
            self.dispatch(now_ns, "heartbeat_lost")
        elif key == OVERDUE:
            self.dispatch(now_ns, "separation_overdue")
        else:
            self.cells[index].alarm(now_ns, what)
