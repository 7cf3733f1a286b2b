# SPDX-License-Identifier: Apache-2.0
"""The interceptor logic in Python: the body behind a launcher cell.

Every effect stands on an edge of the ICD's clock, the ICD's count of clocks after its cause. What
arrives never acts at once: it is entered with the clock of its effect, and one clock's effects are
worked off together. Nothing is done in a clock in which nothing is due. Without power only the
lines are followed.
"""

from __future__ import annotations

from typing import Any

from hil.interceptor.contract import Level
from hil.interceptor.inputs import Inputs
from hil.interceptor.logic import Logic
from hil.interceptor.receiver import Receiver
from hil.interceptor.transmitter import Transmitter
from hil.interceptor.umbilical import Umbilical
from hil.part import Output, Outputs, sooner
from hil.trace.events import TRACE, Edge
from interfaces.spec.model import Icd
from interfaces.wire import NS_PER_S, Burst

LINES = "lines"


class Twin:
    """One interceptor. It draws nothing, so that the seed, which every body is given, has no use here."""

    __slots__ = (
        "_clock",
        "_clock_ns",
        "_discrete",
        "_driven",
        "_icd",
        "_inputs",
        "_logic",
        "_receiver",
        "_transmitter",
        "_umbilical",
        "deadline_ns",
        "name",
    )

    def __init__(self, name: str, icd: Icd, seed: int) -> None:
        assert icd.discrete is not None
        self.name = name
        self.deadline_ns: int | None = None
        self._icd = icd
        self._discrete = icd.discrete
        self._clock_ns = NS_PER_S // icd.discrete.clock_hz
        self._clock = -1  # the last one that was worked off
        self._inputs = Inputs(icd.discrete, icd.constant("logic_clocks"))
        self._receiver = Receiver(name, icd, icd.discrete)
        self._transmitter = Transmitter(icd, icd.discrete)
        self._umbilical = Umbilical(name, icd)
        self._logic: Logic | None = None
        self._driven = {line.name: False for line in icd.discrete.lines if line.driver == "interceptor"}

    def receive(self, now_ns: int, port: str, item: Any) -> Outputs:
        if port == LINES:
            self._inputs.change(now_ns // self._clock_ns, item.line, item.wire, item.active)
        elif isinstance(item, Burst):
            self._receiver.hear(item)
        self._arm()
        return ()

    def expire(self, now_ns: int) -> Outputs:
        out: list[Output] = []
        while self.deadline_ns is not None and self.deadline_ns <= now_ns:
            due_ns = self.deadline_ns
            self._hear(due_ns, out)
            self._speak(due_ns, out)
            if due_ns == self._work_ns():
                self._clock = due_ns // self._clock_ns
                worked: list[Output] = []
                self._work(worked)
                self._speak(due_ns, out)  # what this clock cut at the end of a character
                out += worked
            self._arm()
        return out

    def _hear(self, now_ns: int, out: list[Output]) -> None:
        messages, records = self._receiver.expire(now_ns)
        out += records
        if self._logic is not None:
            for message in messages:
                self._logic.accept(message)

    def _speak(self, now_ns: int, out: list[Output]) -> None:
        burst = self._transmitter.expire(now_ns)
        if burst is not None:
            out += self._umbilical.spoken(now_ns, burst)

    def _work(self, out: list[Output]) -> None:
        clock, now_ns = self._clock, self._clock * self._clock_ns
        changed = self._inputs.settle(clock)
        powered = self._inputs.active["power"]
        if self._logic is not None and powered:
            out += self._logic.work(clock, changed)
        elif self._logic is not None:
            out += self._logic.power_off(now_ns)
            self._logic = None
            self._receiver.power_off()
            self._transmitter.cut(clock)
        elif powered:  # lines that change with it count as levels only
            self._receiver.power(clock)
            ends = self._umbilical, self._transmitter
            self._logic = Logic(self.name, self._icd, self._discrete, self._inputs.active, ends, clock)
        self._drive(now_ns, out)

    def _drive(self, now_ns: int, out: list[Output]) -> None:
        for line, was_active in self._driven.items():
            active = self._logic is not None and self._logic.sequencer.is_active(line)
            if active != was_active:
                self._driven[line] = active
                out.append((TRACE, Edge(now_ns, self.name, line, active)))
                out.append((LINES, Level(line, active)))

    def _arm(self) -> None:
        ends_ns = sooner(self._receiver.due_ns, self._transmitter.due_ns)
        self.deadline_ns = sooner(ends_ns, self._work_ns())

    def _work_ns(self) -> int | None:
        """When there is work for the logic."""
        due_clock = self._inputs.due_clock
        due_ns = None if due_clock is None else due_clock * self._clock_ns
        if self._logic is not None:
            due_ns = sooner(due_ns, self._logic.due_ns())
        # What is due still in a clock that is done waits for the next one, as a register would.
        return None if due_ns is None else max(due_ns, (self._clock + 1) * self._clock_ns)
