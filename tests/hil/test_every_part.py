# SPDX-License-Identifier: Apache-2.0
"""Every part of a bench at work keeps the promises of `hil.part.Part`."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from hil.bench import Bench
from hil.compose import compose
from hil.plan import read_scenario
from hil.trace.recorder import Recorder
from interfaces.wire import NS_PER_S
from tests.suites.parts import Watched, check_state_is_data

SCENARIO = Path(__file__).parents[2] / "fixtures" / "scenarios" / "engagement.yaml"
IN_SEQUENCE_NS = 71 * NS_PER_S + NS_PER_S // 4  # between a fire order and its release
END_NS = 75 * NS_PER_S


@pytest.fixture(scope="module")
def bench() -> Bench:
    """The engagement, stopped in the middle of a launch sequence; every part is watched."""
    plan = read_scenario(SCENARIO)
    bench = compose(plan, Recorder(None, keep=True))
    for node in bench.nodes.values():
        node.part = Watched(node.part)
    bench.kernel.run_to(IN_SEQUENCE_NS)
    return bench


def test_kinds(bench: Bench) -> None:
    """Lines, pipes, devices, world, interceptors and controller have all been at work."""
    kinds = {type(node.part.part).__name__ for node in bench.nodes.values() if isinstance(node.part, Watched)}
    assert kinds >= {"Line", "Pipe", "Radar", "Launcher", "Twin", "World", "ReferenceController"}
    silent = {name for name, node in bench.nodes.items() if isinstance(node.part, Watched) and not node.part.said}
    assert all(".cell" in name or ".umbilical" in name for name in silent), "only cells not selected are silent"


def test_state_is_data(bench: Bench) -> None:
    """Nothing in any part's state stands in the way of a copy."""
    for node in bench.nodes.values():
        assert isinstance(node.part, Watched)
        check_state_is_data(node.part.part)


def test_copy_goes_on_alike(bench: Bench) -> None:
    """A copy taken in mid-sequence says word for word what the original says."""
    other = copy.deepcopy(bench)
    for one in (bench, other):
        one.kernel.run_to(END_NS)
    for name, node in bench.nodes.items():
        twin = other.nodes[name].part
        assert isinstance(node.part, Watched)
        assert isinstance(twin, Watched)
        assert node.part.part is not twin.part
        assert node.part.said == twin.said
    assert bench.recorder.data() == other.recorder.data()
