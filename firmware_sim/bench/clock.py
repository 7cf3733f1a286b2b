# SPDX-License-Identifier: Apache-2.0
"""Simulated time in whole picoseconds, and the clock of the logic.

Edge n stands at n periods, as the ICD counts. The clock's own edge is written at once and all that a bench drives is
written after it, so an input that changes exactly at an edge is first sampled by the next one, as the ICD has it.
"""

from __future__ import annotations

import cocotb.simtime
from cocotb.clock import Clock
from cocotb.handle import Immediate, LogicObject
from cocotb.simtime import get_sim_time
from cocotb.triggers import Timer

from firmware_sim.bench.characters import PS_PER_NS, PS_PER_S

_STEP = -12  # of ten: what `run_cocotb` has the simulators count in


def now_ps() -> int:
    """The instant; exact."""
    if cocotb.simtime.time_precision != _STEP:
        raise RuntimeError("benches want a time precision of 1 ps")
    return get_sim_time("step")


async def until_ps(instant_ps: int) -> None:
    """Wait for an instant; at once when it is past."""
    if (wait := instant_ps - now_ps()) > 0:
        await Timer(wait, "step")


class LogicClock:
    """The clock pin. Edge 0 is where the simulation begins, and no simulator shows it: the first one is edge 1."""

    def __init__(self, pin: LogicObject, clock_hz: int = 10_000_000) -> None:
        if PS_PER_S % (2 * clock_hz):
            raise ValueError(f"half a period of {clock_hz} Hz is no whole number of picoseconds")
        self.period_ps = PS_PER_S // clock_hz
        self._pin = pin
        self._clock = Clock(pin, self.period_ps, "step", impl="gpi", set_action=Immediate)

    async def start(self) -> None:
        """Ends at edge 1; raises RuntimeError when the simulation does not stand at zero."""
        if now_ps() != 0:
            raise RuntimeError("the clock starts with the simulation: its edges are counted from there")
        self._pin.value = 0
        await until_ps(self.period_ps)
        self._clock.start()

    def stop(self) -> None:
        self._clock.stop()

    def edge_ps(self, number: int) -> int:
        """The instant of a clock edge."""
        return number * self.period_ps

    def edge_ns(self, number: int) -> int:
        """The same in nanoseconds, floored."""
        return self.edge_ps(number) // PS_PER_NS

    def edge_at(self, instant_ps: int) -> int:
        """The number of the last edge at or before an instant."""
        return instant_ps // self.period_ps

    async def until_edge(self, number: int) -> None:
        """Wait for the instant of an edge; what is written then is sampled by the next one."""
        await until_ps(self.edge_ps(number))

    async def reset(self, pin: LogicObject, clocks: int = 4, active: int = 0) -> None:
        """Hold a reset pin for so many edges; let go between two of them."""
        pin.value = active
        number = self.edge_at(now_ps()) + clocks
        await until_ps(self.edge_ps(number) + self.period_ps // 2)
        pin.value = 1 - active
