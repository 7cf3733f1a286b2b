# SPDX-License-Identifier: Apache-2.0
"""The functions of a machine do in slang's hands what its table says."""

from __future__ import annotations

import random
from typing import Any

import pytest

from interfaces.spec.load import shipped_names
from interfaces.spec.model import Icd
from tests.interfaces.generate.package import ICDS, INTERCEPTOR, SOUND, Package, camel


class Table:
    """A machine as the ICD says it, and how its inputs and its step are packed."""

    def __init__(self, icd: Icd, name: str) -> None:
        self.name, self.machine = name, icd.machines[name]
        rows = self.machine.transitions
        appear = list(dict.fromkeys(row.event for row in rows))
        ranks = icd.enums.get("event_rank", {event: at for at, event in enumerate(appear)})
        self.events = sorted(appear, key=lambda event: ranks[event])
        self.causes = [ranks[event] for event in self.events]
        self.guards = list(dict.fromkeys(row.guard for row in rows if row.guard is not None))
        self.effects = list(dict.fromkeys(row.effect for row in rows if row.effect is not None))
        self.names = {code: state for state, code in self.machine.states.items()}

    def step(self, code: int, events: set[str], guards: set[str]) -> tuple[int, int, str | None] | None:
        """The state, cause and effect of the first row by rank that holds, if any."""
        state = self.names.get(code)
        for event, cause in zip(self.events, self.causes, strict=True):
            for row in self.machine.transitions if event in events else ():
                here = row.source == state or (row.source == "*" and row.to != state)
                if row.event == event and here and (row.guard is None or row.guard in guards):
                    return self.machine.states[row.to], cause, row.effect
        return None

    def generated(self, package: Package, code: int, events: set[str], guards: set[str]) -> Any:
        """The same by the package's function."""
        arguments = f"@{self.name}_state_e'({code}), {packed(self.events, events)}"
        arguments += f", {packed(self.guards, guards)}" if self.guards else ""
        value = package(f"@{self.name}_next({arguments})")
        fired = [name for at, name in enumerate(reversed(self.effects)) if value >> at & 1]
        value >>= len(self.effects)
        width = package(f"$bits(@{self.name}_event_e)")
        cause, value = value & (1 << width) - 1, value >> width
        width = package(f"$bits(@{self.name}_state_e)")
        assert len(fired) <= 1
        state = value & (1 << width) - 1
        if value >> width:
            return state, cause, fired[0] if fired else None
        assert (state, fired) == (code, [])
        return None


def packed(names: list[str], active: set[str]) -> str:
    return f"{len(names)}'b{''.join('1' if name in active else '0' for name in names)}"


MACHINES = [(icd, machine) for icd in shipped_names() for machine in ICDS[icd].machines]


@pytest.mark.parametrize(("icd", "machine"), MACHINES)
def test_steps(icd: str, machine: str) -> None:
    """For each code, those of no state too: each event by itself with and without its guards, then any mixture."""
    package, table, draw = Package(ICDS[icd]), Table(ICDS[icd], machine), random.Random(1)
    inputs = [({event}, guards) for event in table.events for guards in (set(), set(table.guards))]
    for _ in range(200):
        events = {event for event in table.events if draw.random() < 0.3}
        inputs.append((events, {guard for guard in table.guards if draw.random() < 0.5}))
    for code in range(1 << package(f"$bits(@{machine}_state_e)")):
        for events, guards in inputs:
            wanted = table.step(code, events, guards)
            assert table.generated(package, code, events, guards) == wanted, (code, events, guards)


def test_state_functions() -> None:
    """Time-outs, legal commands and outputs of each state; a code that is no state has none of them."""
    package, table = Package(INTERCEPTOR), Table(INTERCEPTOR, "sequencer")
    assert INTERCEPTOR.discrete is not None
    outputs = [line for line in INTERCEPTOR.discrete.lines if line.driver == "interceptor"]
    assert any(line.active_in for line in outputs)
    after = {row.source: row.after for row in table.machine.transitions if row.after is not None}
    for code in range(16):
        state = table.names.get(code, "")
        argument = f"@sequencer_state_e'({code})"
        clocks = INTERCEPTOR.time_ns(after[state]) // 100 if state in after else 0
        assert package(f"@sequencer_timeout_clocks({argument})") == clocks
        levels = "".join("1" if state in line.active_in else "0" for line in outputs)
        assert package(f"@sequencer_outputs({argument})") == int(levels, 2)
        for command, one in table.machine.commands.items():
            legal = package(f"@sequencer_legal({argument}, @{camel('command', command)})")
            assert legal == (state in one.legal)
    assert package("@SequencerInitial") == table.machine.states[table.machine.initial]


def test_two_timeouts_make_no_step() -> None:
    """A state with two time-outs takes two timers, which one event can't tell."""
    sound = Package(SOUND)
    assert "main_next is left out: MainOn has several time-outs" in sound.text
    assert sound("@main_outputs(@MainHot)") == 1
