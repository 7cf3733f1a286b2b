# SPDX-License-Identifier: Apache-2.0
"""Values in Modbus registers: word orders, conversions and bit fields.

A value's bytes are named A, B, C, D from the most significant; the order says how they stand in
consecutive registers, each register big-endian on the wire:

    ABCD  as they are       CDAB  words swapped
    BADC  bytes in each word swapped       DCBA  both
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any, Self

from interfaces.codec.scale import Bounds, Conversion, Float, Linear, Named
from interfaces.spec.model import BitField, RegisterDef

WORD_BYTES = 2


class RegisterCodec:
    """One register definition's values.

    A plain value is what a device works with: the raw integer (two's complement taken out), or the
    number of a float register. The engineering value is what the conversion makes of it.
    """

    def __init__(self, definition: RegisterDef, word_order: str, enums: Mapping[str, Mapping[str, int]]) -> None:
        self.definition = definition
        self.value_bytes = definition.words * WORD_BYTES
        self._order = definition.word_order or word_order
        self._float = definition.type.startswith("f")
        self._signed = definition.type.startswith("i")
        self._format = {4: ">f", 8: ">d"}.get(self.value_bytes, "")
        self._conversion = _conversion(definition, enums)
        self._checked = any(bound is not None for bound in (definition.min, definition.max, definition.enum))

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self  # nothing in it changes, so that a copied bench shares it

    @property
    def size(self) -> int:
        """Bytes of the whole definition, every element of an array."""
        return self.value_bytes * self.definition.count

    def pack(self, plain: float) -> bytes:
        """A plain value's bytes in register order. Raises `OverflowError` or `struct.error` if it does not fit."""
        if self._float:
            return order(struct.pack(self._format, plain), self._order)
        return order(int(plain).to_bytes(self.value_bytes, "big", signed=self._signed), self._order)

    def unpack(self, data: bytes) -> float:
        """The plain value of `value_bytes` bytes in register order."""
        plain = order(data, self._order)
        if self._float:
            return float(struct.unpack(self._format, plain)[0])
        return int.from_bytes(plain, "big", signed=self._signed)

    def check(self, plain: float) -> None:
        """Raise `CodecError` when a peer may not write this value (range, enumeration)."""
        if self._checked:
            self.to_eng(plain)

    def to_eng(self, plain: float) -> object:
        """The engineering value of a plain one. Raises `CodecError`."""
        bits = self.value_bytes * 8
        raw = int.from_bytes(struct.pack(self._format, plain), "big") if self._float else int(plain) & (1 << bits) - 1
        return self._conversion.to_eng(raw)

    def from_eng(self, eng: object) -> float:
        """The plain value of an engineering one. Raises `CodecError`."""
        raw = self._conversion.to_raw(eng)
        return self.unpack(order(raw.to_bytes(self.value_bytes, "big"), self._order))


def order(data: bytes, word_order: str) -> bytes:
    """Bytes of one value between big-endian and a word order (each order is its own inverse)."""
    if word_order == "ABCD":
        return data
    if word_order == "DCBA":
        return data[::-1]
    words = [data[at : at + WORD_BYTES] for at in range(0, len(data), WORD_BYTES)]
    if word_order == "CDAB":
        return b"".join(reversed(words))
    return b"".join(word[::-1] for word in words)


def bit_field(field: BitField, plain: int) -> int:
    """The value of a bit field in a register's plain value."""
    return plain >> field.low & (1 << field.bits) - 1


def _conversion(definition: RegisterDef, enums: Mapping[str, Mapping[str, int]]) -> Conversion:
    if definition.enum is not None:
        return Named(definition.name, enums[definition.enum])
    bounds = Bounds(definition.name, definition.min, definition.max, definition.unit)
    bits = definition.words * 16
    if definition.type.startswith("f"):
        return Float(bounds, bits)
    return Linear(bounds, bits, definition.type.startswith("i"), definition.scale, definition.offset)
