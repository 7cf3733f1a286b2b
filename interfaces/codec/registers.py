# SPDX-License-Identifier: Apache-2.0
"""Values in Modbus registers: word orders, conversions and bit fields.

A value's bytes are named A, B, C, D from the most significant; the order says how they stand in
consecutive registers, each register big-endian on the wire:

    ABCD  as they are                      CDAB  words swapped
    BADC  bytes in each word swapped       DCBA  both
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any, Self

from interfaces.codec.scale import Bounds, Conversion, Float, Linear, Named
from interfaces.errors import CodecError
from interfaces.spec.model import BitField, Number, RegisterDef

WORD_BYTES = 2

_FORMATS = {"u16": "H", "i16": "h", "u32": "I", "i32": "i", "u64": "Q", "i64": "q", "f32": "f", "f64": "d"}
# In one register the words need no swapping, and a value wholly reversed is a little-endian one.
_ENDS = {"ABCD": ">", "DCBA": "<"}
_ONE_WORD_ENDS = {"ABCD": ">", "CDAB": ">", "BADC": "<", "DCBA": "<"}


class RegisterCodec:
    """One register definition's values.

    A plain value is what a device works with: the raw integer (two's complement taken out), or the
    number of a float register. The engineering value is what the conversion makes of it.
    """

    def __init__(self, definition: RegisterDef, word_order: str, enums: Mapping[str, Mapping[str, int]]) -> None:
        self.definition = definition
        self.value_bytes = definition.words * WORD_BYTES
        order_name = definition.word_order or word_order
        end = (_ONE_WORD_ENDS if definition.words == 1 else _ENDS).get(order_name)
        self._shuffled = "" if end is not None else order_name
        self._struct = struct.Struct((end or ">") + _FORMATS[definition.type])
        self._conversion = _conversion(definition, enums)
        self._codes = {bit: frozenset(enums[bit.enum].values()) for bit in definition.bits if bit.enum is not None}
        limits = (definition.min, definition.max, definition.enum)
        self.checked = bool(self._codes) or any(limit is not None for limit in limits)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self  # nothing in it changes, so that a copied bench shares it

    @property
    def size(self) -> int:
        """Bytes of the whole definition, every element of an array."""
        return self.value_bytes * self.definition.count

    def pack(self, plain: Number) -> bytes:
        """A plain value's bytes in register order. Raises `CodecError` if it does not fit."""
        try:
            data = self._struct.pack(plain)
        except (struct.error, OverflowError) as error:
            raise CodecError(self.definition.name, f"{plain!r} does not fit {self.definition.type}") from error
        return order(data, self._shuffled) if self._shuffled else data

    def unpack(self, data: bytes) -> Number:
        """The plain value of `value_bytes` bytes in register order."""
        plain: Number = self._struct.unpack(order(data, self._shuffled) if self._shuffled else data)[0]
        return plain

    def unpack_all(self, data: bytes) -> list[Number]:
        """The plain values of elements that stand one behind the other."""
        step = self.value_bytes
        return [self.unpack(data[at : at + step]) for at in range(0, len(data), step)]

    def check(self, plain: Number) -> None:
        """Raise `CodecError` when a peer may not write this value (range, enumeration)."""
        self.to_eng(plain)
        for field, codes in self._codes.items():
            code = bit_field(field, int(plain))
            if code not in codes:
                raise CodecError(f"{self.definition.name}.{field.name}", f"code {code} is undefined")

    def to_eng(self, plain: Number) -> Any:
        """The engineering value of a plain one. Raises `CodecError`."""
        return self._conversion.to_eng(self._pattern(plain))

    def from_eng(self, eng: Any) -> Number:
        """The plain value of an engineering one. Raises `CodecError`."""
        data = self._conversion.to_raw(eng).to_bytes(self.value_bytes, "big")
        return self._big().unpack(data)[0]  # type: ignore[no-any-return]  # one number, by its format

    def to_words(self, eng: Sequence[Any]) -> bytes:
        """Engineering values, one an element, as they stand in the registers. Raises `CodecError`."""
        return b"".join(self.pack(self.from_eng(one)) for one in eng)

    def from_words(self, data: bytes) -> list[Any]:
        """The engineering values of registers. Raises `CodecError`."""
        return [self.to_eng(plain) for plain in self.unpack_all(data)]

    def _pattern(self, plain: Number) -> int:
        return int.from_bytes(self._big().pack(plain), "big")

    def _big(self) -> struct.Struct:
        return _BIG[self.definition.type]


_BIG = {name: struct.Struct(f">{letter}") for name, letter in _FORMATS.items()}


def order(data: bytes, word_order: str) -> bytes:
    """Bytes of one value between big-endian and a word order (each order is its own inverse)."""
    if word_order == "ABCD":
        return data
    if word_order == "DCBA":
        return data[::-1]
    words = [data[at : at + WORD_BYTES] for at in range(0, len(data), WORD_BYTES)]
    if word_order == "CDAB":
        return b"".join(reversed(words))
    return b"".join([word[::-1] for word in words])


def bit_field(field: BitField, plain: int) -> int:
    """The value of a bit field in a register's plain value."""
    return plain >> field.low & (1 << field.bits) - 1


def with_bit_field(field: BitField, plain: int, value: int) -> int:
    """A register's plain value with one bit field changed."""
    if value >> field.bits:
        raise CodecError(field.name, f"{value} does not fit {field.bits} bits")
    mask = ((1 << field.bits) - 1) << field.low
    return plain & ~mask | int(value) << field.low


def _conversion(definition: RegisterDef, enums: Mapping[str, Mapping[str, int]]) -> Conversion:
    if definition.enum is not None:
        return Named(definition.name, enums[definition.enum])
    bounds = Bounds(definition.name, definition.min, definition.max, definition.unit)
    bits = definition.words * 16
    if definition.type.startswith("f"):
        return Float(bounds, bits)
    return Linear(bounds, bits, definition.type.startswith("i"), definition.scale, definition.offset)
