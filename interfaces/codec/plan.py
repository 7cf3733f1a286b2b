# SPDX-License-Identifier: Apache-2.0
"""The compiled form of a message: what stands one behind the other, each part packing and unpacking itself.

A run of fields of fixed width is one `Block`: one integer, from which each field is a shift and a mask.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

from interfaces.codec.scale import Boolean, Bounds, Conversion, Float, Linear, Named, Swapped
from interfaces.errors import CodecError
from interfaces.spec.model import Field

Enums: TypeAlias = Mapping[str, Mapping[str, int]]


class Packed(NamedTuple):
    """Bits ready to be put behind others."""

    value: int
    bits: int


class Filler(NamedTuple):
    """A field whose bits are known beforehand and that nobody is told of."""

    raw: int


class Reader:
    """Takes bits from the front of a payload."""

    __slots__ = ("left", "value")

    def __init__(self, payload: bytes) -> None:
        self.value = int.from_bytes(payload, "big")
        self.left = len(payload) * 8

    def peek(self, end: int, mask: int) -> int:
        """The bits that end `end` bits from the front, none taken."""
        if self.left < end:
            raise CodecError("header", "the message is shorter than its header")
        return self.value >> self.left - end & mask

    def take(self, bits: int, where: str) -> int:
        """The next bits."""
        self.left -= bits
        if self.left < 0:
            raise CodecError(where, "the message is too short")
        return self.value >> self.left & (1 << bits) - 1


class Part(Protocol):
    """One piece of a message."""

    def pack(self, fields: Mapping[str, Any]) -> Packed:
        """The bits of this part's fields. Raises `CodecError`."""
        ...

    def unpack(self, reader: Reader, fields: dict[str, Any]) -> None:
        """Put this part's fields into `fields`. Raises `CodecError`."""
        ...


class _Step(NamedTuple):
    """One field of a block."""

    name: str
    shift: int
    mask: int
    to_raw: Callable[[Any], int]
    to_eng: Callable[[int], Any]


class Block:
    """Fields of fixed width, one behind the other."""

    __slots__ = ("_bits", "_constant", "_steps", "_where")

    def __init__(self, fields: Sequence[Field], where: str, enums: Enums, fillers: Mapping[str, Filler]) -> None:
        self._where = where
        self._bits = sum(field.bits for field in fields)
        self._constant = 0
        steps, shift = [], self._bits
        for field in fields:
            shift -= field.bits
            if field.name in fillers:
                self._constant |= fillers[field.name].raw << shift
            elif field.type != "pad":
                one = conversion(field, f"{where}.{field.name}", enums)
                steps.append(_Step(field.name, shift, (1 << field.bits) - 1, one.to_raw, one.to_eng))
        self._steps = tuple(steps)

    def pack(self, fields: Mapping[str, Any]) -> Packed:
        value = self._constant
        for name, shift, _, to_raw, _ in self._steps:
            if name not in fields:
                raise CodecError(f"{self._where}.{name}", "no value is given")
            value |= to_raw(fields[name]) << shift
        return Packed(value, self._bits)

    def unpack(self, reader: Reader, fields: dict[str, Any]) -> None:
        value = reader.take(self._bits, self._where)
        for name, shift, mask, _, to_eng in self._steps:
            fields[name] = to_eng(value >> shift & mask)


class _Scalars:
    """The elements of an array of numbers."""

    __slots__ = ("_bits", "_conversion")

    def __init__(self, field: Field, where: str, enums: Enums) -> None:
        self._bits, self._conversion = field.bits, conversion(field, where, enums)

    def pack(self, element: Any) -> Packed:
        return Packed(self._conversion.to_raw(element), self._bits)

    def unpack(self, reader: Reader) -> Any:
        return self._conversion.to_eng(reader.take(self._bits, self._conversion.where))


