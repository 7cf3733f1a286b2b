# SPDX-License-Identifier: Apache-2.0
"""The Verilated interceptor as a body behind a launcher cell.

What a body will put out has to be known before the instant comes. So the model runs ahead, with its inputs as they
are, to the first clock of which there is something to tell, and that is the deadline; an input that comes before
takes it back to where it stood. Inputs of one instant are taken together: looking ahead waits for the next edge,
long before which none of them can have an effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from firmware_sim.model.library import FOREVER, Cell, Report
from firmware_sim.pins import Pins
from hil.interceptor.contract import Level
from hil.interceptor.umbilical import Umbilical
from hil.part import Output, Outputs
from hil.trace.events import TRACE, Answer, Edge, State
from interfaces.spec.model import Icd
from interfaces.wire import NS_PER_S, Burst

LINES = "lines"
MACHINE = "sequencer"
HEARTBEAT, DONE = "heartbeat", "done"


class RtlBody:
    """One interceptor. It draws nothing, so that the seed, which every body is given, has no use here."""

    def __init__(self, name: str, icd: Icd, seed: int) -> None:
        assert icd.discrete is not None
        self.name = name
        self.deadline_ns: int | None = None
        self._clock_ns = NS_PER_S // icd.discrete.clock_hz
        self._pins = Pins(icd)
        self._commands, self._reasons = _names(icd.enums["command"]), _names(icd.enums["reason"])
        self._states, self._events = _names(icd.machines[MACHINE].states), _names(icd.enums["event_rank"])
        self._umbilical = Umbilical(name, icd)
        self._serial = icd.serial["umbilical"]
        self._model = Cell(icd, self._pins)
        self._is_ahead = False  # the model does not stand in the present
        self._report: Report | None = None  # what it found there
        self._state = icd.machines[MACHINE].initial
        self._active = dict.fromkeys(self._pins.outputs, False)

    def receive(self, now_ns: int, port: str, item: Any) -> Outputs:
        clock = now_ns // self._clock_ns
        out = self._come_to(clock)
        if port == LINES:
            bit, low = self._pins.wires[item.line, item.wire]
            self._model.drive(bit, item.active != bool(low))
        elif isinstance(item, Burst):
            self._model.hear(clock, item)
        self.deadline_ns = (clock + 1) * self._clock_ns
        return out

    def expire(self, now_ns: int) -> Outputs:
        if self.deadline_ns is None or self.deadline_ns > now_ns:
            return ()
        out = self._come_to(now_ns // self._clock_ns)
        self._look_ahead()
        return out

    def __deepcopy__(self, memo: dict[int, Any]) -> RtlBody:
        other = RtlBody.__new__(RtlBody)
        other.__dict__.update(self.__dict__)
        other._active = dict(self._active)
        if self._is_ahead:  # what was remembered is not copied: both go back to it
            self._model.give_back()
        other._model = self._model.copy()
        for one in (self, other):
            if one._is_ahead:
                one._look_ahead()
        return other

    def _come_to(self, clock: int) -> list[Output]:
        """The model at edge `clock` with the inputs of the present; what there is to tell up to it."""
        out: list[Output] = []
        if self._is_ahead and self._report is not None and self._report.clock <= clock:
            out += self._tell(self._report)
        elif self._is_ahead:
            self._model.give_back()
        self._is_ahead = False
        while (report := self._model.run(clock)) is not None:
            out += self._tell(report)
        return out

    def _look_ahead(self) -> None:
        self._model.keep()
        self._is_ahead = True
        self._report = self._model.run(FOREVER)
        self.deadline_ns = None if self._report is None else self._report.clock * self._clock_ns

    def _tell(self, report: Report) -> list[Output]:
        now_ns = report.clock * self._clock_ns
        out: list[Output] = []
        if report.spoken:
            begin_ns = report.spoken_begin * self._clock_ns
            data = bytes(report.data[: report.spoken])
            burst = Burst(begin_ns, data, self._serial.bit_rate_bps, self._serial.char_bits, report.marks())
            out += self._umbilical.spoken(now_ns, burst)
        if report.answered:
            out += self._answer(now_ns, report)
        if report.moved:
            out += self._move(now_ns, report)
        return out

    def _answer(self, now_ns: int, report: Report) -> list[Output]:
        command = self._commands[report.command]
        if not report.refused and command == HEARTBEAT:
            return []  # as the contract has it: what comes ten times a second is no news
        result = self._reasons[report.reason] if report.refused else DONE
        return [(TRACE, Answer(now_ns, self.name, command, result))]

    def _move(self, now_ns: int, report: Report) -> list[Output]:
        out: list[Output] = []
        before, self._state = self._state, self._states.get(report.state, f"code {report.state}")
        if self._state != before:
            cause = self._events[report.cause]
            out.append((TRACE, State(now_ns, self.name, MACHINE, before, self._state, cause)))
        for line, active in self._pins.active(report.outputs).items():
            if active != self._active[line]:
                self._active[line] = active
                out.append((TRACE, Edge(now_ns, self.name, line, active)))
                out.append((LINES, Level(line, active)))
        return out


def _names(codes: Mapping[str, int]) -> dict[int, str]:
    return {code: name for name, code in codes.items()}
