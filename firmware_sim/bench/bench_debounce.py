# SPDX-License-Identifier: Apache-2.0
"""`debounce` with the ICD's clocks of one line, against the count of samples; run from pytest."""

from __future__ import annotations

from typing import Any

import cocotb

from firmware_sim.bench.modules import Bench, discrete, draws, parameter, started


class Counted:
    """A level counts once it was sampled so many times in a row; the synchroniser is a delay."""

    def __init__(self, clocks: int) -> None:
        self.clocks, self.level = clocks, 0
        self._pipe = [0] * discrete().synchroniser_clocks
        self._samples: list[int] = []

    def clock(self, pin: int) -> int:
        self._samples = [*self._samples, self._pipe[-1]][-self.clocks :]
        self._pipe = [pin, *self._pipe[:-1]]
        if len(self._samples) == self.clocks and all(one != self.level for one in self._samples):
            self.level = self._samples[-1]
        return self.level


async def _pulse(bench: Bench, clocks: int, active: int) -> list[int]:
    """The level after each edge from the pulse's first one on."""
    seen = []
    bench.drive(wire_i=active)
    for at in range(2 * parameter("DebounceClocks", 1) + 10):
        if at == clocks:
            bench.drive(wire_i=1 - active)
        await bench.step()
        seen.append(bench.read("level_o"))
    return seen


@cocotb.test()
async def pulse_of_limit_and_one_less(dut: Any) -> None:
    """INT-001: one clock less leaves no mark; the limit and one more come out whole, that many clocks later."""
    bench = await started(dut, wire_i=0)
    limit = parameter("DebounceClocks", 1)
    for active in (1, 0):
        bench.drive(wire_i=1 - active)
        await bench.step(2 * limit + 8)
        for clocks in (1, limit - 1, limit, limit + 1):
            seen = await _pulse(bench, clocks, active)
            changed = [at + 1 for at, level in enumerate(seen) if level == active]
            delay = discrete().synchroniser_clocks + limit
            assert changed == ([] if clocks < limit else list(range(delay, delay + clocks))), (clocks, active)
            await bench.step(limit + 4)


@cocotb.test()
async def random_bounces(dut: Any) -> None:
    """Runs of random length about the limit, each clock against the count."""
    bench, drawn = await started(dut, wire_i=0), draws(dut)
    limit = parameter("DebounceClocks", 1)
    counted, pin = Counted(limit), 0
    for _ in range(80):
        pin ^= 1
        bench.drive(wire_i=pin)
        for _ in range(drawn.choice((1, 2, limit - 1, limit, limit + 1, drawn.randint(1, 2 * limit)))):
            await bench.step()
            assert bench.read("level_o") == counted.clock(pin), bench.edge


@cocotb.test()
async def quiet_means_no_change(dut: Any) -> None:
    """While `quiet_o` holds and the pin keeps its level, so does the output."""
    bench = await started(dut, wire_i=0)
    await bench.step(4)
    assert bench.read("quiet_o")
    bench.drive(wire_i=1)
    await bench.step()
    assert not bench.read("quiet_o")
    await bench.step(parameter("DebounceClocks", 1) + 2)
    assert bench.read("quiet_o")
    assert bench.read("level_o")
