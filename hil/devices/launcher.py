# SPDX-License-Identifier: Apache-2.0
"""The emulated launcher: a Modbus unit in front, up to 16 interceptor cells behind.

The land variant trains to a bearing; the sea variant has vertical cells with hatches. Nothing is
released without a fresh arm, a fresh fire order in its window, key, interlocks and no hold-fire
(ICD LCH-034).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

import msgspec

from hil.devices.contract import DeviceOptions
from hil.devices.launcher_logic import LauncherLogic
from hil.devices.launcher_orders import Orders
from hil.devices.launcher_status import Status
from hil.devices.modbus_server import ModbusServer
from hil.devices.modbus_unit import ModbusUnit
from hil.devices.trainer import Trainer
from hil.disturb import DISTURB, Disturb, Disturbance, Milliseconds
from hil.part import Output, Outputs, sooner
from hil.trace.events import TRACE, Note
from interfaces.modbus.pdu import ExceptionCode
from interfaces.spec.load import shipped
from interfaces.spec.model import Icd
from interfaces.wire import NS_PER_MS, Burst

Cell: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=16)]
SignedCell: TypeAlias = Annotated[int, msgspec.Meta(ge=-16, le=16)]


class LauncherOptions(DeviceOptions, frozen=True):
    """`bearing_rate_cdeg_s` and `bearing_acceleration_cdeg_s2` 0 take the ICD's most; they matter on land only."""

    variant: Literal["land", "sea"]
    cells: Annotated[int, msgspec.Meta(ge=1, le=16)] = 4
    unit: Annotated[int, msgspec.Meta(ge=1, le=247)] = 1
    serial: Literal["rtu", "rtu_fast"] = "rtu"
    bearing_cdeg: Annotated[int, msgspec.Meta(ge=0, le=35_999)] = 0
    bearing_rate_cdeg_s: Annotated[int, msgspec.Meta(ge=0)] = 0
    bearing_acceleration_cdeg_s2: Annotated[int, msgspec.Meta(ge=0)] = 0
    local_key: bool = True
    crew_safe: bool = True
    powered: bool = True


