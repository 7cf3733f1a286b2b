# SPDX-License-Identifier: Apache-2.0
"""The launcher with the real interceptor logic behind it: what the fake can't show."""

from __future__ import annotations

import copy

import pytest

from hil.interceptor.twin import Twin
from hil.trace.events import Edge
from interfaces.wire import NS_PER_MS, NS_PER_S
from tests.hil.devices.launcher_rig import INTERCEPTOR, Rig, time_ns


def sequencer(rig: Rig) -> list[str]:
    return [state for _, state in rig.moves("sequencer")]


@pytest.mark.parametrize("variant", ["land", "sea"])
def test_a_whole_engagement(variant: str) -> None:
    """Every step of the interceptor is confirmed in its time, and it leaves."""
    rig = Rig(variant, body=Twin).to_away()
    assert sequencer(rig) == ["armed", "step_power", "step_unlock", "step_release", "away"]
    assert [away.cell for away in rig.aways()] == [1]
    rig.live(time_ns("away_time") + NS_PER_S)
    assert (rig.state, rig.cell_state(1)) == ("ready", "empty")


@pytest.mark.parametrize("after_ms", [0, 100, 200, 290])
def test_an_abort_in_the_sequence_never_releases(after_ms: int) -> None:
    rig = Rig(body=Twin).to_sequencing()
    rig.live(after_ms * NS_PER_MS)
    assert rig.write("abort_command", 1) == 0
    rig.live(NS_PER_S)
    assert sequencer(rig)[-1] == "safe"
    assert not [event for event in rig.trace if isinstance(event, Edge) and event.line == "release" and event.active]
    assert rig.aways() == []


def test_a_dud_hangs_and_misfires_on_both_sides() -> None:
    rig = Rig(body=Twin).to_misfire()
    assert rig.state == "misfire"
    assert sequencer(rig)[-3:] in (["step_release", "hang_fire", "misfire"], ["hang_fire", "misfire", "safe"])
    assert rig.aways() == []


def test_a_late_one_leaves_late_on_both_sides() -> None:
    rig = Rig(body=Twin)
    rig.disturb("hang_fire", (1, 2000))
    rig.to_sequencing().live(4 * NS_PER_S)
    assert "hang_fire" in sequencer(rig)
    assert "away" in sequencer(rig)
    assert [state for _, state in rig.moves()][-3:] == ["hang_fire", "away", "ready"]


def test_the_launchers_window_ends_before_the_interceptors() -> None:
    """At the last instant of the launcher's window the interceptor still takes the fire command."""
    rig = Rig(body=Twin).to_armed()
    armed_ns = next(at for at, state in rig.moves() if state == "armed")
    rig.live_to(armed_ns + time_ns("arm_window") - 1)
    assert rig.fire() == 0
    rig.live(NS_PER_S)
    assert len(rig.aways()) == 1
    assert time_ns("arm_window") < INTERCEPTOR.time_ns("arm_window")


def test_another_arming_of_the_same_cell() -> None:
    """After an abort the interceptor, powered anew, is armed again."""
    rig = Rig(body=Twin).to_armed()
    rig.write("abort_command", 1)
    rig.mode("standby")
    rig.mode("ready")
    assert rig.arm(1) == 0
    rig.live(NS_PER_S)
    assert rig.state == "armed"


def test_a_copy_in_mid_run_ends_alike() -> None:
    rig = Rig(body=Twin).to_sequencing()
    rig.run_to(rig.now_ns + 200 * NS_PER_MS)
    twin = copy.deepcopy(rig)
    rig.live(2 * NS_PER_S)
    twin.live(2 * NS_PER_S)
    assert twin.trace == rig.trace
