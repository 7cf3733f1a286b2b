# SPDX-License-Identifier: Apache-2.0
"""The clock, `Lines` and `EdgeLog` on wires that lead from `lines_i` to `lines_o`; run from pytest."""

from __future__ import annotations

from typing import Any

import cocotb
from cocotb.triggers import Timer

from firmware_sim.bench.clock import LogicClock, now_ps, until_ps
from firmware_sim.bench.discrete import EdgeLog, LineEdge, Lines, Wire, packed

# One line of three wires, active high; one wire active low; one with a pin of its own.
WIRES = {("vote", 0): (5, 0), ("vote", 1): (6, 0), ("vote", 2): (7, 0), ("key", 0): (4, 1)}
SEEN = {"vote0": (5, 0), "vote1": (6, 0), "vote2": (7, 0), "key": (4, 1), "own": (0, 1)}


def driven(dut: Any) -> Lines:
    return Lines({**packed(dut.lines_i, WIRES), ("own", 0): Wire(dut.own_i, inactive=1)})


@cocotb.test()
async def edges_are_counted_from_zero(dut: Any) -> None:
    """Edge n stands at n periods, and what changes exactly at an edge is sampled by the next one."""
    clock = LogicClock(dut.clk_i)
    dut.rx_i.value = 0
    dut.rst_ni.value = 1
    await clock.start()
    assert now_ps() == clock.edge_ps(1)
    await until_ps(clock.edge_ps(20) + 1)
    assert int(dut.edges_o.value) == 20
    assert clock.edge_ns(20) == 2000
    assert clock.edge_at(now_ps()) == 20
    await clock.until_edge(30)
    dut.rx_i.value = 1
    await until_ps(clock.edge_ps(31) - 1)
    assert int(dut.sampled_o.value) == 0
    await until_ps(clock.edge_ps(31) + 1)
    assert int(dut.sampled_o.value) == 1
    await clock.reset(dut.rst_ni, clocks=3)
    assert now_ps() == clock.edge_ps(34) + clock.period_ps // 2
    assert int(dut.sampled_o.value) == 0
    clock.stop()
    before = int(dut.edges_o.value)
    await Timer(1, "us")
    assert int(dut.edges_o.value) == before


@cocotb.test()
async def lines_are_driven_by_name(dut: Any) -> None:
    """All inactive at first; each wire at its own bit and level; what is not there is refused."""
    lines = driven(dut)
    await Timer(1, "ns")
    assert int(dut.lines_o.value) == 0b0001_0001
    lines.drive("vote", True, 1)
    lines.drive("key", True)
    lines.drive("own", True)
    await Timer(1, "ns")
    assert int(dut.lines_o.value) == 0b0100_0000
    assert [lines.is_active("vote", wire) for wire in range(3)] == [False, True, False]
    lines.drive("vote", True)
    await Timer(1, "ns")
    assert int(dut.lines_o.value) == 0b1110_0000
    for line, wires in (("none", ()), ("vote", (3,))):
        try:
            lines.drive(line, True, *wires)
        except KeyError:
            continue
        raise AssertionError("not refused")


@cocotb.test()
async def edges_are_kept_with_their_instants(dut: Any) -> None:
    """A glitch and a bounce, as long as they were asked to be; the log tells active and not, whatever the level."""
    lines, log = driven(dut), EdgeLog(dut.lines_o, SEEN)
    await Timer(1, "ns")
    log.start()
    zero = now_ps()
    await lines.glitch("vote", 1_500, 2)
    await lines.bounce("key", [10, 20, 30])
    lines.drive("own", True)
    assert await log.until("own", True) == zero + 1_560
    assert log.edges == [
        LineEdge(zero, "vote2", True),
        LineEdge(zero + 1_500, "vote2", False),
        LineEdge(zero + 1_500, "key", True),
        LineEdge(zero + 1_510, "key", False),
        LineEdge(zero + 1_530, "key", True),
        LineEdge(zero + 1_560, "own", True),
    ]
    assert log.of("own") == log.edges[-1:]
    assert log.is_active("key")
    log.stop()
    lines.drive("own", False)
    await Timer(1, "ns")
    assert len(log.edges) == 6
