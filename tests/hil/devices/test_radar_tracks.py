# SPDX-License-Identifier: Apache-2.0
"""The radar's scans, tracks and track reports, through its line."""

from __future__ import annotations

from typing import Any

import pytest

from interfaces.wire import NS_PER_MS, NS_PER_S, Transmit
from tests.hil.devices.radar_rig import CERTAIN, ICD, READY_NS, SCAN_NS, in_state, plot, seconds


@pytest.mark.parametrize("posture", ["normal", "raised", "high"])
def test_posture_sets_the_scan_period(posture: str) -> None:
    """RAD-020: scans are one period of the posture apart, the first one a period after search."""
    rig = in_state("standby")
    rig.send("set_posture", {"posture": posture})
    rig.command("search")
    rig.run(seconds(10))
    period_ns = ICD.time_ns(f"scan_{posture}")
    assert rig.looks_ns == [READY_NS + n * period_ns for n in range(1, seconds(10) // period_ns + 1)]
    assert rig.status["scan_period"] == period_ns // NS_PER_MS


def test_a_raised_posture_brings_the_next_scan_forward() -> None:
    """The next scan comes one new period after the last; at once when that has passed already."""
    rig = in_state("search")
    rig.run(SCAN_NS + seconds(0.4))
    rig.command("set_posture")
    rig.run(seconds(1.5))
    assert rig.looks_ns == [READY_NS + SCAN_NS, READY_NS + SCAN_NS + NS_PER_S]
    rig.send("set_posture", {"posture": "normal"})
    rig.run(seconds(1.05))
    rig.command("set_posture")
    assert rig.looks_ns[2:] == [rig.now_ns]


@pytest.mark.parametrize(
    ("pattern", "state", "scan"),
    [
        ("+++", "confirmed", 3),
        ("++-+", "confirmed", 4),
        ("+--++", "confirmed", 5),
        ("+---", "dropped", 4),
        ("++---", "dropped", 5),
        ("+--+-", "dropped", 5),
    ],
)
def test_m_of_n(pattern: str, state: str, scan: int) -> None:
    """RAD-021: 3 detections within 5 scans confirm as soon as they are there; out of reach, the track is dropped."""
    rig = in_state("search")
    for number, mark in enumerate(pattern, 1):
        assert rig.track_states() == []
        rig.plots = [plot(ppm=CERTAIN if mark == "+" else 0)]
        rig.run(SCAN_NS)
        assert number <= scan
    assert rig.track_states() == [state]
    assert rig.reports[-1][0]["state"] == state


LAST_NS = READY_NS + 3 * SCAN_NS
COAST_NS = LAST_NS + ICD.time_ns("coast_time")
DROP_NS = COAST_NS + ICD.time_ns("drop_time")


@pytest.mark.parametrize(
    ("at_ns", "state"),
    [
        (COAST_NS - 1, "confirmed"),
        (COAST_NS, "coasting"),
        (COAST_NS + 1, "coasting"),
        (DROP_NS - 1, "coasting"),
        (DROP_NS, "dropped"),
        (DROP_NS + 1, "dropped"),
    ],
)
def test_a_track_coasts_and_is_dropped_at_its_nanosecond(at_ns: int, state: str) -> None:
    """RAD-022, RAD-023, RAD-024: and the radar goes back to search at the drop."""
    rig = in_state("track")
    rig.plots = []
    rig.run_to(at_ns)
    assert rig.track_states()[-1] == state
    assert rig.status["state"] == ("search" if state == "dropped" else "track")


def test_a_detection_confirms_a_coasting_track_again() -> None:
    """RAD-022: the time counts from the last detection, and the track keeps its number."""
    rig = in_state("track")
    rig.plots = []
    rig.run(2 * SCAN_NS)
    rig.plots = [plot()]
    rig.run(SCAN_NS)
    assert rig.track_states() == ["confirmed", "coasting", "confirmed"]
    rig.run(10 * SCAN_NS)
    assert rig.track_states()[-1] == "confirmed"
    assert {track["number"] for report in rig.reports for track in report} == {1}


def test_a_report_tells_the_age_and_the_quality_of_a_track() -> None:
    """Age counts from the last detection, quality is the share of the last five scans."""
    rig = in_state("track")
    rig.run(2 * SCAN_NS)
    rig.plots = []
    rig.run(2 * SCAN_NS)
    assert [report[0]["age"] for report in rig.reports[-4:]] == [0, 0, 2_000, 4_000]
    assert [report[0]["quality"] for report in rig.reports] == [20, 40, 60, 80, 100, 80, 60]


def test_a_dropped_track_is_reported_once_more() -> None:
    """RAD-030: once in each scan, and once as dropped; then nothing."""
    rig = in_state("track")
    rig.disturb("drop_track", 1)
    rig.plots = []
    rig.run(5 * SCAN_NS)
    assert [report[0]["state"] for report in rig.reports] == ["tentative", "tentative", "confirmed", "dropped"]


def test_tracks_are_cleared_without_report() -> None:
    """RAD-031: standby, then search: the old track is gone, and its number is not given again."""
    rig = in_state("track")
    rig.command("standby")
    assert rig.status["track_count"] == 0
    reports, looks = len(rig.reports), len(rig.looks_ns)
    rig.run(2 * SCAN_NS)
    assert (len(rig.reports), len(rig.looks_ns)) == (reports, looks)
    rig.command("search")
    rig.run(SCAN_NS)
    assert [track["number"] for track in rig.reports[-1]] == [2]


def crowd(count: int) -> list[Any]:
    return [
        plot(f"t{n}", range_m=10_000 + 5_000 * (n // 40), bearing_cdeg=900 * (n % 40), speed_mps=100)
        for n in range(count)
    ]


def test_two_hundred_tracks_fit_the_line() -> None:
    """200 tracks at the fastest scan: each is reported once a scan, and the line never falls behind a reply's limit."""
    rig = in_state("standby")
    rig.command("set_posture")
    rig.plots = crowd(200)
    rig.command("search")
    rig.run(seconds(6))
    assert rig.status["track_count"] == 200
    latest = [fields for _, name, fields in rig.heard if name == "track_report" and fields["scan"] == 5]
    numbers = [track["number"] for fields in latest for track in fields["tracks"]]
    assert len(numbers) == len(set(numbers)) == 200
    assert [fields["last"] for fields in latest] == [False] * 16 + [True]
    assert ICD.messages is not None
    bit_rate = ICD.serial["line"].bit_rate_bps
    sent = [(now_ns, item.data) for now_ns, (_, item) in rig.out if type(item) is Transmit]
    free_ns = 0
    for now_ns, data in sent:
        free_ns = max(free_ns, now_ns) + len(data) * 10 * NS_PER_S // bit_rate
        assert free_ns - now_ns < ICD.time_ns("reply_time")


def test_what_is_left_of_a_scan_is_not_reported_after_standby() -> None:
    """RAD-031: between two reports of a scan the mode changes; the second one is not sent, not even in a new search."""
    rig = in_state("search")
    rig.plots = crowd(20)
    rig.run(SCAN_NS)
    assert [len(report) for report in rig.reports] == [12]
    rig.command("standby")
    rig.command("search")
    rig.run(SCAN_NS // 2)
    assert len(rig.reports) == 1


@pytest.mark.parametrize(("range_m", "seen"), [(200_004, True), (200_005, False)])
def test_nothing_beyond_the_reported_range_is_detected(range_m: int, seen: bool) -> None:
    """The ICD's range field ends at 200 km; a target is measured in its steps of 10 m."""
    rig = in_state("search", noise_range_m=0)
    rig.plots = [plot(range_m=range_m)]
    rig.run(SCAN_NS)
    assert [report[0]["range"] for report in rig.reports] == ([200_000] if seen else [])


def test_the_tracks_it_has_no_room_for_are_told() -> None:
    """No more than tracks_max are opened, and status says overload."""
    rig = in_state("search")
    rig.plots = crowd(ICD.constant("tracks_max") + 1)
    rig.run(3 * SCAN_NS)
    status = rig.status
    assert (status["track_count"], status["overload"]) == (ICD.constant("tracks_max"), True)
    rig.plots = crowd(200)
    rig.run(SCAN_NS)
    assert rig.status["overload"] is False


def test_tracks_follow_measurements_and_not_labels() -> None:
    """Two targets whose labels are exchanged keep the tracks where they are; the world is told the new labels."""
    rig = in_state("search")
    here, there = {"range_m": 20_000}, {"range_m": 60_000}
    rig.plots = [plot("a", **here), plot("b", **there)]
    rig.run(3 * SCAN_NS)
    rig.plots = [plot("b", **here), plot("a", **there)]
    rig.run(SCAN_NS)
    near, far = rig.reports[-1]
    assert near["number"] == 1
    assert near["range"] < far["range"]
    told = [(item.track, item.target) for _, (port, item) in rig.out if port == "world" and hasattr(item, "track")]
    assert told == [(1, "a"), (2, "b"), (1, "b"), (2, "a")]


def test_a_target_that_jumps_out_of_the_gates_opens_a_new_track() -> None:
    """What speed and gate can't explain is another track."""
    rig = in_state("track")
    rig.plots = [plot(range_m=40_000)]
    rig.run(SCAN_NS)
    assert [track["number"] for track in rig.reports[-1]] == [1, 2]


@pytest.mark.parametrize(("bearing_cdeg", "seen"), [(5_999, False), (6_000, True), (12_000, True), (12_001, False)])
def test_nothing_outside_the_sector_is_detected(bearing_cdeg: int, seen: bool) -> None:
    """RAD-025: the edges of a sector of 60 degrees around 90 belong to it."""
    rig = in_state("search", noise_bearing_cdeg=0)
    assert rig.command("set_sector")[0] == "ack"
    rig.plots = [plot(bearing_cdeg=bearing_cdeg)]
    rig.run(SCAN_NS)
    assert bool(rig.reports) is seen


def test_a_blind_radar_loses_its_tracks() -> None:
    """Nothing is detected while it is blind, although the target is there."""
    rig = in_state("track")
    rig.disturb("blind", True)
    rig.run_to(DROP_NS)
    assert rig.status["state"] == "search"
    rig.disturb("blind", False)
    rig.run(3 * SCAN_NS)
    assert rig.status["state"] == "track"


def test_drop_all_drops_every_track() -> None:
    """All tracks go at once, and the radar searches."""
    rig = in_state("search")
    rig.plots = crowd(20)
    rig.run(3 * SCAN_NS)
    assert rig.status["track_count"] == 20
    rig.disturb("drop_all")
    assert (rig.status["track_count"], rig.status["state"]) == (0, "search")
