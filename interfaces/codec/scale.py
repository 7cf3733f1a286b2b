# SPDX-License-Identifier: Apache-2.0
"""Raw numbers on the wire to engineering values and back, one object for each field.

`eng = raw * scale + offset`. A fractional scale (0.01) counts as the exact fraction its decimal text
says: raw -> eng gives the float nearest to the true value, and raw -> eng -> raw is exact. eng -> raw
rounds half away from zero; limits are checked on what is left then, in whole raw steps.
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

# Up to here a quotient of floats is off by less than 1 / 256 of a step; further away from a tie than
# that, it rounds as the exact one does.
_SURE_STEPS = 2.0**42
_SURE_REST = 0.5 - 1 / 128


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
    """Limits of an engineering value; None is no limit. NaN is inside no limit."""

    __slots__ = ("high", "low", "unit", "where")

    def __init__(self, where: str, low: Number | None, high: Number | None, unit: str = "") -> None:
        self.where, self.low, self.high, self.unit = where, low, high, unit

    def check(self, eng: Number) -> None:
        """Raise `CodecError` for a value outside."""
        if self.low is not None and not eng >= self.low:
            raise CodecError(self.where, f"{eng} is below {self.low} {self.unit}".rstrip())
        if self.high is not None and not eng <= self.high:
            raise CodecError(self.where, f"{eng} is above {self.high} {self.unit}".rstrip())


class Linear:
    """An unsigned or two's complement integer with scale and offset, integer-exact."""

    __slots__ = (
        "_bounds",
        "_divisor",
        "_factor",
        "_high",
        "_low",
        "_mask",
        "_offset",
        "_offset_float",
        "_plain",
        "_scale",
        "_scale_float",
        "_signed",
        "_sum",
        "_sure",
        "_top",
        "where",
    )

    def __init__(self, bounds: Bounds, bits: int, signed: bool, scale: Number, offset: Number) -> None:
        self.where = bounds.where
        self._bounds, self._signed = bounds, signed
        self._scale, self._offset = _exact(scale), _exact(offset)
        self._scale_float = float(scale)
        self._offset_float = float(offset)
        self._sure = _SURE_STEPS if abs(self._offset_float / self._scale_float) < _SURE_STEPS else 0.0
        # eng = (raw * factor + sum) / divisor, in integers
        self._divisor = math.lcm(self._scale.denominator, self._offset.denominator)
        self._factor = int(self._scale * self._divisor)
        self._sum = int(self._offset * self._divisor)
        self._plain = self._factor == self._divisor == 1 and not self._sum
        self._mask = (1 << bits) - 1
        bottom, self._top = raw_range(bits, signed)
        self._low, self._high = self._limits(bottom)

    def to_raw(self, eng: Any) -> int:
        raw = eng if self._plain and type(eng) is int else self._quantise(eng)
        if not self._low <= raw <= self._high:
            raise self._outside(eng, raw)
        return raw & self._mask

    def to_eng(self, raw: int) -> Number:
        if raw > self._top:
            raw -= self._mask + 1
        if not self._low <= raw <= self._high:
            raise self._outside(self._value(raw), raw)
        return raw if self._plain else self._value(raw)

    def _value(self, raw: int) -> Number:
        total = raw * self._factor + self._sum
        return total if self._divisor == 1 else total / self._divisor

    def _quantise(self, eng: Any) -> int:
        if type(eng) is float or (type(eng) is int and abs(eng) < _SURE_STEPS):
            steps = (eng - self._offset_float) / self._scale_float
            if -self._sure < steps < self._sure:  # neither for NaN nor for infinities
                nearest = round(steps)
                if -_SURE_REST < steps - nearest < _SURE_REST:
                    return nearest
        return _round((_exact(_finite(self.where, eng)) - self._offset) / self._scale)

    def _limits(self, bottom: int) -> tuple[int, int]:
        """The raw values inside the type's range and the bounds."""
        low, high = bottom, self._top
        least, most = self._bounds.low, self._bounds.high
        if self._scale < 0:
            least, most = most, least
        if least is not None:
            low = max(low, math.ceil((_exact(least) - self._offset) / self._scale))
        if most is not None:
            high = min(high, math.floor((_exact(most) - self._offset) / self._scale))
        return low, high

    def _outside(self, eng: Number, raw: int) -> CodecError:
        try:
            self._bounds.check(self._value(raw))
        except CodecError as error:
            return error
        low, high = sorted((self._value(self._low), self._value(self._high)))
        return CodecError(self.where, f"{eng} is outside {low} to {high} {self._bounds.unit}".rstrip())


