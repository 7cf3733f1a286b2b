# SPDX-License-Identifier: Apache-2.0
"""Track numbers and gates, without the radar around them."""

from __future__ import annotations

import pytest

from hil.devices.radar_options import RadarOptions
from hil.devices.radar_sensor import Measured, Sector, turn
from hil.devices.radar_tracker import Tracker
from interfaces.spec.load import shipped
from interfaces.wire import NS_PER_S

ICD = shipped("radar")
BLOCK = ICD.constant("track_numbers")


def measured(range_m: int = 20_000, bearing_cdeg: int = 0, speed_mps: int = 0) -> Measured:
    return Measured(range_m, bearing_cdeg, 0, speed_mps, "unknown", "")


def tracker(**options: int) -> Tracker:
    return Tracker("radar1", ICD, RadarOptions(**options))


def test_a_number_comes_again_only_after_all_others() -> None:
    """RAD-026: the whole block in turn, then from its begin; the one still in use is left out."""
    made = tracker(first_track=500)
    made.scan(0, [measured()])
    made.scan(1, [measured()])
    kept = made.tracks[500]
    given = []
    for scan in range(BLOCK + 1):
        made.tracks = {500: kept}
        made.scan(scan + 2, [measured(), measured(range_m=90_000)])
        given.append(max(made.tracks, key=list(made.tracks).index))
    assert given[:BLOCK] == [*range(501, 500 + BLOCK), 501]
    assert made.owns(499 + BLOCK)
    assert not made.owns(500 + BLOCK)


@pytest.mark.parametrize(("away_m", "tracks"), [(699, 1), (700, 1), (701, 2)])
def test_the_range_gate_is_what_speed_explains_and_a_margin(away_m: int, tracks: int) -> None:
    """100 m/s for 2 s and a gate of 500 m: 700 m and no more."""
    made = tracker(gate_range_m=500)
    made.scan(0, [measured(speed_mps=100)])
    made.scan(2 * NS_PER_S, [measured(range_m=20_000 + away_m)])
    assert len(made.tracks) == tracks


@pytest.mark.parametrize(("bearing_cdeg", "tracks"), [(200, 1), (201, 2), (35_800, 1), (35_799, 2)])
def test_the_bearing_gate_goes_across_north(bearing_cdeg: int, tracks: int) -> None:
    """200 cdeg either side, through 360 degrees."""
    made = tracker(gate_angle_cdeg=200)
    made.scan(0, [measured()])
    made.scan(NS_PER_S, [measured(bearing_cdeg=bearing_cdeg)])
    assert len(made.tracks) == tracks


def test_a_false_alarm_takes_no_label_away() -> None:
    """A track of a target that a false alarm feeds keeps target and classification, and takes the measurement."""
    made = tracker()
    made.scan(0, [Measured(20_000, 0, 0, 0, "hostile", "raider")])
    made.scan(NS_PER_S, [measured(20_100)])
    track = made.tracks[1]
    assert (track.target, track.classification, track.measured.range_m) == ("raider", "hostile", 20_100)
    made.scan(2 * NS_PER_S, [Measured(20_100, 0, 0, 0, "friendly", "airliner")])
    assert (track.target, track.classification) == ("airliner", "friendly")


def test_the_nearest_measurement_wins() -> None:
    """Two in the gates: the nearer one belongs to the track, the other opens one."""
    made = tracker()
    made.scan(0, [measured()])
    made.scan(NS_PER_S, [measured(20_300), measured(20_100)])
    assert [track.measured.range_m for track in made.tracks.values()] == [20_100, 20_300]


@pytest.mark.parametrize(
    ("centre", "width", "bearing", "held"),
    [(0, 2_000, 35_000, True), (0, 2_000, 34_999, False), (0, 2_000, 1_000, True), (0, 36_000, 18_000, True)],
)
def test_a_sector_reaches_across_north(centre: int, width: int, bearing: int, held: bool) -> None:
    """Edges belong to it; a whole turn holds everything."""
    assert Sector(centre, width).holds(bearing) is held
    assert -18_000 <= turn(centre, bearing) < 18_000
