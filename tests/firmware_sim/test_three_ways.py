# SPDX-License-Identifier: Apache-2.0
"""A scenario ends alike with the twin, with the RTL as a library, and with the RTL at its pins in a simulator."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware_sim.simulate import need_simulator
from firmware_sim.toolchain import toolchain
from hil.plan import read_scenario
from hil.run import Settings, run_scenario
from hil.trace.compare import compare
from hil.trace.query import read
from tests.firmware_sim.tools import need

FOLDER = Path(__file__).parents[2] / "fixtures" / "scenarios"
VIRTUAL = sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != "engagement_short")
SAMPLE = ("engagement", "hold_fire")
SEEDS = (None, 7, 8, 9)


@pytest.fixture(autouse=True)
def tools() -> None:
    need(toolchain, need_simulator)


def trace_of(name: str, settings: Settings) -> Path:
    """The trace of a run, whose verdicts must be those that the scenario expects."""
    path = FOLDER / f"{name}.yaml"
    result = run_scenario(path, settings)
    assert {one.requirement: one.outcome.value for one in result.verdicts} == dict(read_scenario(path).expect)
    assert result.trace is not None
    return result.trace


def assert_alike(one: Path, other: Path) -> None:
    """The same edges, states and answers, to the nanosecond."""
    comparison = compare(read(one), read(other))
    assert [str(difference) for difference in comparison.differences] == []
    assert sum(comparison.counts.values()) > 0


@pytest.mark.timeout(600)  # the first one builds the library
@pytest.mark.parametrize("name", SAMPLE)
def test_library(name: str, tmp_path: Path) -> None:
    """`--interceptor rtl` on the virtual clock."""
    twin = trace_of(name, Settings(out=tmp_path / "twin"))
    assert_alike(twin, trace_of(name, Settings(out=tmp_path / "rtl", interceptor="rtl")))


@pytest.mark.timeout(600)  # the first one builds the simulation
@pytest.mark.parametrize("name", SAMPLE)
def test_simulation(name: str, tmp_path: Path) -> None:
    """`--clock rtl`: the whole scenario; what is quiet takes no simulation time."""
    twin = trace_of(name, Settings(out=tmp_path / "twin"))
    assert_alike(twin, trace_of(name, Settings(out=tmp_path / "rtl", clock="rtl")))


@pytest.mark.volume
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", VIRTUAL)
def test_every_scenario(name: str, seed: int | None, tmp_path: Path) -> None:
    """All three ways, with the scenario's own seed and others."""
    twin = trace_of(name, Settings(out=tmp_path / "twin", seed=seed))
    assert_alike(twin, trace_of(name, Settings(out=tmp_path / "library", seed=seed, interceptor="rtl")))
    assert_alike(twin, trace_of(name, Settings(out=tmp_path / "pins", seed=seed, clock="rtl")))


@pytest.mark.volume
@pytest.mark.timeout(400)
def test_waves(tmp_path: Path) -> None:
    """The file is there, is FST, and holds something."""
    waves = tmp_path / "waves" / "out.fst"
    run_scenario(FOLDER / "first.yaml", Settings(clock="rtl", waves=waves))
    assert waves.stat().st_size > 100
