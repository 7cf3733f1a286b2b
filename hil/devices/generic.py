# SPDX-License-Identifier: Apache-2.0
"""A device that an ICD alone describes: a Modbus map, a message set, or both.

Registers hold what is written. A command is always carried out: it gets the ICD's reply, and what it
brought is shown by every field of the same name that the device sends. Periodic messages come at
their period, the first one period after the bench's zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import msgspec

from hil.devices.contract import DeviceOptions
from hil.devices.generic_messages import Messages
from hil.devices.modbus_server import ModbusServer
from hil.devices.modbus_unit import ModbusUnit
from hil.disturb import DISTURB, Disturb, Disturbance, Milliseconds
from hil.part import Output, Outputs, sooner
from interfaces.errors import BenchError
from interfaces.spec.model import Icd, Serial
from interfaces.wire import NS_PER_MS, Burst

SERIAL = "serial"
# The standard's default where the ICD says nothing (MODBUS-SL V1.02 2.5.1 and 3.3).
_DEFAULT_LINE = Serial(bit_rate_bps=19_200, parity="even", half_duplex=True)


class GenericOptions(DeviceOptions, frozen=True):
    """`unit` 0 takes the ICD's; `serial` names a section of the ICD for RTU, empty takes its first."""

    unit: Annotated[int, msgspec.Meta(ge=0, le=247)] = 0
    serial: str = ""


class Generic:
    """See `Options`. Ports: `rtu` and `tcp` for a Modbus map, `serial` for a message set."""

    ICD: ClassVar[str] = ""
    Options: ClassVar[type[DeviceOptions]] = GenericOptions
    PORTS: ClassVar[Mapping[str, str]] = {"rtu": "serial", "tcp": "tcp", SERIAL: "serial"}
    DISTURBANCES: ClassVar[Mapping[str, Disturbance]] = {
        "silent": Disturbance("the device neither hears nor sends", bool),
        "response_delay": Disturbance("ms from a Modbus request to its response", Milliseconds),
        "value": Disturbance("[name, value]: a register, bit or message field shows this value", tuple[str, Any]),
    }

    uses_world = False
    cells = 0

    def __init__(self, name: str, icd: Icd, options: GenericOptions, seed: int) -> None:
        if icd.modbus is None and icd.messages is None:
            raise BenchError(
                f"{name}: the ICD {icd.name} has neither `modbus` nor `messages`; there is nothing to serve"
            )
        self.name = name
        self._silent = False
        self._unit: ModbusUnit | None = None
        self._server: ModbusServer | None = None
        if icd.modbus is not None:
            self._unit = ModbusUnit(name, icd.modbus, icd)
            line = _line(name, icd, options.serial)
            units = {options.unit or icd.modbus.unit: self._unit}
            self._server = ModbusServer(name, units, line.bit_rate_bps, line.char_bits, icd.modbus.broadcast)
        self._messages = Messages(name, SERIAL, icd) if icd.messages is not None else None

    @property
    def deadline_ns(self) -> int | None:
        server_ns = self._server.deadline_ns if self._server is not None else None
        message_ns = self._messages.deadline_ns if self._messages is not None else None
        return sooner(server_ns, message_ns)

    def receive(self, now_ns: int, port: str, item: Any) -> Outputs:
        if port == DISTURB:
            self._disturbed(now_ns, item)
            return self._settle([])
        if port == SERIAL:
            return self._settle(self._messages.receive(now_ns, item) if self._messages is not None else [])
        if self._server is None or self._unit is None:
            raise LookupError(f"{self.name}: nothing is served on port {port!r}")
        if self._silent and type(item) is Burst:
            return ()
        self._unit.now_ns = now_ns
        return self._settle(self._server.receive(now_ns, port, item))

    def expire(self, now_ns: int) -> Outputs:
        out: list[Output] = []
        if self._messages is not None:
            out += self._messages.expire(now_ns)
        if self._server is not None and self._unit is not None:
            self._unit.now_ns = now_ns
            out += self._server.expire(now_ns)
        return self._settle(out)

    def _settle(self, out: Outputs) -> Outputs:
        records = self._unit.take() if self._unit is not None else []
        return [*records, *out] if records else out

    def _disturbed(self, now_ns: int, item: Disturb) -> None:
        getattr(self, f"_disturb_{item.what}")(now_ns, item.value)

    def _disturb_silent(self, now_ns: int, value: bool) -> None:
        self._silent = value
        if self._messages is not None:
            self._messages.silent = value

    def _disturb_response_delay(self, now_ns: int, value: int) -> None:
        if self._server is not None:
            self._server.response_delay_ns = value * NS_PER_MS

    def _disturb_value(self, now_ns: int, value: tuple[str, Any]) -> None:
        name, shown = value
        if self._unit is not None and self._unit.has(name):
            self._unit.now_ns = now_ns
            self._unit.set(name, shown)
        elif self._messages is not None:
            self._messages.held[name] = shown


def _line(name: str, icd: Icd, section: str) -> Serial:
    if not section:
        return next(iter(icd.serial.values()), _DEFAULT_LINE)
    if section not in icd.serial:
        raise BenchError(
            f"{name}: the ICD {icd.name} has no serial section {section!r}; it has {', '.join(icd.serial)}"
        )
    return icd.serial[section]
