# SPDX-License-Identifier: Apache-2.0
"""Raw numbers on the wire to engineering values and back, one frozen object for each field.

`eng = raw * scale + offset`. Integer scales stay integer. A fractional scale (0.01) is kept as the
exact fraction its decimal text says, so that raw -> eng -> raw is exact; eng -> raw rounds half away
from zero.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Protocol

from interfaces.errors import CodecError
from interfaces.spec.model import Number

_FLOAT_FORMATS = {16: ">e", 32: ">f", 64: ">d"}


class Conversion(Protocol):
    """Both directions of one field. `where` names the field in errors."""

    where: str

    def to_raw(self, eng: Any) -> int:
        """The bit pattern of an engineering value. Raises `CodecError`."""
        ...

    def to_eng(self, raw: int) -> Any:
        """The engineering value of a bit pattern. Raises `CodecError`."""
        ...


class Bounds:
    """Limits of an engineering value; None is no limit."""

    def __init__(self, where: str, low: Number | None, high: Number | None, unit: str) -> None:
        self.where, self._low, self._high, self._unit = where, low, high, unit

    def check(self, eng: Number) -> None:
        if self._low is not None and eng < self._low:
            raise CodecError(self.where, f"{eng} is below {self._low} {self._unit}".rstrip())
        if self._high is not None and eng > self._high:
            raise CodecError(self.where, f"{eng} is above {self._high} {self._unit}".rstrip())


class Integer:
    """An unsigned or two's complement integer with scale 1 or another integer, and an integer offset."""

    def __init__(self, bounds: Bounds, bits: int, signed: bool, scale: int, offset: int) -> None:
        self.where = bounds.where
        self._bounds, self._bits, self._scale, self._offset = bounds, bits, scale, offset
        self._low, self._high = raw_range(bits, signed)
        self._mask = (1 << bits) - 1

    def to_raw(self, eng: Any) -> int:
        number = _number(self.where, eng)
        self._bounds.check(number)
        raw = (
            _round(Fraction(number) - self._offset, Fraction(self._scale))
            if number % 1 or self._scale != 1
            else (int(number) - self._offset)
        )
        return _fit(self.where, raw, self._low, self._high) & self._mask

    def to_eng(self, raw: int) -> int:
        if raw > self._high:
            raw -= self._mask + 1
        eng = raw * self._scale + self._offset
        self._bounds.check(eng)
        return eng


class Scaled:
    """An integer on the wire with a fractional scale or offset."""

    def __init__(self, bounds: Bounds, bits: int, signed: bool, scale: Number, offset: Number) -> None:
        self.where = bounds.where
        self._bounds = bounds
        self._scale, self._offset = Fraction(str(scale)), Fraction(str(offset))
        self._low, self._high = raw_range(bits, signed)
        self._mask = (1 << bits) - 1
        step = self._scale.limit_denominator(10**9)
        self._numerator, self._denominator = step.numerator, step.denominator

    def to_raw(self, eng: Any) -> int:
        number = _number(self.where, eng)
        self._bounds.check(number)
        raw = _round(Fraction(str(number)) - self._offset, self._scale)
        return _fit(self.where, raw, self._low, self._high) & self._mask

    def to_eng(self, raw: int) -> float:
        if raw > self._high:
            raw -= self._mask + 1
        eng = float(raw * self._scale + self._offset) if self._offset else raw * self._numerator / self._denominator
        self._bounds.check(eng)
        return eng


class Float:
    """An IEEE 754 number of 16, 32 or 64 bits."""

    def __init__(self, bounds: Bounds, bits: int) -> None:
        self.where = bounds.where
        self._bounds, self._format, self._bytes = bounds, _FLOAT_FORMATS[bits], bits // 8

    def to_raw(self, eng: Any) -> int:
        number = float(_number(self.where, eng, finite=False))
        if not math.isnan(number):
            self._bounds.check(number)
        try:
            return int.from_bytes(struct.pack(self._format, number), "big")
        except OverflowError as error:
            raise CodecError(self.where, f"{number} does not fit {self._bytes * 8} bits") from error

    def to_eng(self, raw: int) -> float:
        (number,) = struct.unpack(self._format, raw.to_bytes(self._bytes, "big"))
        if not math.isnan(number):
            self._bounds.check(number)
        return float(number)


class Named:
    """An enumeration: names on our side, codes on the wire."""

    def __init__(self, where: str, codes: Mapping[str, int]) -> None:
        self.where = where
        self._codes = dict(codes)
        self._names = {code: name for name, code in codes.items()}

    def to_raw(self, eng: Any) -> int:
        code = self._codes.get(eng, eng) if isinstance(eng, str) else eng
        if code not in self._names:
            raise CodecError(self.where, f"{eng!r} is none of {', '.join(self._codes)}")
        return int(code)

    def to_eng(self, raw: int) -> str:
        name = self._names.get(raw)
        if name is None:
            raise CodecError(self.where, f"code {raw} is undefined")
        return name


class Boolean:
    """One bit."""

    def __init__(self, where: str) -> None:
        self.where = where

    def to_raw(self, eng: Any) -> int:
        if eng not in (0, 1):
            raise CodecError(self.where, f"{eng!r} is neither true nor false")
        return int(eng)

    def to_eng(self, raw: int) -> bool:
        return bool(raw)


def integer(bounds: Bounds, bits: int, signed: bool, scale: Number, offset: Number) -> Conversion:
    """The conversion of an integer field: exact where scale and offset are integers."""
    if scale == int(scale) and offset == int(offset):
        return Integer(bounds, bits, signed, int(scale), int(offset))
    return Scaled(bounds, bits, signed, scale, offset)


def raw_range(bits: int, signed: bool) -> tuple[int, int]:
    """The smallest and the largest raw value of an integer field."""
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)


def _number(where: str, eng: Any, finite: bool = True) -> Number:
    if isinstance(eng, bool) or not isinstance(eng, int | float) or (finite and not math.isfinite(eng)):
        raise CodecError(where, f"{eng!r} is no number it can carry")
    return eng


def _round(value: Fraction, step: Fraction) -> int:
    steps = value / step
    magnitude = (2 * abs(steps.numerator) + steps.denominator) // (2 * steps.denominator)
    return magnitude if steps >= 0 else -magnitude


def _fit(where: str, raw: int, low: int, high: int) -> int:
    if not low <= raw <= high:
        raise CodecError(where, f"raw {raw} is outside {low} to {high}")
    return raw
