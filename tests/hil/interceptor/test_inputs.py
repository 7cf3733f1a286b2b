# SPDX-License-Identifier: Apache-2.0
"""The event-driven inputs agree, clock by clock, with a plain register model that steps every clock."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from hil.interceptor.inputs import Inputs
from interfaces.spec.model import Discrete, DiscreteLine

_LOGIC_CLOCKS = 1
_WIRES = 3


class _Registers:
    """Two synchroniser flops, a counter and a debounced level for each wire, then the vote."""

    def __init__(self, debounce_clocks: int) -> None:
        self._debounce = debounce_clocks
        self._sync = [[False, False] for _ in range(_WIRES)]
        self._count = [0] * _WIRES
        self._stable = [False] * _WIRES
        self.voted = False

    def step(self, levels: list[bool]) -> None:
        """One clock edge; every register sees the others as they were before it."""
        self.voted = sum(self._stable) >= 2
        for wire, level in enumerate(levels):
            old = self._sync[wire][1]
            self._sync[wire] = [level, self._sync[wire][0]]
            self._count[wire] = self._count[wire] + 1 if old != self._stable[wire] else 0
            if self._count[wire] == self._debounce:
                self._stable[wire], self._count[wire] = old, 0


@st.composite
def _changes(draw: st.DrawFn) -> list[tuple[int, int, bool]]:
    """(clock, wire, level), some of them in the same clock, many closer than the debounce time."""
    clock, changes = 0, []
    for _ in range(draw(st.integers(0, 40))):
        clock += draw(st.integers(0, 7))
        changes.append((clock, draw(st.integers(0, _WIRES - 1)), draw(st.booleans())))
    return changes


@settings(max_examples=300, deadline=None)
@given(changes=_changes(), debounce_clocks=st.integers(1, 6))
def test_inputs_agree_with_registers(changes: list[tuple[int, int, bool]], debounce_clocks: int) -> None:
    """INT-001: a level that the logic sees at edge n is the voted register as it was before edge n."""
    line = DiscreteLine("a", "launcher", "text", debounce_clocks=debounce_clocks, of=_WIRES, need=2)
    inputs = Inputs(Discrete(10_000_000, 2, 1, (line,)), _LOGIC_CLOCKS)
    registers, levels, left = _Registers(debounce_clocks), [False] * _WIRES, list(changes)
    before = False
    last_clock = (changes[-1][0] if changes else 0) + 20
    for clock in range(last_clock):
        seen = registers.voted
        registers.step(levels)  # edge `clock` samples what was there before it
        changed = inputs.settle(clock)
        assert inputs.active["a"] == seen, clock
        assert bool(changed) == (inputs.active["a"] != before), "settle names what changed"
        before = inputs.active["a"]
        while left and left[0][0] == clock:
            _, wire, level = left.pop(0)
            levels[wire] = level
            inputs.change(clock, "a", wire, level)
    assert inputs.due_clock is None
