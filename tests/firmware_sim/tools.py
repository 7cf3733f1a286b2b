# SPDX-License-Identifier: Apache-2.0
"""What tests of RTL share: skipped where a tool is absent, failed there under CI; every outcome asserted."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware_sim.flatten import flatten_for_icarus
from firmware_sim.simulate import Run, need_simulator
from firmware_sim.simulators import Design
from firmware_sim.toolchain import AbsentError

DESIGNS = Path(__file__).with_name("designs")


def need(*checks: Callable[[], object]) -> None:
    """Skip where a check says that a tool is absent; under CI it must be there."""
    for check in checks:
        try:
            check()
        except AbsentError as error:
            if os.environ.get("CI"):
                pytest.fail(str(error))
            pytest.skip(str(error))


def design_for(simulator: str, design: Design) -> Design:
    """The design as a simulator takes it, or the test is skipped."""
    need(lambda: need_simulator(simulator))
    if simulator != "icarus":
        return design
    flat: list[Path] = []
    need(lambda: flat.append(flatten_for_icarus(design.sources, design.top, design.parameters)))
    return Design(design.top, tuple(flat))


def assert_passed(run: Run, *tests: str) -> None:
    """Every cocotb test passed, and those named were among them."""
    assert not run.failures, run.failures
    ran = {one.test.rpartition(".")[2] for one in run.outcomes}
    assert set(tests) <= ran
