# SPDX-License-Identifier: Apache-2.0
"""Input lines: each wire sampled and debounced, each line voted, as the ICD's discrete section says.

Time is counted in clocks. No work is done in a clock in which nothing changes: a wire's change is
entered with the clock at which the logic will see it, and taken out when the wire goes back before
it was sampled often enough. `settle` brings the voted levels to a clock.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import NamedTuple

from interfaces.spec.model import Discrete, DiscreteLine


class _Entry(NamedTuple):
    """A change on its way through synchroniser, debouncer and vote; `order` keeps wires apart."""

    due_clock: int
    order: int
    line: str
    wire: int
    active: bool


class _Wire:
    """One wire: its level as sampled last, and the change that is still being counted, if any."""

    __slots__ = ("active", "candidate", "clock", "samples_needed", "travel_clocks", "undo")

    def __init__(self, samples_needed: int, travel_clocks: int) -> None:
        self.samples_needed = samples_needed
        self.travel_clocks = travel_clocks
        self.active = False
        self.candidate: _Entry | None = None
        self.clock = -1
        self.undo: tuple[bool, _Entry | None] = (False, None)


class Inputs:
    """The lines that the launcher drives; `active` holds the levels that the logic sees."""

    __slots__ = ("_debounced", "_entries", "_need", "_order", "_wires", "active")

    def __init__(self, discrete: Discrete, logic_clocks: int) -> None:
        lines = [line for line in discrete.lines if line.driver == "launcher"]
        fixed_clocks = discrete.synchroniser_clocks + discrete.vote_clocks + logic_clocks
        self.active = {line.name: False for line in lines}
        self._need = {line.name: line.need for line in lines}
        self._debounced = {line.name: [False] * line.of for line in lines}
        self._wires = {line.name: _wires(line, fixed_clocks) for line in lines}
        self._entries: list[_Entry] = []
        self._order = 0

    @property
    def due_clock(self) -> int | None:
        """The next clock at which the logic may see a change."""
        return self._entries[0].due_clock if self._entries else None

    def change(self, clock: int, line: str, index: int, active: bool) -> None:
        """A wire took a level between clock edges `clock` and `clock + 1`."""
        wire = self._wires[line][index]
        if clock == wire.clock:
            self._forget_unsampled(wire)
        else:
            wire.clock = clock
            wire.undo = (wire.active, wire.candidate)
        if active == wire.active:
            return
        wire.active = active
        candidate = wire.candidate
        if candidate is not None and clock < candidate.due_clock - wire.travel_clocks + wire.samples_needed:
            self._withdraw(candidate)
            wire.candidate = None
        else:
            self._order += 1
            wire.candidate = _Entry(clock + wire.travel_clocks, self._order, line, index, active)
            heappush(self._entries, wire.candidate)

    def settle(self, clock: int) -> list[str]:
        """Bring the voted levels to `clock`; the names of the lines that changed."""
        entries = self._entries
        before: dict[str, bool] = {}
        while entries and entries[0].due_clock <= clock:
            entry = heappop(entries)
            line = entry.line
            before.setdefault(line, self.active[line])
            self._debounced[line][entry.wire] = entry.active
            self.active[line] = sum(self._debounced[line]) >= self._need[line]
        return [line for line, active in before.items() if active != self.active[line]]

    def _forget_unsampled(self, wire: _Wire) -> None:
        """A level that came and went between two clock edges was never sampled."""
        active, candidate = wire.undo
        if wire.candidate is not None and wire.candidate is not candidate:
            self._withdraw(wire.candidate)
        elif wire.candidate is None and candidate is not None:
            heappush(self._entries, candidate)
        wire.active, wire.candidate = active, candidate

    def _withdraw(self, entry: _Entry) -> None:
        # Rare (a bounce or a glitch) and the list is short.
        self._entries.remove(entry)
        heapify(self._entries)


def _wires(line: DiscreteLine, fixed_clocks: int) -> list[_Wire]:
    # Even a line without debouncing must be sampled once.
    samples_needed = max(line.debounce_clocks, 1)
    return [_Wire(samples_needed, line.debounce_clocks + fixed_clocks) for _ in range(line.of)]
