# SPDX-License-Identifier: Apache-2.0
"""What benches of single modules share: a clock that each test begins anew, reset, and pulses counted by the clock.

Inputs are written half a period after an edge, where what is read is what that edge made.
"""

from __future__ import annotations

import functools
import os
import random
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.handle import Immediate
from cocotb.triggers import Timer

from firmware_sim.bench.clock import now_ps, until_ps
from interfaces.spec.load import shipped
from interfaces.spec.model import Discrete, Icd

PERIOD_PS = 100_000
HALF_PS = PERIOD_PS // 2


@functools.cache
def icd() -> Icd:
    return shipped("interceptor")


def discrete() -> Discrete:
    found = icd().discrete
    assert found is not None
    return found


def clocks_of(timing: str) -> int:
    """One of the ICD's timings in clocks."""
    return icd().time_ns(timing) * discrete().clock_hz // 10**9


def parameter(name: str, default: int) -> int:
    """A parameter of the design as the run was told: a flattened design has none left."""
    return int(os.environ.get(f"HIL_{name}", default))


def draws(dut: Any) -> random.Random:
    """The run's own stream; its seed stands in the log."""
    dut._log.info("seed %d", cocotb.RANDOM_SEED)
    return random.Random(cocotb.RANDOM_SEED)


def start_clock(pin: Any) -> Clock:
    """Edge n stands at n periods of simulated time, whichever test it is; call at a whole number of them."""
    clock = Clock(pin, PERIOD_PS, "step", impl="gpi", set_action=Immediate)
    clock.start()
    return clock


class Bench:
    """A module with `clk_i` and `rst_ni`; stands between two edges, half a period after edge `edge`."""

    def __init__(self, dut: Any, **inputs: int) -> None:
        self.dut = dut
        self.edge = 0
        self._inputs = inputs

    async def start(self) -> None:
        """In reset for four clocks, with these inputs; ends behind the first edge out of it."""
        self.dut.clk_i.value = 0
        self.dut.rst_ni.value = 0
        self.drive(**self._inputs)
        await until_ps((now_ps() // PERIOD_PS + 1) * PERIOD_PS)
        start_clock(self.dut.clk_i)
        self.edge = now_ps() // PERIOD_PS
        await until_ps(self.edge * PERIOD_PS + HALF_PS)
        await self.reset()

    async def reset(self) -> None:
        self.dut.rst_ni.value = 0
        await self.step(4)
        self.dut.rst_ni.value = 1
        await self.step()

    def drive(self, **inputs: int) -> None:
        for name, value in inputs.items():
            getattr(self.dut, name).value = value

    async def step(self, clocks: int = 1) -> None:
        """Behind the next edge."""
        self.edge += clocks
        await until_ps(self.edge * PERIOD_PS + HALF_PS)

    async def settle(self) -> None:
        """Let what was written reach what hangs on it without a register."""
        await Timer(1, "step")

    def read(self, name: str) -> int:
        return int(getattr(self.dut, name).value)


async def started(dut: Any, **inputs: int) -> Bench:
    bench = Bench(dut, **inputs)
    await bench.start()
    return bench
