# SPDX-License-Identifier: Apache-2.0
"""Cross-checks of what every section uses: revision, enumerations, timings, units, serial lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from interfaces.spec.mistake import Check, Draft, Mistake, twice
from interfaces.spec.plain import Keys

# SI units and those used with them, and what is counted on an interface. A prefix may precede any.
_PREFIX = "(?:da|[YZEPTGMkhdcmunpf])?"
_SYMBOL = (
    "(?:g|m|s|A|K|mol|cd|rad|sr|Hz|N|Pa|J|W|C|V|F|S|Wb|T|H|lm|lx|Bq|Gy|Sv|kat|ohm|degC|min|h|d|deg|l|t|bar|"
    "eV|B|bit|Bd|dB|dBm|dBi|rpm|%|ppm|ppb|counts|clocks|samples|frames|messages|rounds|NM|kn|ft)"
)
_UNIT = re.compile(rf"(?:1|{_PREFIX}{_SYMBOL}[2-4]?)(?:[./]{_PREFIX}{_SYMBOL}[2-4]?)*\Z")


def _revision(draft: Draft) -> Iterator[Mistake]:
    history = draft.icd.history
    if history and "revision" not in draft.unfit and history[-1].revision != draft.icd.revision:
        rule = f"is not the last one of `history`, {history[-1].revision!r}"
        yield Mistake(("revision",), rule, "add a line to `history`, the newest last")


def _codes_twice(draft: Draft) -> Iterator[Mistake]:
    for name, codes in draft.icd.enums.items():
        yield from twice(((("enums", name, one), code) for one, code in codes.items()), "code")


def _enumerated_states(draft: Draft) -> Iterator[Mistake]:
    """An enumeration that repeats a machine's states must give them the machine's codes."""
    machines = {frozenset(machine.states): name for name, machine in draft.icd.machines.items()}
    for name, codes in draft.icd.enums.items():
        machine = machines.get(frozenset(codes))
        states = draft.icd.machines[machine].states if machine is not None else codes
        for state, code in codes.items():
            if code != states[state]:
                rule = f"machine {machine!r} has code {states[state]} for it"
                yield Mistake(("enums", name, state), rule, "give it one code")


def _tolerances(draft: Draft) -> Iterator[Mistake]:
    for name, timing in draft.icd.timings.items():
        if timing.tolerance > timing.value:
            yield Mistake(("timings", name, "tolerance"), f"is more than the value, {timing.value}", "lessen it")


def _units(draft: Draft) -> Iterator[Mistake]:
    for keys, unit in _named_units(draft):
        if unit and not _UNIT.match(unit):
            yield Mistake(
                (*keys, "unit"), "is no unit that is known here", "write it as in m, ms, deg/s, kg.m2, % or 1"
            )


def _named_units(draft: Draft) -> Iterator[tuple[Keys, str]]:
    for name, constant in draft.icd.constants.items():
        yield ("constants", name), constant.unit
    for keys, fields in draft.field_lists():
        for at, field in enumerate(fields):
            yield (*keys, at), field.unit
    modbus = draft.icd.modbus
    if modbus is not None:
        for table, registers in (("holding", modbus.holding), ("input", modbus.input)):
            for at, register in enumerate(registers):
                yield ("modbus", table, at), register.unit


def _turnarounds(draft: Draft) -> Iterator[Mistake]:
    for name, line in draft.icd.serial.items():
        if line.turnaround_max_us and not line.half_duplex:
            rule = "only a half-duplex line turns round"
            yield Mistake(("serial", name, "turnaround_max_us"), rule, "take it out, or write `half_duplex: true`")


CHECKS: Sequence[Check] = (_revision, _codes_twice, _enumerated_states, _tolerances, _units, _turnarounds)
