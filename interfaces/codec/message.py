# SPDX-License-Identifier: Apache-2.0
"""A framed message set: payload bytes to (message, fields) and back.

Fields stand one behind the other, most significant bit first:

    byte 0            byte 1
    7 6 5 4 3 2 1 0   7 6 5 4 ...
    [ first field  ]  [ next  ] ...

A field of `order: little` has its bytes swapped. The last byte is filled up with zeros.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from interfaces.codec.scale import Boolean, Bounds, Conversion, Float, Named, integer
from interfaces.errors import CodecError
from interfaces.spec.model import Field, Message, MessageSet
from interfaces.wire import Record

ID = "id"


class Decoded(Record, frozen=True):
    """A message by its name, with the engineering values of its fields (header included, `id` not)."""

    message: str
    fields: dict[str, Any]


class MessageCodec:
    """Every message of a set, compiled once. `enums` are the ICD's enumerations."""

    def __init__(self, message_set: MessageSet, enums: Mapping[str, Mapping[str, int]]) -> None:
        self._header = tuple(_Plan(field, field.name, enums) for field in message_set.header)
        self._messages = message_set.messages
        self._plans = {
            name: (*self._header, *(_Plan(field, f"{name}.{field.name}", enums) for field in message.fields))
            for name, message in message_set.messages.items()
        }
        self._names = {message.id: name for name, message in message_set.messages.items()}
        self._id_at = _bits_before(message_set.header)
        self._id_bits = next(field.bits for field in message_set.header if field.name == ID)

    def message(self, name: str) -> Message:
        """What the ICD says of a message."""
        return self._messages[name]

    def encode(self, name: str, fields: Mapping[str, Any]) -> bytes:
        """The payload of a message. Raises `CodecError` for an unknown name, a missing or unfit value."""
        plans = self._plans.get(name)
        if plans is None:
            raise CodecError(name, "no such message")
        writer = _Writer()
        writer.write(plans, {**fields, ID: self._messages[name].id}, name)
        return writer.payload()

    def decode(self, payload: bytes) -> Decoded:
        """The message in a payload. Raises `CodecError` for an unknown id, a wrong length, an unfit value."""
        reader = _Reader(payload)
        code = reader.peek(self._id_at, self._id_bits)
        name = self._names.get(code)
        if name is None:
            raise CodecError(f"id 0x{code:02x}", "no such message")
        fields = reader.read(self._plans[name], name)
        reader.demand_end(name)
        del fields[ID]
        return Decoded(name, fields)


class _Plan:
    """One field, ready to be packed and unpacked."""

    __slots__ = ("bits", "conversion", "count", "group", "little", "max_count", "name", "pad")

    def __init__(self, field: Field, where: str, enums: Mapping[str, Mapping[str, int]]) -> None:
        self.name, self.bits, self.count, self.max_count = field.name, field.bits, field.count, field.max_count
        self.little = field.order == "little"
        self.pad = field.type == "pad"
        self.group = tuple(_Plan(inner, f"{where}.{inner.name}", enums) for inner in field.fields)
        self.conversion = conversion(field, where, enums)


def conversion(field: Field, where: str, enums: Mapping[str, Mapping[str, int]]) -> Conversion:
    """The conversion that a message field asks for."""
    if field.type == "bool":
        return Boolean(where)
    if field.enum is not None:
        return Named(where, enums[field.enum])
    bounds = Bounds(where, field.min, field.max, field.unit)
    if field.type == "float":
        return Float(bounds, field.bits)
    return integer(bounds, max(field.bits, 1), field.type == "int", field.scale, field.offset)


class _Writer:
    """Appends bits."""

    def __init__(self) -> None:
        self._value = 0
        self._bits = 0

    def write(self, plans: Sequence[_Plan], fields: Mapping[str, Any], where: str) -> None:
        for plan in plans:
            if plan.pad:
                self._append(0, plan.bits)
            elif plan.name not in fields:
                raise CodecError(f"{where}.{plan.name}", "no value is given")
            elif plan.count is None:
                self._one(plan, fields[plan.name], where)
            else:
                self._array(plan, fields, where)

    def _array(self, plan: _Plan, fields: Mapping[str, Any], where: str) -> None:
        values = fields[plan.name]
        wanted = fields.get(plan.count) if isinstance(plan.count, str) else plan.count
        if len(values) != wanted or (plan.max_count is not None and len(values) > plan.max_count):
            raise CodecError(f"{where}.{plan.name}", f"{len(values)} elements where there are {wanted}")
        for value in values:
            self._one(plan, value, where)

    def _one(self, plan: _Plan, value: Any, where: str) -> None:
        if plan.group:
            self.write(plan.group, value, f"{where}.{plan.name}")
            return
        raw = plan.conversion.to_raw(value)
        self._append(_swap(raw, plan.bits) if plan.little else raw, plan.bits)

    def _append(self, raw: int, bits: int) -> None:
        self._value = self._value << bits | raw
        self._bits += bits

    def payload(self) -> bytes:
        fill = -self._bits % 8
        return (self._value << fill).to_bytes((self._bits + fill) // 8, "big")


class _Reader:
    """Takes bits from the front."""

    def __init__(self, payload: bytes) -> None:
        self._value = int.from_bytes(payload, "big")
        self._left = len(payload) * 8

    def peek(self, skip: int, bits: int) -> int:
        shift = self._left - skip - bits
        if shift < 0:
            raise CodecError("header", "the message is shorter than its header")
        return self._value >> shift & (1 << bits) - 1

    def read(self, plans: Sequence[_Plan], where: str) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for plan in plans:
            if plan.pad:
                self._take(plan.bits, where)
            elif plan.count is None:
                fields[plan.name] = self._one(plan, where)
            else:
                count = fields[plan.count] if isinstance(plan.count, str) else plan.count
                if plan.max_count is not None and count > plan.max_count:
                    raise CodecError(f"{where}.{plan.name}", f"{count} elements, at most {plan.max_count} are allowed")
                fields[plan.name] = [self._one(plan, where) for _ in range(count)]
        return fields

    def _one(self, plan: _Plan, where: str) -> Any:
        if plan.group:
            return self.read(plan.group, f"{where}.{plan.name}")
        raw = self._take(plan.bits, where)
        return plan.conversion.to_eng(_swap(raw, plan.bits) if plan.little else raw)

    def _take(self, bits: int, where: str) -> int:
        self._left -= bits
        if self._left < 0:
            raise CodecError(where, "the message is too short")
        return self._value >> self._left & (1 << bits) - 1

    def demand_end(self, where: str) -> None:
        if self._left >= 8:
            raise CodecError(where, f"{self._left // 8} bytes too long")


def _swap(raw: int, bits: int) -> int:
    return int.from_bytes(raw.to_bytes(bits // 8, "big"), "little")


def _bits_before(header: Sequence[Field]) -> int:
    total = 0
    for field in header:
        if field.name == ID:
            return total
        total += field.bits
    raise CodecError("header", "has no field `id`")
