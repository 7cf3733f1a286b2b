# SPDX-License-Identifier: Apache-2.0
"""An ICD as text for people: what `hil inspect` shows."""

from __future__ import annotations

from collections.abc import Iterator

from interfaces.spec.columns import section
from interfaces.spec.describe_messages import messages_text
from interfaces.spec.describe_modbus import modbus_text
from interfaces.spec.describe_values import codes, time_text
from interfaces.spec.model import Command, Discrete, Icd, Machine, Timing

_LINE_HEAD = ("name", "driver", "active", "safe", "debounce", "wires", "active in", "text")


def describe(icd: Icd) -> str:
    """The whole ICD, section by section."""
    lines = [f"{icd.name}  {icd.title} (revision {icd.revision})", icd.notice.strip()]
    lines += section("timings", ("name", "value", "tolerance", "text"), map(_timing, icd.timings, icd.timings.values()))
    lines += section(
        "constants",
        ("name", "value", "unit", "text"),
        ((name, f"{one.value} (0x{one.value:X})", one.unit, one.text) for name, one in icd.constants.items()),
    )
    lines += _serial(icd)
    lines += section("enumerations", ("name", "codes"), ((name, codes(one)) for name, one in icd.enums.items()))
    if icd.modbus is not None:
        lines += modbus_text(icd, icd.modbus)
    if icd.messages is not None:
        lines += messages_text(icd, icd.messages)
    for name, machine in icd.machines.items():
        lines += _machine(icd, name, machine)
    if icd.discrete is not None:
        lines += _discrete(icd.discrete)
    lines += section("requirements", ("id", "text"), icd.requirements.items())
    return "\n".join(lines)


def _timing(name: str, one: Timing) -> tuple[str, str, str, str]:
    tolerance = f"+-{one.tolerance} {one.unit}" if one.tolerance else ""
    return name, f"{one.value} {one.unit}", tolerance, one.text


def _serial(icd: Icd) -> list[str]:
    rows = []
    for name, one in icd.serial.items():
        form = f"{one.data_bits}{one.parity[0].upper()}{one.stop_bits}"
        duplex = "half duplex" if one.half_duplex else "full duplex"
        turnaround = f"{one.turnaround_max_us} us" if one.turnaround_max_us else ""
        rows.append((name, f"{one.bit_rate_bps} bit/s", form, duplex, turnaround, f"{one.bit_rate_tolerance_ppm} ppm"))
    return section("serial lines", ("name", "bit rate", "format", "duplex", "turnaround", "tolerance"), rows)


def _machine(icd: Icd, name: str, machine: Machine) -> list[str]:
    lines = ["", f"machine {name}: begins in {machine.initial}", f"  states: {codes(machine.states)}"]
    rows = []
    for row in machine.transitions:
        after = f"{row.after} ({time_text(icd, row.after)})" if row.after is not None else ""
        rows.append((row.source, row.event, after, row.guard or "", row.to, row.effect or "", row.text))
    lines += section(f"machine {name}: transitions", ("from", "event", "after", "guard", "to", "effect", "text"), rows)
    legal = ((command, _states(one, machine), one.refused, one.text) for command, one in machine.commands.items())
    return lines + section(f"machine {name}: commands", ("command", "legal in", "else refused as", "text"), legal)


def _states(command: Command, machine: Machine) -> str:
    left_out = [state for state in machine.states if state not in command.legal]
    if not left_out:
        return "every state"
    if len(left_out) < len(command.legal):
        return f"every state but {', '.join(left_out)}"
    return ", ".join(command.legal)


def _discrete(discrete: Discrete) -> list[str]:
    stages = f"synchroniser {discrete.synchroniser_clocks}, vote {discrete.vote_clocks} clocks"
    lines = ["", f"discrete interface: clock {discrete.clock_hz} Hz, {stages}"]
    lines += section("lines", _LINE_HEAD, _line_rows(discrete))
    latencies = (
        (one.name, one.source, one.to, str(one.min_clocks), str(one.max_clocks), one.text) for one in discrete.latencies
    )
    lines += section("latencies (clocks)", ("name", "from", "to", "min", "max", "text"), latencies)
    slots = discrete.slots
    if slots is not None:
        lines += [
            "",
            f"slots: {slots.count} in {slots.cycle_us} us, the first at {slots.first_us} us, one every "
            f"{slots.pitch_us} us, each {slots.length_us} us long, begun within {slots.start_tolerance_us} us",
        ]
    return lines


def _line_rows(discrete: Discrete) -> Iterator[tuple[str, ...]]:
    for one in discrete.lines:
        wires = f"{one.need} of {one.of}" if one.of > 1 else ""
        debounce = f"{one.debounce_clocks} clocks" if one.debounce_clocks else ""
        yield one.name, one.driver, one.active, one.safe, debounce, wires, ", ".join(one.active_in), one.text
