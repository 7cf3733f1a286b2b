# SPDX-License-Identifier: Apache-2.0
"""The reference controller's decisions in the corners that no scenario reaches: late aborts, silence, a reset.

Each test holds a mistake that the controller once made.
"""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tests.scenarios.mutations import controller_class

controller_class()  # puts the controller's folder on the module path
core, launcher_map, radar_map = sys.modules["core"], sys.modules["launcher_map"], sys.modules["radar_map"]
State, Cell, Holding = launcher_map.LauncherState, launcher_map.CellState, launcher_map.Holding
TrackState, Result = radar_map.TrackState, radar_map.Result
NAMES = ("first", "second")


class Rig:
    """A core with two launchers that are both ready, and one hostile track; a tick is 0.1 s."""

    def __init__(self, bearing_cdeg: int | None = None) -> None:
        views = sys.modules["views"]
        launchers = {name: views.Launcher((0, 359), bearing_cdeg) for name in NAMES}
        self.core = core.Core(views.Config(launchers))
        self.now_s = 0.0
        for name in NAMES:
            self.status(name, State.READY)
        self.tick()
        self.track()
        self.track()

    def status(self, name: str, state: Any, cell: Any = Cell.LOADED, hold_fire: bool = False) -> None:
        cells = (cell, Cell.LOADED, *(0,) * 14)
        status = launcher_map.LauncherStatus(state, 1, False, hold_fire, 0, cells)
        self.core.hear_launcher(name, status)

    def track(self, state: Any = TrackState.CONFIRMED) -> None:
        report = radar_map.Track(7, state, radar_map.Classification.HOSTILE, 45.0, 0.0)
        self.core.hear_radar(self.now_s, radar_map.Tracks((report,)))

    def tick(self, seconds: float = 0.1) -> list[tuple[str, Any]]:
        """The writes of these ticks, but for heartbeats and postures."""
        actions: list[Any] = []
        for _ in range(round(seconds / 0.1)):
            self.now_s += 0.1
            actions += self.core.tick(self.now_s)
        routine = (Holding.HEARTBEAT, Holding.POSTURE)
        writes = [action for action in actions if isinstance(action, core.Write)]
        return [(one.launcher, Holding(one.address)) for one in writes if one.address not in routine]

    def armed_first(self) -> None:
        """The first launcher gets the arm order and obeys."""
        assert self.tick() == [("first", Holding.ARM_CELL)]
        self.status("first", State.ARMING)


def test_an_interceptor_that_left_in_spite_of_an_abort_is_a_shot() -> None:
    """The abort came after the release: no second one is sent after it before the outcome."""
    rig = Rig()
    rig.armed_first()
    rig.status("first", State.SEQUENCING)
    rig.track(TrackState.COASTING)
    assert rig.tick() == [("first", Holding.ABORT)]
    rig.status("first", State.AWAY, Cell.AWAY)
    assert rig.tick() == []
    rig.track()
    rig.track()
    assert rig.tick() == []
    assert rig.core.tracks[7].shots == 1


def test_an_interceptor_that_left_unseen_is_a_shot() -> None:
    """No poll was answered while the launcher was in away: the empty cell tells it."""
    rig = Rig()
    rig.armed_first()
    rig.status("first", State.ARMED)
    assert rig.tick() == [("first", Holding.FIRE_CELL)]
    rig.status("first", State.READY, Cell.EMPTY)
    rig.track()
    assert rig.tick(1.5) == []
    assert rig.core.tracks[7].shots == 1


def test_an_arm_order_not_yet_seen_is_aborted_when_it_is() -> None:
    """The track goes in the tick after the order, before the launcher shows it."""
    rig = Rig()
    assert rig.tick() == [("first", Holding.ARM_CELL)]
    rig.track(TrackState.DROPPED)
    assert rig.tick() == []
    rig.status("first", State.ARMING)
    assert rig.tick() == [("first", Holding.ABORT)]


def test_an_abort_that_did_not_arrive_is_repeated() -> None:
    """After a second, not at every tick."""
    rig = Rig()
    rig.armed_first()
    rig.track(TrackState.DROPPED)
    assert rig.tick() == [("first", Holding.ABORT)]
    assert rig.tick(0.9) == []
    assert rig.tick(0.2) == [("first", Holding.ABORT)]


@pytest.mark.parametrize(("seconds", "orders"), [(2.9, []), (3.3, [("second", Holding.ARM_CELL)])])
def test_another_launcher_takes_over_from_a_silent_one(seconds: float, orders: list[Any]) -> None:
    """When the silent one has lost the heartbeat, and so is safe; not before."""
    rig = Rig()
    rig.armed_first()
    rig.core.lose_launcher("first")
    taken: list[Any] = []
    while rig.now_s < seconds:
        rig.track()
        taken += rig.tick()
    assert taken == orders


def test_a_silent_launcher_with_a_fire_order_may_have_fired() -> None:
    """Nobody else fires at its track before the outcome."""
    rig = Rig()
    rig.armed_first()
    rig.status("first", State.ARMED)
    assert rig.tick() == [("first", Holding.FIRE_CELL)]
    rig.core.lose_launcher("first")
    for _ in range(50):
        rig.track()
        assert rig.tick() == []


def test_a_launcher_that_forgot_hold_fire_is_told_again() -> None:
    """It was switched off and on while fire was held; once a second is enough."""
    rig = Rig()
    rig.core.hold_fire = True
    assert rig.tick() == [("first", Holding.HOLD_FIRE), ("second", Holding.HOLD_FIRE)]
    for name in NAMES:
        rig.status(name, State.READY, hold_fire=True)
    assert rig.tick(2.0) == []
    rig.status("second", State.READY, hold_fire=False)
    assert rig.tick() == [("second", Holding.HOLD_FIRE)]
    assert rig.tick() == []


def test_a_drive_that_was_halted_is_trained_again() -> None:
    """What makes a launcher safe halts its drive where it is."""
    rig = Rig(bearing_cdeg=4500)
    assert ("first", Holding.BEARING) in rig.tick()
    assert ("first", Holding.BEARING) not in rig.tick()
    rig.status("first", State.SAFE)
    rig.tick()
    rig.status("first", State.STANDBY)
    assert ("first", Holding.BEARING) in rig.tick()


def test_a_hit_aborts_what_is_armed_for_the_same_track() -> None:
    """An earlier flight, long given up, ends after all."""
    rig = Rig()
    rig.armed_first()
    rig.core.hear_radar(rig.now_s, radar_map.Outcome(7, Result.HIT))
    assert rig.tick() == [("first", Holding.ABORT)]


def test_the_tracks_of_a_radar_in_fault_are_gone() -> None:
    """It reports that by its status alone; its test is the way out, asked for once a second."""
    rig = Rig()
    rig.armed_first()
    rig.core.hear_radar(rig.now_s, radar_map.Status(radar_map.RadarState.FAULT, 0))
    assert rig.tick() == [("first", Holding.ABORT)]
    actions = [one for tenths in range(1, 26) for one in rig.core.tick(rig.now_s + tenths / 10)]
    assert [one.message for one in actions if isinstance(one, core.Tell)] == ["run_test"] * 2


def test_a_launcher_in_fault_is_reset_until_it_obeys() -> None:
    """Its fault may be gone; while it is there the launcher refuses. It is asked once a second."""
    rig = Rig()
    rig.armed_first()
    rig.status("first", State.FAULT)
    assert [write for write in rig.tick(2.5) if write[0] == "first"] == [("first", Holding.MODE)] * 2
