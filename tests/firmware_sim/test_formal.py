# SPDX-License-Identifier: Apache-2.0
"""Every proof passes, every cover point is reached, and a proof over RTL that is wrong fails."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from firmware_sim.formal.prove import PASS, names, need_prover, prove
from firmware_sim.sources import RTL
from tests.firmware_sim.tools import need

#: proof (its source has the same name), what stands there, what is planted
PLANTS = [
    ("sequencer", "lines_i.key_a && lines_i.key_b &&", "lines_i.key_a &&"),
    ("sequencer", "spent_q <= 1'b1;", "spent_q <= 1'b0;"),
    ("command_decoder", "if (!fresh_q) reason_o = ReasonStaleSequence;\n    else if", "if"),
    ("status_slot", "begin_o = comes && intact_i;", "begin_o = comes;"),
    ("debounce", "else if (count_q == LastCount) begin", "else if (count_q == LastCount - 1) begin"),
]


@pytest.fixture(autouse=True)
def tools() -> None:
    need(need_prover)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", names())
def test_proof(name: str) -> None:
    for proof in prove(name):
        assert proof.outcome == PASS, proof.log


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("name", "sound", "planted"), PLANTS)
def test_planted_violation_fails(name: str, sound: str, planted: str, tmp_path: Path) -> None:
    """The proof is awake."""
    shutil.copytree(RTL, tmp_path / "rtl")
    path = tmp_path / "rtl" / f"{name}.sv"
    text = path.read_text()
    assert text.count(sound) == 1
    path.write_text(text.replace(sound, planted))
    outcomes = {proof.task: proof.outcome for proof in prove(name, tmp_path / "rtl") if "prove" in proof.task}
    assert "FAIL" in outcomes.values(), outcomes
