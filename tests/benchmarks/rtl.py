# SPDX-License-Identifier: Apache-2.0
"""The RTL's pace: beside the bare model, under cocotb beside its floor, whole engagements, real time."""

from __future__ import annotations

import functools
import statistics
import tempfile
import time
from pathlib import Path

from firmware_sim.bench.play import design
from firmware_sim.model.body import RtlBody
from firmware_sim.model.library import Cell
from firmware_sim.pins import Pins
from firmware_sim.simulate import need_simulator, run_cocotb
from firmware_sim.toolchain import AbsentError as NoToolError
from hil.run import Settings, run_scenario
from interfaces.spec.load import shipped
from interfaces.wire import NS_PER_MS, NS_PER_S
from tests.benchmarks.measure import AbsentError, Row, interleaved
from tests.suites.interceptor_rig import BODY, INTERLOCKS, Rig

ROOT = Path(__file__).parents[2]
SCENARIO = ROOT / "fixtures" / "scenarios" / "engagement.yaml"
CLOCKS, ROUNDS = 1_000_000, 5
SEQUENCE_NS = 2 * NS_PER_S


def powered() -> tuple[Cell, int]:
    """A model with power and every interlock, its first status slot still to come."""
    icd = shipped("interceptor")
    pins = Pins(icd)
    cell = Cell(icd, pins)
    for (line, _), (bit, low) in pins.wires.items():
        if line in ("power", "umbilical_intact", *INTERLOCKS):
            cell.drive(bit, not low)
    cell.skip(False)
    return cell, cell.clock


def bare() -> float:
    cell, _ = powered()
    begin = time.perf_counter()
    cell.run_blind(CLOCKS)
    return CLOCKS / (time.perf_counter() - begin)


def in_the_loop() -> float:
    cell, _ = powered()
    begin = time.perf_counter()
    while cell.run(CLOCKS) is not None:
        pass
    return CLOCKS / (time.perf_counter() - begin)


def engagement(interceptor: str) -> float:
    """Seconds for the ten minutes."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        result = run_scenario(SCENARIO, Settings(out=Path(folder), interceptor=interceptor))
        took_s = time.perf_counter() - begin
    assert result.exit_code == 0
    return took_s


def real_time_factor() -> float:
    """Bench time over the time it takes, one cell, from power through a launch and on, with its link alive."""
    icd = shipped("interceptor")
    rig = Rig(RtlBody(BODY, icd, 1), icd)
    begin = time.perf_counter()
    rig.bring_to("step_release")
    rig.run(50 * NS_PER_MS)
    rig.drive("umbilical_intact", active=False)
    rig.wait(SEQUENCE_NS)
    assert rig.state == "away"
    return rig.now_ns / NS_PER_S / (time.perf_counter() - begin)


def under_cocotb() -> dict[str, float]:
    """Clocks a second of the clock alone, and of UART ends at both pins besides."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        variables = {"HIL_SPEED": str(folder / "speed.txt"), "PYTHONPATH": str(ROOT)}
        run = run_cocotb(design(1), "tests.benchmarks.cocotb_speed", folder, variables=variables)
        assert not run.failures, run.failures
        lines = (folder / "speed.txt").read_text().splitlines()
    return {what: float(figure) for what, figure in (line.split() for line in lines)}


def rows() -> list[Row]:
    try:
        need_simulator()
    except NoToolError as error:
        raise AbsentError(str(error)) from error
    pace = interleaved({"bare": bare, "loop": in_the_loop}, ROUNDS)
    runs = interleaved({name: functools.partial(engagement, name) for name in ("twin", "rtl")}, 3)
    factor = statistics.median(real_time_factor() for _ in range(ROUNDS))
    cocotb = under_cocotb()
    floor, busy = cocotb["floor"], cocotb["busy"]
    share = pace["loop"] / pace["bare"]
    return [
        Row("bare Verilated model, clocks/s", f"{pace['bare']:,.0f}"),
        Row("RTL in the loop, unskipped, clocks/s", f"{pace['loop']:,.0f}", f"{share:.2f} x the bare model", "0.8 x"),
        Row("cocotb's floor (clock alone), clocks/s", f"{floor:,.0f}"),
        Row("cocotb bench with UART ends, clocks/s", f"{busy:,.0f}", f"{busy / floor:.2f} x the floor"),
        Row(
            "engagement with RTL",
            f"{runs['rtl']:.1f} s",
            f"{runs['rtl'] / runs['twin']:.2f} x twin",
            "10 s",
        ),
        Row("RTL with skipping, launch sequence, x real time", f"{factor:,.0f}", "", "1.5"),
    ]
