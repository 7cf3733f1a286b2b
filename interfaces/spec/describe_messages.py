# SPDX-License-Identifier: Apache-2.0
"""A message set as text: for each message its bit layout, one line a field.

A place is `byte.bit`, bit 7 the first on the wire and the most significant: `2` is all of byte 2,
`2-3` two whole bytes, `4.7-4.4` a half. `+` counts from the begin of an array's element or of a
group; behind an array of varying length places count from its end, which `name+` says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interfaces.spec.columns import columns
from interfaces.spec.describe_values import enum_text, range_text, scale_text, time_text
from interfaces.spec.model import Field, Icd, Message, MessageSet

_HEAD = ("byte.bit", "bits", "field", "type", "scale", "unit", "range", "enum", "text")
_BYTE = 8


def messages_text(icd: Icd, messages: MessageSet) -> list[str]:
    """The lines of the section `messages`."""
    framing = messages.framing
    lines = ["", f"messages: {framing.kind} framing, {framing.crc}, payload up to {framing.max_payload} bytes"]
    for name, message in messages.messages.items():
        lines += ["", f"message {name}: {_about(icd, message)}", f"  {message.text}"]
        lines += columns(_HEAD, _rows(icd, (*messages.header, *message.fields), "", ""))
    return lines


def _about(icd: Icd, message: Message) -> str:
    notes = [f"id 0x{message.id:02X}, sent by the {message.sender}"]
    notes += [f"every {time_text(icd, message.period)}"] if message.period is not None else []
    notes += [f"answered by {message.reply}"] if message.reply is not None else []
    notes += [f"within {time_text(icd, message.within)}"] if message.within is not None else []
    notes += [f"refused by {message.refusal}"] if message.refusal is not None else []
    return ", ".join(notes)


def _rows(icd: Icd, fields: Sequence[Field], base: str, indent: str) -> Iterator[tuple[str, ...]]:
    at = 0
    for field in fields:
        bits = _bits(field)
        varies = bits is None or isinstance(field.count, str)
        width = "" if varies else str((bits or 0) * _times(field))
        place = f"{base}{place_text(at, (bits or 0) * _times(field))}" if width else f"{base}{_point(at)}"
        limits = (scale_text(field), field.unit, range_text(field), enum_text(icd, field.enum))
        yield place, width, f"{indent}{field.name}", _type(field), *limits, field.text
        if field.fields:
            yield from _rows(icd, field.fields, "+", f"{indent}  ")
        if varies:
            base, at = f"{field.name}+", 0
        else:
            at += (bits or 0) * _times(field)


def place_text(at: int, bits: int) -> str:
    """Where `bits` bits stand that begin `at` bits from the front."""
    last = at + max(bits, 1) - 1
    if at % _BYTE == 0 and (last + 1) % _BYTE == 0:
        first_byte, last_byte = at // _BYTE, last // _BYTE
        return str(first_byte) if first_byte == last_byte else f"{first_byte}-{last_byte}"
    return _point(at) if bits == 1 else f"{_point(at)}-{_point(last)}"


def _point(at: int) -> str:
    return f"{at // _BYTE}.{_BYTE - 1 - at % _BYTE}"


def _bits(field: Field) -> int | None:
    """The width of one element; None where it varies."""
    if not field.fields:
        return field.bits
    total = 0
    for one in field.fields:
        bits = _bits(one)
        if bits is None or isinstance(one.count, str):
            return None
        total += bits * _times(one)
    return total


def _times(field: Field) -> int:
    return field.count if isinstance(field.count, int) else 1


def _type(field: Field) -> str:
    order = " little-endian" if field.order == "little" else ""
    role = f" {field.role}" if field.role != "value" else ""
    most = f", at most {field.max_count}" if field.max_count is not None else ""
    times = f"[{field.count}{most}]" if field.count is not None else ""
    return f"{field.type}{order}{role}{times}"
