# SPDX-License-Identifier: Apache-2.0
"""The message side of a device that an ICD alone describes: replies, and periodic messages.

What a field shows, in this order: what the command itself tells (`command`, `command_<header field>`),
counters and time tags, what the last command brought under that name, a default.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hil.devices.alarms import Alarms
from hil.devices.message_port import MessagePort, Received
from hil.part import Output
from interfaces.codec.plan import conversion
from interfaces.errors import CodecError
from interfaces.spec.model import Field, Icd, MessageSet
from interfaces.wire import NS_PER_US

_COMMAND = "command"


class Messages:
    """One end of a framed interface. `held` are the values by field name; a value that does not fit is not shown."""

    def __init__(self, place: str, port: str, icd: Icd) -> None:
        assert icd.messages is not None
        self._icd, self._set = icd, icd.messages
        self._port = MessagePort(place, port, icd, "device")
        self._counters: dict[str, int] = {}
        self._counted = {name: _counts(message.fields) for name, message in icd.messages.messages.items()}
        self._periods = _periods(icd, icd.messages)
        self._alarms: Alarms[str] = Alarms()
        for name, period_ns in self._periods.items():
            self._alarms.set(name, period_ns)
        self.held: dict[str, Any] = {}
        self.silent = False

    @property
    def deadline_ns(self) -> int | None:
        return self._alarms.deadline_ns

    def receive(self, now_ns: int, item: Any) -> list[Output]:
        """Take what the link gave; answers what it completes."""
        answers: list[Output] = []
        for message in self._port.receive(now_ns, item):
            answers += self._answer(now_ns, message)
        return [*self._port.take(), *answers]

    def expire(self, now_ns: int) -> list[Output]:
        """Send the periodic messages that are due."""
        out: list[Output] = []
        while (name := self._alarms.pop(now_ns)) is not None:
            self._alarms.set(name, now_ns + self._periods[name])
            out += self._send(now_ns, name, {})
        return out

    def _answer(self, now_ns: int, message: Received) -> list[Output]:
        if self.silent:
            return []
        command = self._set.messages[message.name]
        header = {field.name for field in self._set.header}
        self.held.update({name: value for name, value in message.fields.items() if name not in header})
        if command.reply is None:
            return []
        told = {f"{_COMMAND}_{name}": message.fields[name] for name in header if name in message.fields}
        return self._send(now_ns, command.reply, {_COMMAND: message.name, **told})

    def _send(self, now_ns: int, name: str, told: dict[str, Any]) -> list[Output]:
        if self.silent:
            return []
        fields = self._build(now_ns, name, self._set.messages[name].fields, {**self.held, **told})
        return self._port.send(now_ns, name, fields)

    def _build(self, now_ns: int, where: str, wanted: Sequence[Field], known: dict[str, Any]) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for field in wanted:
            if field.type == "pad":
                continue
            one = self._group if field.fields else self._number
            if field.count is None:
                fields[field.name] = one(now_ns, where, field, known)
            else:
                count = fields[field.count] if isinstance(field.count, str) else field.count
                fields[field.name] = [one(now_ns, where, field, {}) for _ in range(count)]
        return fields

    def _group(self, now_ns: int, where: str, field: Field, known: dict[str, Any]) -> dict[str, Any]:
        return self._build(now_ns, f"{where}.{field.name}", field.fields, {})

    def _number(self, now_ns: int, where: str, field: Field, known: dict[str, Any]) -> Any:
        name = field.name
        if field.role == "counter":
            key = f"{where}.{name}"
            self._counters[key] = (self._counters.get(key, -1) + 1) % (1 << field.bits)
            return self._counters[key]
        if field.role == "time_tag":
            return now_ns // NS_PER_US % (1 << field.bits)
        if name in self._counted[where.partition(".")[0]] or name not in known or not self._fits(field, known[name]):
            return self._default(field)
        return known[name]

    def _fits(self, field: Field, value: Any) -> bool:
        try:
            conversion(field, field.name, self._icd.enums).to_raw(value)
        except CodecError:
            return False
        return True

    def _default(self, field: Field) -> Any:
        """The first name of an enumeration, false, or zero; where zero is not allowed, a limit."""
        if field.enum is not None:
            return next(iter(self._icd.enums[field.enum]))
        if field.type == "bool":
            return False
        allowed = (value for value in (0, field.min, field.max, field.offset) if value is not None)
        return next(value for value in allowed if self._fits(field, value))


def _periods(icd: Icd, messages: MessageSet) -> dict[str, int]:
    return {
        name: icd.time_ns(message.period)
        for name, message in messages.messages.items()
        if message.sender == "device" and message.period is not None
    }


def _counts(fields: Sequence[Field]) -> set[str]:
    """The fields that count an array; what a command brought under their name says nothing of ours."""
    own = {field.count for field in fields if isinstance(field.count, str)}
    return own.union(*(_counts(field.fields) for field in fields))
