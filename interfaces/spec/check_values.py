# SPDX-License-Identifier: Apache-2.0
"""Cross-checks of one value, of a message's field or of a register: its scale, range and enumeration."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Literal, TypeAlias

from interfaces.spec.mistake import Draft, Mistake
from interfaces.spec.model import BitField, Field, Number, RegisterDef
from interfaces.spec.plain import Keys

Kind: TypeAlias = Literal["uint", "int", "float"]

# The largest finite number of an IEEE 754 format, by its width.
FLOAT_MOST = {16: 65_504, 32: (2**24 - 1) * 2**104, 64: (2**53 - 1) * 2**971}


def check_value(draft: Draft, keys: Keys, value: Field | RegisterDef, bits: int, kind: Kind) -> Iterator[Mistake]:
    """The mistakes of a number of `bits` bits."""
    yield from check_codes(draft, keys, value, bits)
    if value.min is not None and value.max is not None and value.min > value.max:
        yield Mistake((*keys, "min"), "is above `max`", "exchange them")
    if value.scale == 0:
        yield Mistake((*keys, "scale"), "makes every value the same", "write the size of one raw step")
    elif kind != "float":
        yield from _unreached(keys, value, *sorted(_ends(value, bits, kind == "int")))
    elif value.scale != 1 or value.offset != 0:
        key = "scale" if value.scale != 1 else "offset"
        yield Mistake((*keys, key), "a float has neither scale nor offset", "take it out, or make it an integer")
    elif bits in FLOAT_MOST:
        yield from _unreached(keys, value, -FLOAT_MOST[bits], FLOAT_MOST[bits])


def check_codes(draft: Draft, keys: Keys, value: Field | RegisterDef | BitField, bits: int) -> Iterator[Mistake]:
    """An enumeration that is not there, or has a code that `bits` bits don't hold."""
    yield from draft.refer("enums", (*keys, "enum"), value.enum, draft.icd.enums)
    for name, code in draft.icd.enums.get(value.enum or "", {}).items():
        if code >> bits:
            yield Mistake((*keys, "enum"), f"{name} has code {code}, more than {bits} bits hold", "widen it")
            return


def exact(number: Number) -> Fraction:
    """The number that the shortest decimal text says; 0.01 is a hundredth."""
    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))


def raw_ends(bits: int, signed: bool) -> tuple[int, int]:
    """The smallest and the largest raw value."""
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)


def _ends(value: Field | RegisterDef, bits: int, signed: bool) -> list[Fraction]:
    return [raw * exact(value.scale) + exact(value.offset) for raw in raw_ends(bits, signed)]


def _unreached(
    keys: Keys, value: Field | RegisterDef, low: Number | Fraction, high: Number | Fraction
) -> Iterator[Mistake]:
    limits: tuple[tuple[str, Number | None], ...] = (("min", value.min), ("max", value.max))
    for key, limit in limits:
        if limit is not None and not low <= exact(limit) <= high:
            reach = f"{float(low):g} to {float(high):g}"
            yield Mistake((*keys, key), f"lies outside {reach}, all that width and scale reach", "widen or rescale it")
