# SPDX-License-Identifier: Apache-2.0
"""The components of RTL benches, run against each other under both simulators."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware_sim.simulate import run_cocotb
from firmware_sim.simulators import Design
from tests.firmware_sim.tools import DESIGNS, assert_passed, design_for

WIRES = Design("wires", (DESIGNS / "wires.sv",))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("simulator", ["verilator", "icarus"])
@pytest.mark.parametrize("seed", [1, 20_260_115])
def test_uart(simulator: str, seed: int, tmp_path: Path) -> None:
    """Source and monitor, at every rate and format, with each wrongness."""
    design = design_for(simulator, WIRES)
    run = run_cocotb(design, "firmware_sim.bench.bench_uart", tmp_path, simulator=simulator, seed=seed)
    assert_passed(
        run, "random_data_at_every_rate_and_format", "each_wrongness_is_heard_as_that_one", "rates_that_are_off"
    )


@pytest.mark.timeout(300)
@pytest.mark.parametrize("simulator", ["verilator", "icarus"])
def test_clock_and_lines(simulator: str, tmp_path: Path) -> None:
    """Each test on a simulation of its own: the clock begins at zero."""
    design = design_for(simulator, WIRES)
    for only in ("edges_are_counted", "lines_are_driven", "edges_are_kept"):
        run = run_cocotb(design, "firmware_sim.bench.bench_pins", tmp_path / only, simulator=simulator, only=only)
        assert_passed(run)
