# SPDX-License-Identifier: Apache-2.0
"""A whole engagement in real time, against the reference controller as a process on a pty and TCP."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hil.run import LOG_NAME

SCENARIO = Path(__file__).parents[2] / "fixtures" / "scenarios" / "engagement_short.yaml"


@pytest.mark.timeout(150)
def test_engagement(tmp_path: Path) -> None:
    """pymodbus and pyserial on the other side of real ports: every verdict passes, the process among them."""
    command = [sys.executable, "-m", "hil", "run", str(SCENARIO), "--clock", "real", "--out", str(tmp_path), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{(tmp_path / LOG_NAME).read_text()}"
    outcomes = {verdict["requirement"]: verdict["outcome"] for verdict in json.loads(done.stdout)["verdicts"]}
    assert set(outcomes.values()) == {"pass"}
    assert "BENCH-1" in outcomes
