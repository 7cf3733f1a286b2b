# SPDX-License-Identifier: Apache-2.0
"""The Verilated interceptor as a body behind a launcher cell.

What a body will put out has to be known before the instant comes. So the model runs ahead, with its inputs as they
are, to the first clock of which there is something to tell, and that is the deadline; an input that comes before
takes it back to where it stood. Inputs of one instant are taken together: looking ahead waits for the next edge,
long before which none of them can have an effect.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from firmware_sim.model.library import FOREVER, Cell, Report
from firmware_sim.observed import LINES, Observed
from firmware_sim.pins import Pins
from hil.part import Output, Outputs
from interfaces.spec.model import Icd
from interfaces.wire import NS_PER_S, Burst

# Where each clock is stepped, looking far ahead would be done again for each input that comes before.
STEPPED_REACH_CLOCKS = 2_000


class RtlBody:
    """One interceptor. It draws nothing, so that the seed, which every body is given, has no use here."""

    def __init__(self, name: str, icd: Icd, seed: int) -> None:
        assert icd.discrete is not None
        self.name = name
        self.deadline_ns: int | None = None
        self._clock_ns = NS_PER_S // icd.discrete.clock_hz
        self._pins = Pins(icd)
        self._observed = Observed(name, icd, self._pins)
        self._serial = icd.serial["umbilical"]
        self._model = Cell(icd, self._pins)
        self._is_ahead = False  # the model does not stand in the present
        self._report: Report | None = None  # what it found there
        self._reach_clocks = FOREVER  # how far it looks

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

    def skip(self, on: bool) -> None:
        """Whether the model skips what is quiet; stepping every clock is for measuring and for comparing."""
        self._model.skip(on)
        self._reach_clocks = FOREVER if on else STEPPED_REACH_CLOCKS

    def __deepcopy__(self, memo: dict[int, Any]) -> RtlBody:
        other = RtlBody.__new__(RtlBody)
        other.__dict__.update(self.__dict__)
        other._observed = deepcopy(self._observed, memo)
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
        until = min(self._model.clock + self._reach_clocks, FOREVER)
        self._report = self._model.run(until)
        if self._report is not None:
            self.deadline_ns = self._report.clock * self._clock_ns
        else:
            self.deadline_ns = None if until == FOREVER else until * self._clock_ns

    def _tell(self, report: Report) -> list[Output]:
        now_ns = report.clock * self._clock_ns
        out: list[Output] = []
        if report.spoken:
            begin_ns = report.spoken_begin * self._clock_ns
            data = bytes(report.data[: report.spoken])
            burst = Burst(begin_ns, data, self._serial.bit_rate_bps, self._serial.char_bits, report.marks())
            out += self._observed.spoken(now_ns, burst)
        if report.answered:
            refusal = report.reason if report.refused else None
            out += self._observed.answered(now_ns, report.command, refusal)
        if report.moved:
            out += self._observed.moved(now_ns, report.outputs, report.state, report.cause)
        return out
