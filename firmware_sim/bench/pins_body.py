# SPDX-License-Identifier: Apache-2.0
"""An interceptor body whose logic is RTL in the simulator that this runs in: levels to pins, pins to levels.

A body holds a seat (one instance of the RTL) only while it has power: without, the logic is in reset, and of the input
wires only the last changes matter, which are played again to the seat that it takes. The bench's clock does the
stepping (`rtl_clock.py`); here is what is done at an instant.
"""

from __future__ import annotations

from collections import deque
from fractions import Fraction
from typing import Any, Protocol

from firmware_sim.bench.characters import Character, Outgoing, UartConfig, Wrong, wave
from firmware_sim.bench.judge import Judge
from firmware_sim.observed import LINES, Observed
from firmware_sim.pins import Pins
from hil.part import Output, Outputs, sooner
from interfaces.spec.model import Icd
from interfaces.wire import NS_PER_S, Burst, Flaw, Mark, Record

_PS_PER_NS = 1000
POWER, PINS = "power", "pins"
_DELIMITER = 0
_FLAWS = {Wrong.PARITY: Flaw.PARITY, Wrong.FRAMING: Flaw.FRAMING, Wrong.BREAK: Flaw.BREAK}


class Seen(Record, frozen=True):
    """What the pins and the observed signals show after a clock edge; `answer` is (command, reason or None)."""

    time_ns: int
    outputs: int
    state: int
    cause: int
    answer: tuple[int, int | None] | None


class Sending(Record, frozen=True):
    """The sending pin's level after a clock edge."""

    time_ns: int
    level: int


class Seat(Protocol):
    """Where the pins are."""

    def set_wires(self, levels: int) -> None: ...

    def set_rx(self, level: int) -> None: ...


class PinsBody:
    """One interceptor. `history` has the wires' levels after each change of late, with its clock."""

    def __init__(self, name: str, icd: Icd, seed: int) -> None:
        assert icd.discrete is not None
        self.name = name
        self.seat: Seat | None = None
        self.clock_ns = NS_PER_S // icd.discrete.clock_hz
        self.wires = Pins(icd).idle_wires
        self.power = False
        self.rx = 1
        # No change before it can still be on its way when power comes.
        slowest = max(line.debounce_clocks for line in icd.discrete.lines)
        self.settle_clocks = slowest + icd.discrete.synchroniser_clocks + icd.discrete.vote_clocks + 2
        self.history: deque[tuple[int, int]] = deque([(-self.settle_clocks, self.wires)])
        self._pins = Pins(icd)
        self._observed = Observed(name, icd, self._pins)
        self._serial = icd.serial["umbilical"]
        self._config = UartConfig.of(self._serial)
        self._judge = Judge(self._config)
        self._rx: deque[tuple[int, int]] = deque()  # (ns, level) still to come
        self._heard: list[Character] = []
        self._ends_ns: int | None = None  # when the last character heard ends

    @property
    def deadline_ns(self) -> int | None:
        judge_ps = self._judge.deadline_ps
        judge_ns = None if judge_ps is None else -(-judge_ps // _PS_PER_NS)
        return sooner(sooner(self._rx[0][0] if self._rx else None, self._ends_ns), judge_ns)

    def receive(self, now_ns: int, port: str, item: Any) -> Outputs:
        if port == LINES:
            bit, low = self._pins.wires[item.line, item.wire]
            self.wires = self.wires & ~(1 << bit) | (item.active ^ low) << bit
            self.power = item.active if item.line == POWER else self.power
            self._remember(now_ns // self.clock_ns)
            if self.seat is not None:
                self.seat.set_wires(self.wires)
        elif isinstance(item, Burst):
            self._rx.extend(self._levels(item))
            self._drive(now_ns)
        elif isinstance(item, Sending):
            self._take(self._judge.receive(item.time_ns * _PS_PER_NS, item.level))
        elif isinstance(item, Seen):
            return self._see(item)
        return ()

    def expire(self, now_ns: int) -> Outputs:
        self._drive(now_ns)
        out: list[Output] = []
        self._take(self._judge.expire(now_ns * _PS_PER_NS))
        if self._ends_ns is not None and self._ends_ns <= now_ns:
            self._ends_ns = None
            out += self._hand_over(now_ns)
        return out

    def _see(self, seen: Seen) -> list[Output]:
        out: list[Output] = []
        if seen.answer is not None:
            out += self._observed.answered(seen.time_ns, *seen.answer)
        return out + self._observed.moved(seen.time_ns, seen.outputs, seen.state, seen.cause)

    def _remember(self, clock: int) -> None:
        self.history.append((clock, self.wires))
        while len(self.history) > 1 and self.history[1][0] < clock - self.settle_clocks:
            self.history.popleft()

    def _levels(self, burst: Burst) -> list[tuple[int, int]]:
        """The receiving pin's changes for a burst, by clock."""
        flaws = {mark.index: mark.flaw for mark in burst.marks}
        begin = burst.start_ns // self.clock_ns * self.clock_ns
        at_ps = Fraction(begin * _PS_PER_NS)
        out: list[tuple[int, int]] = []
        for index, data in enumerate(burst.data):
            shape = wave(self._config, _outgoing(data, flaws.get(index), self._config), at_ps)
            out += [(edge.at_ps // _PS_PER_NS, edge.level) for edge in shape.edges]
            at_ps += self._config.char_bits * self._config.bit_ps
        return out

    def _drive(self, now_ns: int) -> None:
        while self._rx and self._rx[0][0] <= now_ns:
            self.rx = self._rx.popleft()[1]
            if self.seat is not None:
                self.seat.set_rx(self.rx)

    def _take(self, heard: Any) -> None:
        for item in heard:
            if isinstance(item, Character):
                self._heard.append(item)
                self._ends_ns = item.end_ps // _PS_PER_NS
            elif self._heard:  # a start bit that was cut: what came before it is all
                self._ends_ns = item.start_ps // _PS_PER_NS

    def _hand_over(self, now_ns: int) -> list[Output]:
        """What was heard, if it is over: behind a frame's closing zero, or where the line is idle."""
        closed = len(self._heard) > 1 and self._heard[-1].data == _DELIMITER
        if not (closed or self._judge.deadline_ps is None):
            return []
        heard, self._heard = self._heard, []
        marks = tuple(Mark(at, _FLAWS[wrong]) for at, one in enumerate(heard) for wrong in one.wrong if wrong in _FLAWS)
        data = bytes(one.data for one in heard)
        burst = Burst(heard[0].start_ps // _PS_PER_NS, data, self._serial.bit_rate_bps, self._serial.char_bits, marks)
        return self._observed.spoken(now_ns, burst)


def _outgoing(data: int, flaw: Flaw | None, config: UartConfig) -> Outgoing:
    if flaw is Flaw.BREAK:
        return Outgoing(break_bits=config.char_bits)
    return Outgoing(data, parity_flipped=flaw is Flaw.PARITY, stop_low=0 if flaw is Flaw.FRAMING else None)
