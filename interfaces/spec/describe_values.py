# SPDX-License-Identifier: Apache-2.0
"""How a value's scale, range and enumeration read, for a register and for a message's field alike."""

from __future__ import annotations

from interfaces.spec.model import BitField, Field, Icd, RegisterDef

_MOST_SHOWN = 64


def scale_text(value: Field | RegisterDef) -> str:
    """`x 0.01 + 5`, empty where raw and engineering value are the same."""
    factor = f"x {value.scale}" if value.scale != 1 else ""
    offset = f"{value.offset:+}" if value.offset else ""
    return f"{factor} {offset}".strip()


def range_text(value: Field | RegisterDef) -> str:
    """`0 to 359.99`, empty where there is no limit."""
    if value.min is None:
        return f"to {value.max}" if value.max is not None else ""
    return f"{value.min} to {value.max}" if value.max is not None else f"from {value.min}"


def enum_text(icd: Icd, name: str | None) -> str:
    """`mode: 0 none, 1 safe`; a long one by its name alone, since the ICD's text lists them all."""
    if name is None:
        return ""
    text = f"{name}: {codes(icd.enums[name])}"
    return text if len(text) <= _MOST_SHOWN else name


def codes(names: dict[str, int]) -> str:
    """`0 none, 1 safe`"""
    return ", ".join(f"{code} {name}" for name, code in names.items())


def time_text(icd: Icd, name: str) -> str:
    """`200 ms` for the name of a timing."""
    return f"{icd.timings[name].value} {icd.timings[name].unit}"


def bits_text(field: BitField) -> str:
    """`bit 4` or `bits 8-15`"""
    return f"bit {field.low}" if field.bits == 1 else f"bits {field.low}-{field.low + field.bits - 1}"
