# SPDX-License-Identifier: Apache-2.0
"""Cells: who has power, hatches, hang-fire and misfire, and what a copy of a run does."""

from __future__ import annotations

import copy

from interfaces.wire import NS_PER_MS, NS_PER_S
from tests.hil.devices.launcher_rig import FakeInterceptor, Rig, time_ns


class Mute(FakeInterceptor):
    """Powered, but never answers."""

    def _message(self, now_ns, message, out):  # type: ignore[no-untyped-def]  # overrides a test double
        return


def test_only_the_selected_cell_has_power() -> None:
    """LCH-012: the others are neither powered nor spoken to."""
    rig = Rig(cells=3).to_armed(2)
    assert [body.active.get("power", False) for body in rig.bodies] == [False, True, False]
    assert [bool(body.heard) for body in rig.bodies] == [False, True, False]
    rig.mode("safe")
    assert rig.bodies[1].active["power"]
    rig.live(time_ns("power_hold") + NS_PER_MS)
    assert not rig.bodies[1].active["power"]
    rig.bodies[1].heard.clear()
    rig.live(NS_PER_S)
    assert rig.bodies[1].heard == []


def test_a_powered_interceptor_gets_heartbeats_pulses_and_the_time() -> None:
    rig = Rig().to_armed()
    heard = rig.bodies[0].heard
    heard.clear()
    rig.live(NS_PER_S)
    assert heard == ["heartbeat"] * 10


def test_another_cell_takes_the_power_at_once() -> None:
    rig = Rig().to_armed()
    rig.mode("safe")
    rig.mode("standby")
    rig.mode("ready")
    rig.arm(2)
    assert [body.active["power"] for body in rig.bodies] == [False, True]


def test_a_hatch_takes_its_time() -> None:
    """LCH-051: open in hatch_time, closed again in hatch_time."""
    rig = Rig("sea").to_arming()
    start_ns = rig.now_ns
    rig.live_to(start_ns + time_ns("hatch_time") - 1)
    assert not rig.flag("hatch_open")
    assert not rig.flag("hatch_closed")
    rig.run_to(start_ns + time_ns("hatch_time"))
    assert rig.flag("hatch_open")
    rig.live(NS_PER_S)
    assert rig.mode("safe") == 0
    closing_ns = rig.now_ns
    rig.live_to(closing_ns + time_ns("hatch_time") - 1)
    assert not rig.flag("hatch_closed")
    rig.run_to(closing_ns + time_ns("hatch_time"))
    assert rig.flag("hatch_closed")


def test_a_stuck_hatch_makes_a_dud() -> None:
    """LCH-013: not armed within arming_limit; the next cell can be used."""
    rig = Rig("sea")
    rig.disturb("hatch_stuck", 1)
    rig.to_arming()
    start_ns = rig.now_ns
    rig.live(time_ns("arming_limit"))
    assert rig.moves()[-1] == (start_ns + time_ns("arming_limit"), "safe")
    assert rig.cell_state(1) == "dud"
    rig.mode("standby")
    rig.mode("ready")
    assert rig.arm(2) == 0


def test_a_mute_interceptor_makes_a_dud() -> None:
    rig = Rig(body=Mute).to_arming()
    rig.live(time_ns("arming_limit"))
    assert (rig.state, rig.cell_state(1)) == ("safe", "dud")


def test_a_dud_is_a_hang_fire_then_a_misfire() -> None:
    """LCH-040, LCH-041: the cell is held, then written off; after safe the next one can be used."""
    rig = Rig().to_hang_fire()
    hung_ns = rig.moves()[-1][0]
    assert (rig.arm(2), rig.refusal) == (4, "not_ready")
    rig.live_to(hung_ns + time_ns("hang_fire_time") - 1)
    assert rig.state == "hang_fire"
    rig.run_to(hung_ns + time_ns("hang_fire_time"))
    assert (rig.state, rig.cell_state(1)) == ("misfire", "misfired")
    assert [rig.mode(mode) for mode in ("standby", "safe", "standby", "ready")] == [4, 0, 0, 0]
    assert (rig.arm(1), rig.refusal) == (4, "cell_unavailable")
    assert rig.arm(2) == 0
    assert rig.aways() == []


def test_separation_limit_to_the_nanosecond() -> None:
    """A late one leaves as a normal away before the limit and as a hang-fire from it on."""
    limit_ms = time_ns("separation_limit") // NS_PER_MS
    for late_ms, path in [(limit_ms - 1, []), (limit_ms + 1, ["hang_fire"])]:
        rig = Rig()
        rig.disturb("hang_fire", (1, late_ms))
        rig.to_sequencing().live(2 * NS_PER_S)
        assert [state for _, state in rig.moves() if state in ("hang_fire", "away")] == [*path, "away"]
        assert len(rig.aways()) == 1


def test_a_hang_fire_survives_a_fault_until_its_end() -> None:
    """A fault does not free the held cell: it is taken after the misfire."""
    rig = Rig().to_hang_fire()
    rig.disturb("fault", True)
    assert rig.state == "hang_fire"
    rig.live(time_ns("hang_fire_time"))
    assert rig.state == "fault"
    assert rig.cell_state(1) == "misfired"


def test_loss_of_power_in_a_hang_fire_writes_the_cell_off() -> None:
    rig = Rig().to_hang_fire()
    rig.disturb("reset")
    assert (rig.state, rig.cell_state(1)) == ("boot", "misfired")


def test_empty_when_no_cell_is_left() -> None:
    """LCH-042."""
    rig = Rig(cells=1).to_empty()
    assert (rig.state, rig.cell_state(1)) == ("empty", "empty")
    assert [rig.mode(mode) for mode in ("safe", "standby")] == [0, 0]
    assert rig.state == "empty"


def test_a_copy_in_mid_run_ends_alike() -> None:
    """Copied in the sequence, both halves make the same trace, and neither touches the other."""
    rig = Rig().to_sequencing()
    rig.run_to(rig.now_ns + 200 * NS_PER_MS)
    twin = copy.deepcopy(rig)
    before = list(twin.trace)
    rig.live(2 * NS_PER_S)
    assert twin.trace == before
    twin.live(2 * NS_PER_S)
    assert twin.trace == rig.trace
    assert len(rig.aways()) == len(twin.aways()) == 1