class Float:
    """An IEEE 754 number of 16, 32 or 64 bits. NaN and infinities pass where no bound forbids them."""

    __slots__ = ("_bits", "_bounds", "_bytes", "_format", "where")

    def __init__(self, bounds: Bounds, bits: int) -> None:
        self.where = bounds.where
        self._bits, self._bytes = bits, bits // 8
        self._format = struct.Struct(_FLOAT_FORMATS[bits])
        # A limit counts as what the format makes of it: 0.1 of 32 bits is a little more than 0.1.
        self._bounds = Bounds(bounds.where, self._narrow(bounds.low), self._narrow(bounds.high), bounds.unit)

    def to_raw(self, eng: Any) -> int:
        number = float(_number(self.where, eng))
        try:
            data = self._format.pack(number)
        except OverflowError:
            raise CodecError(self.where, f"{number} does not fit {self._bits} bits") from None
        raw = int.from_bytes(data, "big")
        self.to_eng(raw)
        return raw

    def to_eng(self, raw: int) -> float:
        number: float = self._format.unpack(raw.to_bytes(self._bytes, "big"))[0]
        self._bounds.check(number)
        return number

    def _narrow(self, limit: Number | None) -> float | None:
        if limit is None:
            return None
        narrowed: float = self._format.unpack(self._format.pack(limit))[0]
        return narrowed


class Named:
    """An enumeration: names on our side, codes on the wire. A code is taken for its name."""

    __slots__ = ("_codes", "_names", "where")

    def __init__(self, where: str, codes: Mapping[str, int]) -> None:
        self.where = where
        self._codes = dict(codes)
        self._names = {code: name for name, code in codes.items()}

    def to_raw(self, eng: Any) -> int:
        code = self._codes.get(eng) if isinstance(eng, str) else eng
        if type(code) is not int or code not in self._names:
            raise CodecError(self.where, f"{eng!r} is none of {', '.join(self._codes)}")
        return code

    def to_eng(self, raw: int) -> str:
        name = self._names.get(raw)
        if name is None:
            raise CodecError(self.where, f"code {raw} is undefined")
        return name


class Boolean:
    """False is 0, true is 1; a wider field has no other values."""

    __slots__ = ("where",)

    def __init__(self, where: str) -> None:
        self.where = where

    def to_raw(self, eng: Any) -> int:
        if eng not in (0, 1):
            raise CodecError(self.where, f"{eng!r} is neither true nor false")
        return int(eng)

    def to_eng(self, raw: int) -> bool:
        if raw > 1:
            raise CodecError(self.where, f"{raw} is neither 0 nor 1")
        return raw == 1


class Swapped:
    """A conversion whose bit pattern stands on the wire with its bytes in reverse."""

    __slots__ = ("_bytes", "_inner", "where")

    def __init__(self, inner: Conversion, bits: int) -> None:
        self.where = inner.where
        self._inner, self._bytes = inner, bits // 8

    def to_raw(self, eng: Any) -> int:
        return swap(self._inner.to_raw(eng), self._bytes)

    def to_eng(self, raw: int) -> Any:
        return self._inner.to_eng(swap(raw, self._bytes))


def swap(raw: int, size: int) -> int:
    """`raw` with its `size` bytes in reverse."""
    return int.from_bytes(raw.to_bytes(size, "big"), "little")


def raw_range(bits: int, signed: bool) -> tuple[int, int]:
    """The smallest and the largest raw value of an integer field."""
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)


def _exact(number: Number) -> Fraction:
    """The number that the shortest decimal text says; 0.01 is a hundredth."""
    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))


def _number(where: str, eng: Any) -> Number:
    if isinstance(eng, bool) or not isinstance(eng, int | float):
        raise CodecError(where, f"{eng!r} is no number")
    return eng


def _finite(where: str, eng: Any) -> Number:
    number = _number(where, eng)
    if not math.isfinite(number):
        raise CodecError(where, f"{number} is no value of an integer field")
    return number


def _round(steps: Fraction) -> int:
    """To the nearest integer, half away from zero."""
    magnitude = (2 * abs(steps.numerator) + steps.denominator) // (2 * steps.denominator)
    return magnitude if steps >= 0 else -magnitude
