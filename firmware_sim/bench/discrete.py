# SPDX-License-Identifier: Apache-2.0
"""Discrete lines by their ICD's names: `Lines` drives their wires, `EdgeLog` keeps what output pins do.

A line is active or not; which level that is at a pin is known here and nowhere above. A wire is a bit of a pin: of one
packed pin for all lines, or of a pin of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import cocotb
from cocotb.handle import LogicArrayObject, LogicObject
from cocotb.task import Task
from cocotb.triggers import Event, ValueChange

from firmware_sim.bench.clock import now_ps, until_ps
from interfaces.wire import Record

Pin = LogicObject | LogicArrayObject


class Wire(Record, frozen=True):
    """Where a wire stands, and its level when it is inactive."""

    pin: Any  # a `Pin`; handles are no types that a record can check
    bit: int = 0
    inactive: int = 0


class LineEdge(Record, frozen=True):
    """A line became active or inactive at this instant."""

    at_ps: int
    line: str
    active: bool


def packed(pin: Pin, wires: Mapping[tuple[str, int], tuple[int, int]]) -> dict[tuple[str, int], Wire]:
    """Wires that all stand in one pin: (line, wire) to (bit, level that is inactive), as `firmware_sim.pins` has it."""
    return {place: Wire(pin, bit, inactive) for place, (bit, inactive) in wires.items()}


class Lines:
    """Drives every wire, all inactive at first; what is written at a clock's edge is sampled by the next one."""

    def __init__(self, wires: Mapping[tuple[str, int], Wire]) -> None:
        self._wires = dict(wires)
        self._pins: list[Pin] = []
        self._values: list[int] = []
        self._index: dict[tuple[str, int], int] = {}
        for place, wire in self._wires.items():
            self._index[place] = self._pin_index(wire.pin)
            self._assign(place, active=False)
        self._write(range(len(self._pins)))

    def drive(self, line: str, active: bool, *wires: int) -> None:
        """Make wires of a line (all unless some are named) active or inactive."""
        places = list(self._places(line, wires))
        for place in places:
            self._assign(place, active)
        self._write({self._index[place] for place in places})

    def is_active(self, line: str, wire: int = 0) -> bool:
        """What is driven."""
        place = (line, wire)
        found = self._wires[place]
        return bool(self._values[self._index[place]] >> found.bit & 1 ^ found.inactive)

    async def glitch(self, line: str, width_ps: int, *wires: int) -> None:
        """Turn wires over and, after `width_ps`, back."""
        await self.bounce(line, [width_ps, 0], *wires)

    async def bounce(self, line: str, widths_ps: Sequence[int], *wires: int) -> None:
        """Turn wires over once for each width, and wait that long after each; an odd number of them moves the line."""
        places = list(self._places(line, wires))
        at_ps = now_ps()
        for width_ps in widths_ps:
            for place in places:
                self._assign(place, not self.is_active(*place))
            self._write({self._index[place] for place in places})
            at_ps += width_ps
            await until_ps(at_ps)

    def _places(self, line: str, wires: Sequence[int]) -> Iterator[tuple[str, int]]:
        found = [place for place in self._wires if place[0] == line and (not wires or place[1] in wires)]
        if not found or (wires and len(found) != len(set(wires))):
            raise KeyError(f"{line}: no wires {list(wires) or 'at all'}")
        yield from found

    def _pin_index(self, pin: Pin) -> int:
        for index, known in enumerate(self._pins):
            if known is pin:
                return index
        self._pins.append(pin)
        self._values.append(0)
        return len(self._pins) - 1

    def _assign(self, place: tuple[str, int], active: bool) -> None:
        wire, index = self._wires[place], self._index[place]
        level = int(active) ^ wire.inactive
        self._values[index] = self._values[index] & ~(1 << wire.bit) | level << wire.bit

    def _write(self, indices: Iterable[int]) -> None:
        for index in indices:
            self._pins[index].value = self._values[index]


class EdgeLog:
    """The edges of output lines, in order, from one pin: line to (bit, level that is inactive)."""

    def __init__(self, pin: Pin, lines: Mapping[str, tuple[int, int]]) -> None:
        self.edges: list[LineEdge] = []
        self._pin = pin
        self._lines = dict(lines)
        self._active: dict[str, bool] = {}
        self._changed = Event()
        self._task: Task[None] | None = None

    def start(self) -> None:
        """From here on; lines that are active already make no edge.

        Raises RuntimeError where they are neither: a four-valued simulator's logic before its reset.
        """
        if self._task is not None:
            raise RuntimeError("the log is started already")
        self._active = self._levels()
        self._task = cocotb.start_soon(self._run())

    def stop(self) -> None:
        if self._task is None:
            raise RuntimeError("the log is not started")
        self._task.cancel()
        self._task = None

    def is_active(self, line: str) -> bool:
        return self._active[line]

    def of(self, line: str) -> list[LineEdge]:
        """The edges of one line."""
        return [edge for edge in self.edges if edge.line == line]

    async def until(self, line: str, active: bool) -> int:
        """Wait until a line is so; the instant at which it was seen."""
        while self._active[line] is not active:
            self._changed.clear()
            await self._changed.wait()
        return now_ps()

    def _levels(self) -> dict[str, bool]:
        value = self._pin.value
        if not value.is_resolvable:
            raise RuntimeError(f"{self._pin._path} is {value}, neither high nor low")
        levels = int(value)
        return {line: bool(levels >> bit & 1 ^ inactive) for line, (bit, inactive) in self._lines.items()}

    async def _run(self) -> None:
        change = ValueChange(self._pin)
        while True:
            await change
            levels = self._levels()
            moved = [line for line, active in levels.items() if active is not self._active[line]]
            self.edges += [LineEdge(now_ps(), line, levels[line]) for line in moved]
            self._active = levels
            self._changed.set()
