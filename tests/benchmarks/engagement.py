# SPDX-License-Identifier: Apache-2.0
"""The engagement (600 s, one radar, four launchers polled at 10 Hz) on the virtual clock, its trace written."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from hil.run import Settings, run_scenario
from tests.benchmarks.measure import Row

SCENARIO = Path(__file__).parents[2] / "fixtures" / "scenarios" / "engagement.yaml"
ROUNDS = 3


def once() -> float:
    """Seconds of scenario a second, from file to verdicts."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        result = run_scenario(SCENARIO, Settings(out=Path(folder)))
        took_s = time.perf_counter() - begin
    assert result.exit_code == 0
    return result.end_ns / 1e9 / took_s


def rows() -> list[Row]:
    multiple = statistics.median(once() for _ in range(ROUNDS))
    return [Row("engagement, multiple of real time", f"{multiple:,.0f}", "", "1,000")]
