# SPDX-License-Identifier: Apache-2.0
"""The messages as packed structures, with their identifiers, lengths and the limits of their fields."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

from interfaces.generate.sv_text import (
    Member,
    camel,
    constant,
    number,
    signed_literal,
    struct,
    vector,
    word,
)
from interfaces.spec.check_messages import most_bits
from interfaces.spec.check_values import exact
from interfaces.spec.model import Field, Icd, Number

_BYTE = 8
_WORD = 32


def message_lines(icd: Icd) -> list[str]:
    """All messages."""
    if icd.messages is None:
        return []
    lines: list[str] = []
    for name, message in icd.messages.messages.items():
        fields = (*icd.messages.header, *message.fields)
        lines.append(constant("logic [7:0]", camel(name, "id"), f"8'h{message.id:02X}"))
        if _is_fixed(fields):
            lines.append(number(camel(name, "bytes"), -(-most_bits(fields) // _BYTE)))
        if all(map(_is_plain, fields)):
            lines += struct(f"{name}_msg_t", list(_members(fields)))
        else:
            lines.append(f"  // {name} is no packed structure: it has an array, a group, a float or swapped bytes")
        lines += [line for field in fields for line in _limits(camel("msg", name, field.name), field)]
    return lines


def _is_fixed(fields: Sequence[Field]) -> bool:
    return all(not isinstance(field.count, str) and _is_fixed(field.fields) for field in fields)


def _is_plain(field: Field) -> bool:
    """Whether the field is one number, the most significant bit first. One byte is the same in either order."""
    swapped = field.order == "little" and field.bits > _BYTE
    return field.count is None and not field.fields and field.type != "float" and not swapped


def _members(fields: Sequence[Field]) -> Iterator[Member]:
    """Raw values: an enumeration's code may be one that it does not have. The last byte is filled up."""
    pads = 0
    for field in fields:
        if field.type == "pad":
            yield Member(vector(field.bits), f"pad_{pads}")
            pads += 1
        else:
            comment = f"{field.enum}_e" if field.enum is not None else ""
            yield Member(vector(field.bits, field.type == "int"), word(field.name), comment)
    fill = -most_bits(fields) % _BYTE
    if fill:
        yield Member(vector(fill), f"pad_{pads}")


def _limits(name: str, field: Field) -> Iterator[str]:
    """The smallest and the largest raw value of an integer, where the ICD gives a limit."""
    if field.type not in ("uint", "int") or field.count is not None:
        return
    low, high = (field.min, field.max) if field.scale > 0 else (field.max, field.min)
    if low is not None:
        yield _limit(f"{name}Min", field, math.ceil(_raw(field, low)))
    if high is not None:
        yield _limit(f"{name}Max", field, math.floor(_raw(field, high)))


def _limit(name: str, field: Field, raw: int) -> str:
    if field.type == "int":
        return constant(vector(field.bits, signed=True), name, signed_literal(field.bits, raw))
    if field.bits <= _WORD:
        return number(name, raw)
    return constant(vector(field.bits), name, f"{field.bits}'d{raw:_}")


def _raw(field: Field, eng: Number) -> Fraction:
    return (exact(eng) - exact(field.offset)) / exact(field.scale)