class Launcher:
    """See `Options`. A disturbance's value is said in `DISTURBANCES`."""

    ICD: ClassVar[str] = "launcher"
    Options: ClassVar[type[DeviceOptions]] = LauncherOptions
    PORTS: ClassVar[Mapping[str, str]] = {"rtu": "serial", "tcp": "tcp"}
    DISTURBANCES: ClassVar[Mapping[str, Disturbance]] = {
        "power": Disturbance("power of the launcher", bool),
        "reset": Disturbance("power off and on again"),
        "local_key": Disturbance("the local key is given", bool),
        "crew_safe": Disturbance("the crew is clear", bool),
        "fault": Disturbance("a fault is there", bool),
        "response_delay": Disturbance("ms from a request to its response", Milliseconds),
        "dud_cell": Disturbance("a cell: what is in it will not leave", Cell),
        "hang_fire": Disturbance(
            "[cell, ms]: what is in it leaves that long after its release", tuple[Cell, Milliseconds]
        ),
        "hatch_stuck": Disturbance("a cell: its hatch no longer moves; minus the cell: it moves again", SignedCell),
        "hatch_lost": Disturbance(
            "a cell: its hatch's switch reads not open; minus the cell: it reads truly again", SignedCell
        ),
    }

    uses_world = True

    def __init__(self, name: str, icd: Icd, options: LauncherOptions, seed: int) -> None:
        assert icd.modbus is not None
        self.name = name
        self.cells = options.cells
        drive = _drive(icd, options) if options.variant == "land" else None
        hatch_ns = icd.time_ns("hatch_time") if options.variant == "sea" else 0
        self._logic = LauncherLogic(name, (icd, shipped("interceptor")), options.cells, hatch_ns, drive)
        self._logic.local_key, self._logic.crew_safe = options.local_key, options.crew_safe
        self._orders = Orders(name, icd, self._logic)
        self._unit = ModbusUnit(name, icd.modbus, icd, self._on_write, self._before_read)
        self._orders.unit = self._unit
        serial = icd.serial[options.serial]
        self._server = ModbusServer(
            name, {options.unit: self._unit}, serial.bit_rate_bps, serial.char_bits, icd.modbus.broadcast
        )
        self._status = Status(icd, self._logic, self._orders, self._unit)
        self._unit.set("variant", icd.enums["variant"][options.variant])
        self._unit.set("cells_fitted", options.cells)
        self._inner: dict[str, Callable[[int, Any], None]] = {DISTURB: self._disturbed}
        for index, cell in self._logic.cells.items():
            self._inner[f"lines.{index}"] = cell.receive_level
            self._inner[f"umbilical.{index}"] = cell.receive_umbilical
        # A powered launcher boots at the bench's zero.
        self._start_ns: int | None = 0 if options.powered else None

    @property
    def deadline_ns(self) -> int | None:
        due_ns, server_ns = self._logic.deadline_ns, self._server.deadline_ns
        if due_ns is None or (server_ns is not None and server_ns < due_ns):  # asked after every event: no calls
            due_ns = server_ns
        return due_ns if self._start_ns is None else sooner(self._start_ns, due_ns)

    def receive(self, now_ns: int, port: str, item: Any) -> Outputs:
        self._unit.now_ns = now_ns
        # What is due comes first, whichever way the queue was ordered: a write at a time-out's instant is too late.
        out = self._advance(now_ns)
        inner = self._inner.get(port)
        if inner is not None:
            inner(now_ns, item)
            return [*out, *self._settle(now_ns)]
        if self._logic.table.state == "off" and type(item) is Burst:
            return out
        served = self._server.receive(now_ns, port, item)
        # What leaves no word (half a frame, another unit's) has changed nothing behind the registers.
        return [*out, *served, *self._settle(now_ns)] if served else out

    def expire(self, now_ns: int) -> Outputs:
        self._unit.now_ns = now_ns
        out = self._advance(now_ns)
        server_ns = self._server.deadline_ns
        if server_ns is not None and server_ns <= now_ns:
            served = self._server.expire(now_ns)
            if served:
                out.extend(served)
                out.extend(self._settle(now_ns))
        return out

    def _advance(self, now_ns: int) -> list[Output]:
        if self._start_ns is not None and self._start_ns <= now_ns:
            self._start_ns = None
            self._power_on(now_ns)
        deadline_ns = self._logic.deadline_ns
        return self._settle(now_ns) if deadline_ns is not None and deadline_ns <= now_ns else []

    def _settle(self, now_ns: int) -> list[Output]:
        logic = self._logic
        logic.run(now_ns)
        self._orders.forget_codes()
        if not logic.out and not logic.events:
            return self._unit.take()
        self._status.changed()
        out = [*self._unit.take(), *logic.out]
        logic.out.clear()
        return out

    def _on_write(self, now_ns: int, writes: Sequence[tuple[str, Any]]) -> ExceptionCode | None:
        if self._server.broadcasting:
            return self._orders.on_broadcast(now_ns, writes)
        return self._orders.on_write(now_ns, writes)

    def _before_read(self, now_ns: int) -> None:
        self._status.before_read(now_ns)

    def _power_on(self, now_ns: int) -> None:
        if self._logic.dispatch(now_ns, "power_on"):
            self._orders.power_up()

    def _disturbed(self, now_ns: int, item: Disturb) -> None:
        getattr(self, f"_disturb_{item.what}")(now_ns, item.value)

    def _disturb_power(self, now_ns: int, value: bool) -> None:
        self._start_ns = None
        if value:
            self._power_on(now_ns)
        else:
            self._logic.dispatch(now_ns, "power_off")

    def _disturb_reset(self, now_ns: int, value: None) -> None:
        self._disturb_power(now_ns, False)
        self._disturb_power(now_ns, True)

    def _disturb_local_key(self, now_ns: int, value: bool) -> None:
        self._logic.set_interlocks(now_ns, value, self._logic.crew_safe)

    def _disturb_crew_safe(self, now_ns: int, value: bool) -> None:
        self._logic.set_interlocks(now_ns, self._logic.local_key, value)

    def _disturb_fault(self, now_ns: int, value: bool) -> None:
        self._logic.broken = value

    def _disturb_response_delay(self, now_ns: int, value: int) -> None:
        self._server.response_delay_ns = value * NS_PER_MS

    def _disturb_dud_cell(self, now_ns: int, value: int) -> None:
        if self._is_fitted(now_ns, value):
            self._logic.cells[value].dud = True

    def _disturb_hang_fire(self, now_ns: int, value: tuple[int, int]) -> None:
        cell, late_ms = value
        if self._is_fitted(now_ns, cell):
            self._logic.cells[cell].late_ns = late_ms * NS_PER_MS

    def _disturb_hatch_stuck(self, now_ns: int, value: int) -> None:
        if self._is_fitted(now_ns, abs(value)):
            self._logic.cells[abs(value)].stick_hatch(now_ns, value > 0)

    def _disturb_hatch_lost(self, now_ns: int, value: int) -> None:
        if self._is_fitted(now_ns, abs(value)):
            self._logic.cells[abs(value)].lose_hatch(now_ns, value > 0)

    def _is_fitted(self, now_ns: int, cell: int) -> bool:
        """Whether a cell that a disturbance names is there; one that is not is noted, not overlooked."""
        fitted = cell in self._logic.cells
        if not fitted:
            text = f"cell {cell} is not fitted (1 to {self.cells} are): the disturbance has no effect"
            self._logic.out.append((TRACE, Note(now_ns, self.name, text)))
        return fitted


def _drive(icd: Icd, options: LauncherOptions) -> Trainer:
    rate = options.bearing_rate_cdeg_s or icd.constant("bearing_rate_max")
    acceleration = options.bearing_acceleration_cdeg_s2 or icd.constant("bearing_acceleration_max")
    return Trainer(options.bearing_cdeg, rate, acceleration)
