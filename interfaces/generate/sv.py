# SPDX-License-Identifier: Apache-2.0
"""An ICD as a SystemVerilog package: one text for one ICD, byte by byte, wherever and whenever it is made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from interfaces.generate.sv_discrete import lines_driven, lines_heard
from interfaces.generate.sv_machines import machine_lines
from interfaces.generate.sv_messages import message_lines
from interfaces.generate.sv_text import (
    ClashError,
    camel,
    clocks,
    comment,
    constant,
    enumeration,
    fold,
    microseconds,
    number,
)
from interfaces.spec.model import Icd, Serial

_US_PER_S = 1_000_000
# What a line of the package declares: a constant, an enumerator, a type, a function.
_DECLARED = re.compile(r"  localparam .*?(\w+) =|    (\w+) = \d+'d|  \} (\w+);|  function .*?(\w+)\(")


class _Crc(NamedTuple):
    """A CRC-16 as in the catalogue of parametrised CRC algorithms, reveng.sourceforge.io/crc-catalogue/16.htm."""

    polynomial: int
    initial: int
    reflected: bool  # refin and refout, which never differ here
    xor_out: int


CRCS = {
    "crc16_xmodem": _Crc(0x1021, 0x0000, False, 0x0000),
    "crc16_ibm_3740": _Crc(0x1021, 0xFFFF, False, 0x0000),
    "crc16_genibus": _Crc(0x1021, 0xFFFF, False, 0xFFFF),
    "crc16_kermit": _Crc(0x1021, 0x0000, True, 0x0000),
    "crc16_modbus": _Crc(0x8005, 0xFFFF, True, 0x0000),
}


def package(icd: Icd, command: str) -> str:
    """The package of an ICD; `command` is how it is made, for the banner. Raises `ClashError`."""
    lines = ["package icd_pkg;"]
    for title, section in _sections(icd):
        lines += ["", f"  // {title}", *section] if section else []
    lines += ["endpackage", "// verilator lint_on SYMRSVDWORD"]
    _refuse_clashes(lines)
    return "\n".join([*_banner(icd, command), *(part for line in lines for part in fold(line))]) + "\n"


def _banner(icd: Icd, command: str) -> list[str]:
    return [
        "// SPDX-License-Identifier: Apache-2.0",
        *comment(f"Generated from the ICD {icd.name}, revision {icd.revision}: change that, then run"),
        f"//   {command}",
        "// verilator lint_off SYMRSVDWORD  // names are the ICD's; some are words of C++ too",
    ]


def _sections(icd: Icd) -> Iterator[tuple[str, list[str]]]:
    yield "Clock", _clock(icd)
    yield "Lines the launcher drives, the ICD's first one leftmost", lines_heard(icd)
    yield "Lines the interceptor drives", lines_driven(icd)
    yield "Latencies, at most", _latencies(icd)
    yield "Time slots", _slots(icd)
    yield "Serial lines", [line for name, one in icd.serial.items() for line in _serial(name, one)]
    yield "Timings", list(_timings(icd))
    yield "Constants", [number(camel(name), one.value) for name, one in icd.constants.items()]
    yield "Enumerations", _enumerations(icd)
    yield "Framing", _framing(icd)
    yield "Messages, packed as on the wire, the first byte leftmost", message_lines(icd)
    for name in icd.machines:
        yield f"Machine {name}", machine_lines(icd, name)


def _clock(icd: Icd) -> list[str]:
    discrete = icd.discrete
    if discrete is None:
        return []
    lines = [number("ClockHz", discrete.clock_hz)]
    if discrete.clock_hz % _US_PER_S == 0:
        lines.append(number("ClocksPerUs", discrete.clock_hz // _US_PER_S))
    return [
        *lines,
        number("SynchroniserClocks", discrete.synchroniser_clocks),
        number("VoteClocks", discrete.vote_clocks),
    ]


def _latencies(icd: Icd) -> list[str]:
    latencies = icd.discrete.latencies if icd.discrete is not None else ()
    return [number(camel("latency", one.name, "clocks"), one.max_clocks) for one in latencies]


def _slots(icd: Icd) -> list[str]:
    slots = icd.discrete.slots if icd.discrete is not None else None
    if slots is None:
        return []
    return [number(camel("slot", name), getattr(slots, name)) for name in slots.__struct_fields__]


def _serial(name: str, line: Serial) -> list[str]:
    facts = {
        "bit_rate_bps": line.bit_rate_bps,
        "data_bits": line.data_bits,
        "parity_on": int(line.parity != "none"),
        "parity_odd": int(line.parity == "odd"),
        "stop_bits": line.stop_bits,
        "char_bits": line.char_bits,
    }
    return [number(camel(name, fact), value) for fact, value in facts.items()]


def _timings(icd: Icd) -> Iterator[str]:
    for name, timing in icd.timings.items():
        yield number(camel(name, "us"), microseconds(timing))
        count = clocks(icd, timing)
        if count is not None:
            yield number(camel(name, "clocks"), count)


def _enumerations(icd: Icd) -> list[str]:
    """All but those that a machine declares: `track_state` where there is a machine `track` of these states."""
    lines: list[str] = []
    for name, codes in icd.enums.items():
        if not _is_of_a_machine(icd, name, codes):
            lines += enumeration(f"{name}_e", camel(name), codes)
    return lines


def _is_of_a_machine(icd: Icd, name: str, codes: Mapping[str, int]) -> bool:
    """Whether a machine's states are this enumeration; the cross-checks see to it that the codes are the same."""
    return any(
        name == f"{machine}_state" and codes.keys() == one.states.keys() for machine, one in icd.machines.items()
    )


def _framing(icd: Icd) -> list[str]:
    if icd.messages is None:
        return []
    framing = icd.messages.framing
    crc = CRCS[framing.crc]
    return [
        constant("logic [15:0]", "CrcPolynomial", f"16'h{crc.polynomial:04X}"),
        constant("logic [15:0]", "CrcInitial", f"16'h{crc.initial:04X}"),
        constant("logic [15:0]", "CrcXorOut", f"16'h{crc.xor_out:04X}"),
        number("CrcReflected", int(crc.reflected)),
        number("MaxPayloadBytes", framing.max_payload),
    ]


def _refuse_clashes(lines: Sequence[str]) -> None:
    seen: set[str] = set()
    for line in lines:
        found = _DECLARED.match(line)
        name = next(filter(None, found.groups())) if found is not None else None
        if name in seen:
            raise ClashError(name)
        if name is not None:
            seen.add(name)
