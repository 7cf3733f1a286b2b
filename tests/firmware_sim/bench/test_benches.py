# SPDX-License-Identifier: Apache-2.0
"""Every bench of the RTL passes, with every cocotb test in it; the plain ones under both simulators."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware_sim.benches import BENCHES, RtlBench
from tests.firmware_sim.tools import assert_passed, design_for

_ON_BOTH = [bench for bench in BENCHES if bench.both]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("bench", BENCHES, ids=lambda bench: bench.name)
def test_under_verilator(bench: RtlBench, tmp_path: Path) -> None:
    assert_passed(bench.run(tmp_path, design_for("verilator", bench.design)))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("bench", _ON_BOTH, ids=lambda bench: bench.name)
def test_under_icarus(bench: RtlBench, tmp_path: Path) -> None:
    assert_passed(bench.run(tmp_path, design_for("icarus", bench.design), "icarus"))


@pytest.mark.volume
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(2, 8))
@pytest.mark.parametrize("bench", BENCHES, ids=lambda bench: bench.name)
def test_more_seeds(bench: RtlBench, seed: int, tmp_path: Path) -> None:
    assert_passed(bench.run(tmp_path, design_for("verilator", bench.design), seed=seed))
