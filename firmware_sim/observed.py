# SPDX-License-Identifier: Apache-2.0
"""What is seen of the RTL, as a body's outputs: trace records and levels. Whoever steps the RTL tells it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any, Self

from firmware_sim.pins import Pins
from hil.interceptor.contract import Level
from hil.interceptor.umbilical import Umbilical
from hil.part import Output
from hil.trace.events import TRACE, Answer, Edge, State
from interfaces.spec.model import Icd
from interfaces.wire import Burst

LINES = "lines"
MACHINE = "sequencer"
HEARTBEAT, DONE = "heartbeat", "done"


class Observed:
    """Remembers what was told last, so that only changes are told."""

    def __init__(self, name: str, icd: Icd, pins: Pins) -> None:
        machine = icd.machines[MACHINE]
        self._name, self._pins = name, pins
        self._commands, self._reasons = _names(icd.enums["command"]), _names(icd.enums["reason"])
        self._states, self._events = _names(machine.states), _names(icd.enums["event_rank"])
        self._umbilical = Umbilical(name, icd)
        self._state = machine.initial
        self._active = dict.fromkeys(pins.outputs, False)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        other = copy(self)
        other._active = dict(self._active)
        return other

    def spoken(self, now_ns: int, burst: Burst) -> list[Output]:
        """A frame, or what a cut left of one, was sent."""
        return self._umbilical.spoken(now_ns, burst)

    def answered(self, now_ns: int, command: int, refusal: int | None) -> list[Output]:
        """A command took effect, or was refused with the reason's code."""
        name = self._commands[command]
        if refusal is None and name == HEARTBEAT:
            return []  # as the contract has it: what comes ten times a second is no news
        result = DONE if refusal is None else self._reasons[refusal]
        return [(TRACE, Answer(now_ns, self._name, name, result))]

    def moved(self, now_ns: int, outputs: int, state: int, cause: int) -> list[Output]:
        """State and outputs as they are from now on."""
        out: list[Output] = []
        before, self._state = self._state, self._states.get(state, f"code {state}")
        if self._state != before:
            event = self._events[cause]
            out.append((TRACE, State(now_ns, self._name, MACHINE, before, self._state, event)))
        for line, active in self._pins.active(outputs).items():
            if active != self._active[line]:
                self._active[line] = active
                out.append((TRACE, Edge(now_ns, self._name, line, active)))
                out.append((LINES, Level(line, active)))
        return out


def _names(codes: Mapping[str, int]) -> dict[int, str]:
    return {code: name for name, code in codes.items()}