class _Groups:
    """The elements of an array of groups, or the one group."""

    __slots__ = ("_parts", "_where")

    def __init__(self, field: Field, where: str, enums: Enums) -> None:
        self._parts, self._where = compile_fields(field.fields, where, enums, {}), where

    def pack(self, element: Any) -> Packed:
        if not isinstance(element, Mapping):
            raise CodecError(self._where, f"{element!r} is no group")
        return pack(self._parts, element)

    def unpack(self, reader: Reader) -> Any:
        fields: dict[str, Any] = {}
        for part in self._parts:
            part.unpack(reader, fields)
        return fields


class _Single:
    """A group that is there once."""

    __slots__ = ("_groups", "_name", "_where")

    def __init__(self, field: Field, where: str, enums: Enums) -> None:
        self._name, self._where = field.name, f"{where}.{field.name}"
        self._groups = _Groups(field, self._where, enums)

    def pack(self, fields: Mapping[str, Any]) -> Packed:
        return self._groups.pack(_given(fields, self._name, self._where))

    def unpack(self, reader: Reader, fields: dict[str, Any]) -> None:
        fields[self._name] = self._groups.unpack(reader)


class _Array:
    """A field with a count: a number, or the name of an earlier field."""

    __slots__ = ("_count", "_elements", "_most", "_name", "_where")

    def __init__(self, field: Field, where: str, enums: Enums) -> None:
        self._name, self._where = field.name, f"{where}.{field.name}"
        self._count, self._most = field.count, field.max_count
        kind = _Groups if field.fields else _Scalars
        self._elements = kind(field, self._where, enums)

    def pack(self, fields: Mapping[str, Any]) -> Packed:
        elements = _given(fields, self._name, self._where)
        if not isinstance(elements, list | tuple):
            raise CodecError(self._where, f"{elements!r} is no list")
        if len(elements) != self._wanted(fields):
            raise CodecError(self._where, f"{len(elements)} elements where there are {self._wanted(fields)}")
        value = total = 0
        for element in elements:
            packed, bits = self._elements.pack(element)
            value = value << bits | packed
            total += bits
        return Packed(value, total)

    def unpack(self, reader: Reader, fields: dict[str, Any]) -> None:
        unpack = self._elements.unpack
        fields[self._name] = [unpack(reader) for _ in range(self._wanted(fields))]

    def _wanted(self, fields: Mapping[str, Any]) -> int:
        count: Any = fields[self._count] if isinstance(self._count, str) else self._count
        if self._most is not None and count > self._most:
            raise CodecError(self._where, f"{count} elements, at most {self._most} are allowed")
        return int(count)


def pack(parts: Sequence[Part], fields: Mapping[str, Any]) -> Packed:
    """The bits of all parts."""
    if len(parts) == 1:
        return parts[0].pack(fields)
    value = total = 0
    for part in parts:
        packed, bits = part.pack(fields)
        value = value << bits | packed
        total += bits
    return Packed(value, total)


def compile_fields(
    fields: Sequence[Field], where: str, enums: Enums, fillers: Mapping[str, Filler]
) -> tuple[Part, ...]:
    """The parts of a message or group."""
    parts: list[Part] = []
    run: list[Field] = []
    for field in fields:
        if field.count is None and not field.fields:
            run.append(field)
            continue
        if run:
            parts.append(Block(run, where, enums, fillers))
            run = []
        parts.append((_Single if field.count is None else _Array)(field, where, enums))
    if run:
        parts.append(Block(run, where, enums, fillers))
    return tuple(parts)


def conversion(field: Field, where: str, enums: Enums) -> Conversion:
    """The conversion that a message field asks for."""
    inner = _conversion(field, where, enums)
    return Swapped(inner, field.bits) if field.order == "little" else inner


def _conversion(field: Field, where: str, enums: Enums) -> Conversion:
    if field.type == "bool":
        return Boolean(where)
    if field.enum is not None:
        return Named(where, enums[field.enum])
    bounds = Bounds(where, field.min, field.max, field.unit)
    if field.type == "float":
        return Float(bounds, field.bits)
    return Linear(bounds, field.bits, field.type == "int", field.scale, field.offset)


def _given(fields: Mapping[str, Any], name: str, where: str) -> Any:
    if name not in fields:
        raise CodecError(where, "no value is given")
    return fields[name]
