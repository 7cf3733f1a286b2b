# SPDX-License-Identifier: Apache-2.0
"""The run of a scenario inside the simulator: a cocotb test that `play.py` starts, with the order in a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import cocotb
import msgspec

from firmware_sim.bench.order import ORDER, Order, Played
from firmware_sim.bench.pins_body import PinsBody
from firmware_sim.bench.rtl_clock import RtlClock
from hil.compose import INTERCEPTOR, compose
from hil.plan import read_scenario
from hil.run import conclude, head
from hil.trace.recorder import Recorder
from interfaces.errors import BenchError
from interfaces.spec.load import shipped

CLOCK = "rtl"


@cocotb.test()
async def play(dut: Any) -> None:
    order = msgspec.json.decode(Path(os.environ[ORDER]).read_bytes(), type=Order)
    try:
        played = await _play(dut, order)
    except BenchError as error:
        played = Played(problem=str(error))
    Path(order.answer).write_bytes(msgspec.json.encode(played))


async def _play(dut: Any, order: Order) -> Played:
    plan = read_scenario(Path(order.scenario), order.seed, order.controller, order.devices)
    recorder = Recorder(Path(order.trace) if order.trace is not None else None, keep=True)
    recorder.add(head(plan, CLOCK, CLOCK))
    bench = compose(plan, recorder, interceptor=PinsBody)
    clock = RtlClock(dut, shipped(INTERCEPTOR), order.seats)
    try:
        await clock.start()
        await clock.run(bench, plan.duration_ns)
    except BaseException as error:  # what led to it is in the trace: none of it may be lost
        recorder.close(f"ended by {type(error).__name__}", bench.kernel.now_ns)
        raise
    return Played(conclude(bench, plan), plan.duration_ns, clock.stepped)
