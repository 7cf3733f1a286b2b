# SPDX-License-Identifier: Apache-2.0
"""Every scenario that ships ends with the verdicts written beside it, and says the same each time."""

from __future__ import annotations

import copy
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hil.clocks.virtual import VirtualClock
from hil.compose import compose
from hil.plan import read_scenario
from hil.run import EXIT_CODES, TRACE_NAME, Settings, conclude, head, run_scenario
from hil.trace.recorder import Recorder
from hil.verdicts.model import Outcome, worst

FOLDER = Path(__file__).parents[2] / "fixtures" / "scenarios"
SCENARIOS = sorted(FOLDER.glob("*.yaml"))
VIRTUAL = [path for path in SCENARIOS if path.stem != "engagement_short"]  # whose controller is a process
SAMPLE_SEEDS, VOLUME_SEEDS = (2,), range(4, 54)
THRICE = ("0", "1", "4711")


def outcomes(path: Path, seed: int | None = None) -> dict[str, str]:
    """The outcome of each requirement that the scenario itself states."""
    result = run_scenario(path, Settings(seed=seed))
    return {verdict.requirement: verdict.outcome.value for verdict in result.verdicts}


def test_all_are_here() -> None:
    """The scenarios of the mission are there, and each expects a verdict of every requirement."""
    names = {path.stem for path in SCENARIOS}
    lost = {"dropped_track", "radar_fault"}
    assert names >= {"engagement", "friendly", "hold_fire", "two_threats", "dud_cell", "quiet"} | lost
    for path in SCENARIOS:
        plan = read_scenario(path)
        assert set(plan.expect) == {requirement.id for requirement in plan.requirements}


@pytest.mark.parametrize("path", VIRTUAL, ids=lambda path: path.stem)
def test_verdicts(path: Path) -> None:
    """With the scenario's own seed; the exit code is that of the worst of them."""
    expected = dict(read_scenario(path).expect)
    result = run_scenario(path, Settings())
    assert {verdict.requirement: verdict.outcome.value for verdict in result.verdicts} == expected
    assert result.exit_code == EXIT_CODES[worst(Outcome(name) for name in expected.values())]


@pytest.mark.parametrize("seed", SAMPLE_SEEDS)
@pytest.mark.parametrize("path", VIRTUAL, ids=lambda path: path.stem)
def test_verdicts_of_other_seeds(path: Path, seed: int) -> None:
    """Noise, chance detections and false alarms do not change them."""
    assert outcomes(path, seed) == dict(read_scenario(path).expect)


@pytest.mark.volume
@pytest.mark.timeout(900)
@pytest.mark.parametrize("path", VIRTUAL, ids=lambda path: path.stem)
def test_verdicts_of_many_seeds(path: Path) -> None:
    """Fifty of them."""
    expected = dict(read_scenario(path).expect)
    assert {seed: got for seed in VOLUME_SEEDS if (got := outcomes(path, seed)) != expected} == {}


def test_same_bytes_three_times(tmp_path: Path) -> None:
    """Three processes with different hash seeds write the same trace; another seed writes another."""
    scenario = FOLDER / "hold_fire.yaml"
    digests = []
    for number, hash_seed in enumerate((*THRICE, "0")):
        folder = tmp_path / str(number)
        command = [sys.executable, "-m", "hil", "run", str(scenario), "--out", str(folder)]
        if number == len(THRICE):
            command += ["--seed", "99"]
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)
        digests.append(hashlib.sha256((folder / TRACE_NAME).read_bytes()).hexdigest())
    assert len(set(digests[: len(THRICE)])) == 1
    assert digests[-1] != digests[0]


@pytest.mark.parametrize("name", ["hold_fire", "dud_cell"])
def test_copy_at_half_time(name: str, tmp_path: Path) -> None:
    """A run copied at half time ends, both halves, with the uncut run's bytes."""
    uncut = run_scenario(FOLDER / f"{name}.yaml", Settings(out=tmp_path))
    assert uncut.trace is not None
    plan = read_scenario(FOLDER / f"{name}.yaml")
    recorder = Recorder(None, keep=True)
    recorder.add(head(plan, "virtual"))
    bench = compose(plan, recorder)
    VirtualClock().run(bench.kernel, plan.duration_ns // 2)
    other = copy.deepcopy(bench)
    for one in (bench, other):
        VirtualClock().run(one.kernel, plan.duration_ns)
        conclude(one, plan)
        assert one.recorder.data() == uncut.trace.read_bytes()
