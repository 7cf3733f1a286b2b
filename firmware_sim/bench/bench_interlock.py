# SPDX-License-Identifier: Apache-2.0
"""`interlock` as a whole, each clock against the twin's inputs; run from pytest."""

from __future__ import annotations

from typing import Any

import cocotb

from firmware_sim.bench.modules import Bench, discrete, draws, icd, started
from firmware_sim.pins import Pins
from hil.interceptor.inputs import Inputs

_LOGIC = 1  # clocks behind the voted lines, which the twin counts in


class Pair:
    """The RTL's lines and the twin's."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.pins = bench, Pins(icd())
        self.twin = Inputs(discrete(), icd().constant("logic_clocks"))
        self._pin = self.pins.idle_wires
        self.names = list(self.twin.active)

    def drive(self, line: str, wire: int, active: bool) -> None:
        bit, low = self.pins.wires[line, wire]
        self._pin = self._pin & ~(1 << bit) | (int(active) ^ low) << bit
        self.bench.drive(wires_i=self._pin)
        self.twin.change(self.bench.edge, line, wire, active)

    def lines(self, port: str = "lines_o") -> dict[str, bool]:
        value, count = self.bench.read(port), len(self.names)
        return {name: bool(value >> (count - 1 - at) & 1) for at, name in enumerate(self.names)}

    async def step(self, clocks: int = 1) -> None:
        for _ in range(clocks):
            await self.bench.step()
            self.twin.settle(self.bench.edge + _LOGIC)
            assert self.lines() == self.twin.active, self.bench.edge


async def pair(dut: Any) -> Pair:
    return Pair(await started(dut, wires_i=Pins(icd()).idle_wires))


@cocotb.test()
async def each_wire_at_its_limit(dut: Any) -> None:
    """INT-001: every wire of every line, pulses of one clock less, the limit, and one more, with the others at need."""
    both = await pair(dut)
    for line in discrete().lines:
        if line.driver != "launcher":
            continue
        for clocks in (line.debounce_clocks - 1, line.debounce_clocks, line.debounce_clocks + 1):
            for held in range(line.need):
                both.drive(line.name, held, True)
            await both.step(clocks)
            for held in range(line.need):
                both.drive(line.name, held, False)
            await both.step(line.debounce_clocks + 6)


@cocotb.test()
async def votes(dut: Any) -> None:
    """Two of three make a line, one does not, whichever they are."""
    both = await pair(dut)
    for line in (one for one in discrete().lines if one.of == 3):
        for mask in (*range(8), 0):
            for wire in range(3):
                both.drive(line.name, wire, bool(mask >> wire & 1))
            await both.step(line.debounce_clocks + 5)
            assert both.lines()[line.name] == (mask.bit_count() >= line.need)


@cocotb.test()
async def before_is_one_clock_behind(dut: Any) -> None:
    both = await pair(dut)
    both.drive("power", 0, True)
    earlier = both.lines()
    for _ in range(30):
        await both.step()
        assert both.lines("lines_before_o") == earlier
        earlier = both.lines()
    assert earlier["power"]


@cocotb.test()
async def random_bounces(dut: Any) -> None:
    """All wires at once."""
    both, drawn = await pair(dut), draws(dut)
    places = list(both.pins.wires)
    levels = dict.fromkeys(places, False)
    for _ in range(2_500):
        for place in drawn.sample(places, drawn.choice((0, 0, 1, 2, 5))):
            levels[place] = not levels[place]
            both.drive(*place, levels[place])
        await both.step(drawn.choice((1, 1, 2, 5)))
