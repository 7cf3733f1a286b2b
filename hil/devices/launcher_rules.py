# SPDX-License-Identifier: Apache-2.0
"""A launcher's condition, and what it forbids: the questions that guards, commands and status share.

A reason is a name of the ICD's `refusal`; "" is none.
"""

from __future__ import annotations

from hil.devices.launcher_cell import Cell
from hil.devices.state_table import StateTable
from hil.devices.trainer import Trainer
from interfaces.spec.model import Icd


class LauncherRules:
    """`hold` is hold-fire, `broken` a fault that is there, `beating` a heartbeat not yet timed out."""

    table: StateTable

    def __init__(self, icd: Icd, drive: Trainer | None) -> None:
        self.drive = drive
        self.cells: dict[int, Cell] = {}
        self.local_key = self.crew_safe = True
        self.hold = self.broken = self.beating = self.released = False
        self.beat_ns = self.armed_ns = 0
        self.selected = 0
        self.heartbeat_timeout_ns = icd.time_ns("heartbeat_timeout")
        self._arm_window_ns = icd.time_ns("arm_window")

    def why_not_arm(self, now_ns: int, cell: int) -> str:
        """ICD LCH-010, but for code and number: the first rule that forbids arming `cell`."""
        if not self.table.legal("arm"):
            return self.table.refusal("arm")
        if cell not in self.cells:
            return "no_cell"
        if self.cells[cell].table.state != "loaded":
            return "cell_unavailable"
        return self._why_not_safe(now_ns)

    def why_not_fire(self, now_ns: int, cell: int) -> str:
        """ICD LCH-020, but for code and number: the first rule that forbids firing `cell`."""
        if not self.table.legal("fire") or now_ns >= self.armed_ns + self._arm_window_ns:
            return self.table.refusal("fire")
        if cell != self.selected:
            return "wrong_cell"
        if not self.hatch_open(now_ns):
            return "hatch"
        if self.moving(now_ns):
            return "moving"
        return self._why_not_safe(now_ns)

    def why_not_command(self, command: str) -> str:
        """Why a legal mode or abort command found no row of the table whose guard holds."""
        if command == "standby":
            return "heartbeat"
        if command == "ready":
            return self.why_not_ready()
        return "fault" if command == "reset" else "released"

    def why_not_ready(self) -> str:
        """The interlock that forbids `ready`."""
        if not self.local_key:
            return "local_key"
        return "" if self.crew_safe else "crew_safe"

    def _why_not_safe(self, now_ns: int) -> str:
        if self.hold:
            return "hold_fire"
        if not self.heartbeat_alive(now_ns):
            return "heartbeat"
        return self.why_not_ready()

    @property
    def interlocks_ok(self) -> bool:
        return not self.why_not_ready()

    def heartbeat_alive(self, now_ns: int) -> bool:
        return self.beating and now_ns < self.beat_ns + self.heartbeat_timeout_ns

    def hatch_open(self, now_ns: int) -> bool:
        """The selected cell's hatch."""
        return bool(self.selected) and self.cells[self.selected].hatch_is_open(now_ns)

    def moving(self, now_ns: int) -> bool:
        return self.drive is not None and self.drive.moving(now_ns)

    def window_left_ns(self, now_ns: int) -> int:
        return max(0, self.armed_ns + self._arm_window_ns - now_ns) if self.table.state == "armed" else 0
