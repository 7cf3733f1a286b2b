# SPDX-License-Identifier: Apache-2.0
"""Cross-checks of a Modbus map: addresses, bit fields, access, initial values, functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interfaces.spec.check_values import FLOAT_MOST, Kind, check_codes, check_value, exact, raw_ends
from interfaces.spec.mistake import Check, Draft, Mistake, twice
from interfaces.spec.model import BitDef, BitField, ModbusMap, RegisterDef
from interfaces.spec.plain import Keys

ADDRESSES = 65_536
FIFO_WORD = 16

# What a function code of MODBUS V1.1b3 section 6 works on: a table, and whether it writes there.
_READS = {1: "coils", 2: "discrete_inputs", 3: "holding", 4: "input", 23: "holding", 24: "fifos"}
_WRITES = {5: "coils", 6: "holding", 15: "coils", 16: "holding", 22: "holding", 23: "holding"}
_OTHERS = (7, 8, 11, 12, 17, 43)
_KINDS: dict[str, Kind] = {"u": "uint", "i": "int", "f": "float"}
_READ_ONLY = ("discrete_inputs", "input")
_TABLES = ("coils", "discrete_inputs", "holding", "input", "fifos")


def _definitions(modbus: ModbusMap) -> Iterator[tuple[Keys, RegisterDef | BitDef]]:
    for table in _TABLES[:-1]:
        for at, one in enumerate(getattr(modbus, table)):
            yield ("modbus", table, at), one


def _registers(draft: Draft) -> Iterator[tuple[Keys, RegisterDef]]:
    if draft.icd.modbus is not None:
        for keys, one in _definitions(draft.icd.modbus):
            if isinstance(one, RegisterDef):
                yield keys, one


def _bit_lists(draft: Draft) -> Iterator[tuple[Keys, tuple[BitField, ...], int]]:
    """Every list of bit fields, with the bits there are."""
    for keys, register in _registers(draft):
        yield (*keys, "bits"), register.bits, register.words * 16
    for at, fifo in enumerate(draft.icd.modbus.fifos if draft.icd.modbus is not None else ()):
        yield ("modbus", "fifos", at, "entry"), fifo.entry, FIFO_WORD


def _size(one: RegisterDef | BitDef) -> int:
    return one.count * (one.words if isinstance(one, RegisterDef) else 1)


def _addresses(draft: Draft) -> Iterator[Mistake]:
    modbus = draft.icd.modbus
    if modbus is None:
        return
    for table in _TABLES[:-1]:
        placed = sorted(enumerate(getattr(modbus, table)), key=lambda pair: pair[1].address)
        end, before = 0, ""
        for at, one in placed:
            keys = ("modbus", table, at, "address")
            if one.address < end:
                yield Mistake(keys, f"overlaps {before!r}, which ends at {end - 1}", f"move it to {end} or beyond")
            if one.address + _size(one) > ADDRESSES:
                yield Mistake(keys, f"{_size(one)} from here on end beyond 65535", "move it down")
            if one.address + _size(one) > end:
                end, before = one.address + _size(one), one.name
    places = ((("modbus", "fifos", at, "address"), one.address) for at, one in enumerate(modbus.fifos))
    yield from twice(places, "a FIFO at")


def _names(draft: Draft) -> Iterator[Mistake]:
    """A device finds registers and bits by name alone, whatever their table."""
    if draft.icd.modbus is None:
        return
    places = [((*keys, "name"), one.name) for keys, one in _definitions(draft.icd.modbus)]
    places += [(("modbus", "fifos", at, "name"), one.name) for at, one in enumerate(draft.icd.modbus.fifos)]
    places += [((*keys, at, "name"), one.name) for keys, bits, _ in _bit_lists(draft) for at, one in enumerate(bits)]
    yield from twice(places, "the name")


def _bits(draft: Draft) -> Iterator[Mistake]:
    for keys, bits, width in _bit_lists(draft):
        taken = 0
        for at, one in enumerate(bits):
            mask = ((1 << one.bits) - 1) << one.low
            if mask >> width:
                yield Mistake((*keys, at), f"bit {one.low + one.bits - 1} of {width}, the lowest being 0", "narrow it")
            if mask & taken:
                yield Mistake((*keys, at), "overlaps bits of an earlier one", "move `low`, or lessen `bits`")
            taken |= mask
            yield from check_codes(draft, (*keys, at), one, one.bits)
    for keys, register in _registers(draft):
        if register.bits and register.type.startswith("f"):
            yield Mistake((*keys, "bits"), "a float has no bit fields", "make it an integer")


def _values(draft: Draft) -> Iterator[Mistake]:
    for keys, register in _registers(draft):
        letter, width = register.type[0], register.words * 16
        yield from check_value(draft, keys, register, width, _KINDS[letter])
        if register.word_order is not None and register.words == 1:
            yield Mistake((*keys, "word_order"), "one register has no word order", "take it out")
        if register.enum is not None and letter == "f":
            yield Mistake((*keys, "enum"), "a float has no enumeration", "make it an integer")
        ends = (-FLOAT_MOST[width], FLOAT_MOST[width]) if letter == "f" else raw_ends(width, letter == "i")
        yield from _initial(draft, keys, register, *ends)


def _initial(draft: Draft, keys: Keys, register: RegisterDef, low: int, high: int) -> Iterator[Mistake]:
    """An initial value is raw: what a peer reads first."""
    here = (*keys, "initial")
    initial = exact(register.initial)
    codes = draft.icd.enums.get(register.enum or "")
    eng = initial * exact(register.scale) + exact(register.offset)
    whole = initial.denominator == 1 or register.type.startswith("f")
    if not whole or not low <= initial <= high:
        yield Mistake(here, f"is no {register.type}", f"write a raw value, {low} to {high}")
    elif codes is not None and initial not in codes.values():
        yield Mistake(here, f"is no code of {register.enum!r}", "write one that is")
    elif register.min is not None and eng < exact(register.min):
        yield Mistake(here, f"is below `min`, as {float(eng):g}", "raise it")
    elif register.max is not None and eng > exact(register.max):
        yield Mistake(here, f"is above `max`, as {float(eng):g}", "lessen it")


def _access(draft: Draft) -> Iterator[Mistake]:
    if draft.icd.modbus is None:
        return
    for keys, one in _definitions(draft.icd.modbus):
        if keys[1] in _READ_ONLY and one.access != "r":
            yield Mistake((*keys, "access"), f"no function writes {keys[1]}", "write `access: r`, or move it")
        elif one.effect is not None and "w" not in one.access:
            yield Mistake((*keys, "effect"), "nobody can write it", "write `access: rw`, or take the effect out")
        if isinstance(one, RegisterDef) and one.on_read == "clear" and "r" not in one.access:
            yield Mistake((*keys, "on_read"), "nobody can read it", "write `access: rw`, or take it out")


def _functions(draft: Draft) -> Iterator[Mistake]:
    modbus = draft.icd.modbus
    if modbus is None:
        return
    yield from twice(((("modbus", "functions", at), code) for at, code in enumerate(modbus.functions)), "function")
    for at, code in enumerate(modbus.functions):
        keys = ("modbus", "functions", at)
        if code not in (*_READS, *_WRITES, *_OTHERS):
            known = sorted({*_READS, *_WRITES, *_OTHERS})
            yield Mistake(keys, "no function code that is known here", f"known: {', '.join(map(str, known))}")
        elif code in _READS and not getattr(modbus, _READS[code]):
            yield Mistake(keys, f"reads {_READS[code]}, of which there are none", "take it out")
        elif code in _WRITES and not any("w" in one.access for one in getattr(modbus, _WRITES[code])):
            yield Mistake(keys, f"writes {_WRITES[code]}, of which none can be written", "take it out")


def _unreached_tables(draft: Draft) -> Iterator[Mistake]:
    modbus = draft.icd.modbus
    if modbus is None:
        return
    reached = {table for codes in (_READS, _WRITES) for code, table in codes.items() if code in modbus.functions}
    for table in _TABLES:
        if getattr(modbus, table) and table not in reached:
            codes = [str(code) for code, one in {**_READS, **_WRITES}.items() if one == table]
            yield Mistake(("modbus", table), "no function reaches it", f"add one of {', '.join(codes)} to `functions`")


def _response(draft: Draft) -> Iterator[Mistake]:
    if draft.icd.modbus is not None:
        yield from draft.refer("timings", ("modbus", "response"), draft.icd.modbus.response, draft.icd.timings)


CHECKS: Sequence[Check] = (_addresses, _names, _bits, _values, _access, _functions, _unreached_tables, _response)
