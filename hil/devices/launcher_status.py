# SPDX-License-Identifier: Apache-2.0
"""Puts a launcher's condition into its registers.

What only an event can change is put there after one; what time itself changes, before a read.
"""

from __future__ import annotations

from hil.devices.launcher_logic import LauncherLogic
from hil.devices.launcher_orders import Orders
from hil.devices.modbus_unit import ModbusUnit
from interfaces.spec.model import Icd
from interfaces.wire import NS_PER_MS, NS_PER_S

_FLAGS = (
    "local_key",
    "crew_safe",
    "hatch_open",
    "hatch_closed",
    "interlocks_ok",
    "hold_fire_active",
    "heartbeat_alive",
    "moving",
    "fault",
    "events_pending",
)


class Status:
    """The launcher's face to a reader."""

    def __init__(self, icd: Icd, logic: LauncherLogic, orders: Orders, unit: ModbusUnit) -> None:
        self._logic = logic
        self._orders = orders
        self._unit = unit
        self._codes = icd.enums["event"]
        self._depth = next(fifo.depth for fifo in icd.modbus.fifos) if icd.modbus else 0
        self._flags: tuple[bool, ...] = (False,) * len(_FLAGS)
        self._shown: dict[str, int] = {}
        self._event_count = 0

    def changed(self) -> None:
        """Something happened: put every value there that time alone doesn't change."""
        unit, logic, orders = self._unit, self._logic, self._orders
        for event, cell in logic.events:
            self._event_count = (self._event_count + 1) % 65_536
            if unit.waiting("events") < self._depth:  # the oldest are kept (ICD LCH-060)
                unit.push("events", self._codes[event] << 8 | cell)
        logic.events.clear()
        unit.set("state", logic.table.code)
        unit.set("cell_selected", logic.selected)
        unit.set("last_refusal", orders.last_refusal)
        unit.set("last_command_sequence", orders.last_sequence)
        unit.set("event_count", self._event_count)
        unit.set("refusals", orders.refusals)
        unit.set("arms", logic.arms)
        unit.set("fires", logic.fires)
        unit.set("aways", logic.aways)
        unit.set("aborts", logic.aborts)
        unit.set("cell_state", [cell.table.code for cell in logic.cells.values()])

    def before_read(self, now_ns: int) -> None:
        """A peer is about to read."""
        unit, logic = self._unit, self._logic
        if logic.events or logic.out:
            self.changed()
        self._show("heartbeat_age", min(65_535, (now_ns - logic.beat_ns) // NS_PER_MS))
        self._show("window_left", logic.window_left_ns(now_ns) // NS_PER_MS)
        self._show("uptime", (now_ns - logic.started_ns) // NS_PER_S)
        if logic.drive is not None:
            self._show("bearing", logic.drive.bearing_cdeg(now_ns))
            self._show("bearing_rate", logic.drive.rate_cdeg_s(now_ns))
        flags = self._read_flags(now_ns)
        if flags != self._flags:
            self._flags = flags
            for name, flag in zip(_FLAGS, flags, strict=True):
                unit.set(name, flag)
            unit.set("flags", sum(flag << index for index, flag in enumerate(flags)))

    def _show(self, name: str, value: int) -> None:
        # Most of these stand still most of the time; a poll must not pay for putting them there again.
        if self._shown.get(name) != value:
            self._shown[name] = value
            self._unit.set(name, value)

    def _read_flags(self, now_ns: int) -> tuple[bool, ...]:
        logic = self._logic
        return (
            logic.local_key,
            logic.crew_safe,
            logic.hatch_open(now_ns),
            all(cell.hatch.is_closed(now_ns) for cell in logic.cells.values()),
            logic.interlocks_ok,
            logic.hold,
            logic.heartbeat_alive(now_ns),
            logic.moving(now_ns),
            logic.broken,
            bool(self._unit.waiting("events")),
        )
