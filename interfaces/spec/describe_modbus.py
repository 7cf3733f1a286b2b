# SPDX-License-Identifier: Apache-2.0
"""A Modbus map as text: the four tables with the address on the wire and the conventional 1-based one.

The 1-based reference puts the table's digit first: 00001 a coil, 10001 a discrete input, 30001 an
input register, 40001 a holding register; six digits (400001) where five do not suffice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interfaces.spec.columns import section
from interfaces.spec.describe_values import bits_text, enum_text, range_text, scale_text, time_text
from interfaces.spec.model import BitDef, BitField, Icd, ModbusMap, RegisterDef

_FIVE_DIGITS = 9_999
_DIGIT = {"coil": 0, "discrete input": 1, "input": 3, "holding": 4}
_REGISTER_HEAD = ("address", "", "name", "type", "access", "initial", "scale", "unit", "range", "enum", "text")


def reference(table: str, address: int) -> str:
    """The 1-based reference of a 0-based address."""
    return f"{_DIGIT[table]}{address + 1:0{4 if address < _FIVE_DIGITS else 5}d}"


def modbus_text(icd: Icd, modbus: ModbusMap) -> list[str]:
    """The lines of the section `modbus`."""
    lines = ["", *_head(icd, modbus)]
    for table, bits in (("coil", modbus.coils), ("discrete input", modbus.discrete_inputs)):
        head = ("address", "", "name", "access", "initial", "effect", "text")
        lines += section(f"modbus: {table}s", head, _bit_rows(table, bits))
    for table, registers in (("holding", modbus.holding), ("input", modbus.input)):
        lines += section(f"modbus: {table} registers", _REGISTER_HEAD, _register_rows(icd, modbus, table, registers))
    return lines + section("modbus: FIFOs", ("address", "name", "depth", "enum", "text"), _fifo_rows(icd, modbus))


def _head(icd: Icd, modbus: ModbusMap) -> list[str]:
    who = modbus.identification
    broadcast = "obeyed" if modbus.broadcast else "ignored"
    response = f", response within {time_text(icd, modbus.response)}" if modbus.response is not None else ""
    return [
        f"modbus: unit {modbus.unit}, word order {modbus.word_order}, broadcast {broadcast}{response}",
        f"  identification: {who.vendor_name}, {who.product_code}, revision {who.revision}, "
        f"server id 0x{who.server_id:02X}",
        f"  functions: {', '.join(map(str, modbus.functions))}",
    ]


def _place(table: str, address: int, size: int) -> tuple[str, str]:
    """`holding 26-27` and `(40027-40028)`."""
    if size == 1:
        return f"{table} {address}", f"({reference(table, address)})"
    last = address + size - 1
    return f"{table} {address}-{last}", f"({reference(table, address)}-{reference(table, last)})"


def _bit_rows(table: str, bits: Sequence[BitDef]) -> Iterator[tuple[str, ...]]:
    for one in sorted(bits, key=lambda each: each.address):
        initial = "1" if one.initial else ""
        yield *_place(table, one.address, one.count), one.name, one.access, initial, one.effect or "", one.text


def _register_rows(
    icd: Icd, modbus: ModbusMap, table: str, registers: Sequence[RegisterDef]
) -> Iterator[tuple[str, ...]]:
    for one in sorted(registers, key=lambda each: each.address):
        place = _place(table, one.address, one.words * one.count)
        limits = (scale_text(one), one.unit, range_text(one), enum_text(icd, one.enum))
        initial = str(one.initial) if one.initial else ""
        yield *place, one.name, _type(modbus, one), one.access, initial, *limits, _text(one)
        yield from (_bit_row(icd, bit) for bit in one.bits)


def _type(modbus: ModbusMap, one: RegisterDef) -> str:
    order = f" {one.word_order}" if one.word_order not in (None, modbus.word_order) else ""
    return f"{one.type}{order}" + (f"[{one.count}]" if one.count > 1 else "")


def _text(one: RegisterDef) -> str:
    notes = [one.text]
    notes += [f"effect {one.effect}"] if one.effect is not None else []
    notes += ["cleared when read"] if one.on_read == "clear" else []
    return "; ".join(notes)


def _bit_row(icd: Icd, bit: BitField) -> tuple[str, ...]:
    return ("", "", f"  {bit.name}", bits_text(bit), "", "", "", "", "", enum_text(icd, bit.enum), bit.text)


def _fifo_rows(icd: Icd, modbus: ModbusMap) -> Iterator[tuple[str, ...]]:
    for one in modbus.fifos:
        yield f"fifo {one.address}", one.name, str(one.depth), "", one.text
        for bit in one.entry:
            yield "", f"  {bit.name}", bits_text(bit), enum_text(icd, bit.enum), bit.text
