# SPDX-License-Identifier: Apache-2.0
"""`--clock rtl`: a scenario played inside a cocotb simulation, the launchers at the RTL's pins, waves where wanted."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from pathlib import Path

import msgspec

from firmware_sim.bench.order import ORDER, Order, Played
from firmware_sim.model.library import COUNTERS
from firmware_sim.simulate import run_cocotb
from firmware_sim.simulators import Design
from firmware_sim.sources import read_files
from firmware_sim.toolchain import BuildError
from hil.plan import Plan
from hil.run import Result, Settings
from hil.verdicts.model import worst
from interfaces.errors import BenchError

TOP = "loop_tb"
TESTBENCH = Path(__file__).with_name("loop_tb.sv")
SEATS = 4  # cells with power at once
_MODULE = "firmware_sim.bench.in_loop"


def design(seats: int = SEATS) -> Design:
    """The interceptors side by side."""
    return Design(TOP, (*read_files(), COUNTERS, TESTBENCH), {"Seats": seats})


def play(path: Path, plan: Plan, settings: Settings, trace: Path | None) -> Result:
    """Raises a `BenchError` without the tools, or when the scenario cannot be played to its end."""
    with tempfile.TemporaryDirectory(prefix="hil-rtl-") as name:
        folder = Path(name)
        order, answer = folder / "order.json", folder / "answer.json"
        order.write_bytes(msgspec.json.encode(_order(path, settings, trace, answer)))
        waves = settings.waves.absolute() if settings.waves is not None else None
        with contextlib.redirect_stdout(sys.stderr):  # results alone go to standard output
            run = run_cocotb(design(), _MODULE, folder, waves=waves, seed=plan.seed, variables={ORDER: str(order)})
        if not answer.exists():
            raise BuildError(f"{path}: the simulation ended before the scenario did", run.failures)
        played = msgspec.json.decode(answer.read_bytes(), type=Played)
    if played.problem:
        raise BenchError(played.problem)
    outcome = worst(verdict.outcome for verdict in played.verdicts)
    return Result(played.verdicts, outcome, trace, played.end_ns, f"{played.stepped:,} clocks of RTL stepped")


def _order(path: Path, settings: Settings, trace: Path | None, answer: Path) -> Order:
    return Order(
        str(path.absolute()),
        SEATS,
        str(answer),
        str(trace.absolute()) if trace is not None else None,
        settings.seed,
        _absolute(settings.controller),
        {kind: _absolute(name) or name for kind, name in settings.devices.items()},
    )


def _absolute(name: str | None) -> str | None:
    """A class named by its file, as the simulation, which runs in a folder of its own, finds it."""
    where, colon, attribute = (name or "").rpartition(":")
    return f"{Path(where).absolute()}{colon}{attribute}" if where.endswith(".py") else name
