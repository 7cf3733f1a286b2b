# SPDX-License-Identifier: Apache-2.0
"""The radar's commands, states, scans and reports, through its line."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from hil.devices.radar import Radar
from hil.trace.events import Rejected
from hil.world import Outcome
from interfaces.wire import NS_PER_MS, NS_PER_S, Burst, Transmit
from tests.hil.devices.radar_rig import CERTAIN, COMMANDS, ICD, READY_NS, SCAN_NS, Rig, plot, seconds

MACHINE = ICD.machines["radar"]
WARM_UP_NS = ICD.time_ns("warm_up_time")


def in_state(state: str, **options: Any) -> Rig:
    rig = Rig(**options)
    rig.bring_to(state)
    assert rig.status["state"] == state
    return rig


@pytest.mark.parametrize("state", MACHINE.states)
@pytest.mark.parametrize("command", MACHINE.commands)
def test_a_command_is_obeyed_or_refused_as_the_icd_says(state: str, command: str) -> None:
    """RAD-002: every command in every state: its reply, or a refusal with the reason that changes nothing."""
    rig = in_state(state)
    before = rig.status
    name, fields = rig.command(command)
    message = COMMANDS[command][0]
    if state in MACHINE.commands[command].legal:
        assert name == ("status" if command == "status_request" else "ack")
    else:
        assert name == "refusal"
        assert fields["reason"] == MACHINE.commands[command].refused
        after = rig.status
        for shown in ("state", "posture", "sector_centre", "sector_width", "time_set", "scan_period"):
            assert after[shown] == before[shown]
    if name != "status":
        assert fields["command"] == message


def test_the_table_of_commands_is_the_icd_s() -> None:
    """The rig sends every command that the ICD names."""
    assert set(COMMANDS) == set(MACHINE.commands)


@pytest.mark.parametrize(
    ("at_ns", "state"),
    [
        (0, "warm_up"),
        (WARM_UP_NS - 1, "warm_up"),
        (WARM_UP_NS, "test"),
        (WARM_UP_NS + 1, "test"),
        (READY_NS - 1, "test"),
        (READY_NS, "standby"),
        (READY_NS + 1, "standby"),
    ],
)
def test_the_radar_warms_up_and_tests_itself(at_ns: int, state: str) -> None:
    """RAD-010: each stretch ends at its nanosecond."""
    rig = Rig()
    rig.run_to(at_ns)
    assert rig.status["state"] == state


def test_status_comes_every_period_and_at_every_change() -> None:
    """RAD-003: never more than a period apart, at the very instant of a change, and counting from there."""
    rig = Rig()
    rig.run_to(seconds(7.5))
    rig.command("set_posture")
    rig.run_to(seconds(9))
    at = [now_ns for now_ns, name, _ in rig.heard if name == "status"]
    assert at == [seconds(t) for t in (0, 1, 2, 3, 4, 5, 6, 7, 7.5, 8.5)]
    assert [name for now_ns, name, _ in rig.heard if now_ns == seconds(7.5)] == ["ack", "status"]


def test_a_reply_names_its_command_and_sequence() -> None:
    """The controller's own counter comes back, wrapped at 256."""
    rig = in_state("standby")
    for _ in range(300):
        rig.command("time_sync")
    answers = [fields["command_sequence"] for _, name, fields in rig.heard if name == "ack"]
    assert answers == [(answers[0] + step) % 256 for step in range(300)]


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
    reports = len(rig.reports)
    rig.run(2 * SCAN_NS)
    assert len(rig.reports) == reports
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


@pytest.mark.parametrize(("width", "name"), [(9.99, "refusal"), (10, "ack"), (10.01, "ack")])
def test_a_sector_has_a_least_width(width: float, name: str) -> None:
    """A narrower one is refused with bad_sector."""
    rig = in_state("standby")
    answer, fields = rig.send("set_sector", {"centre": 0, "width": width})
    assert answer == name
    assert fields.get("reason", "bad_sector") == "bad_sector"


def test_time_tags_follow_time_sync() -> None:
    """RAD-040: before it they count from power on, after it from the time given; a power cycle forgets it."""
    rig = in_state("standby")
    assert rig.status["time_tag"] == READY_NS // 1_000
    rig.send("time_sync", {"time": 2**32 - 500_000})
    rig.run(seconds(0.4))
    assert (rig.status["time_tag"], rig.status["time_set"]) == (2**32 - 100_000, True)
    rig.run(seconds(0.1))
    assert rig.status["time_tag"] == 0
    rig.disturb("restart")
    assert (rig.status["time_tag"], rig.status["time_set"]) == (0, False)


def test_the_time_counts_from_the_last_stop_bit() -> None:
    """RAD-040: a time_sync that is served late sets the same time base."""
    rig = in_state("standby")
    frame = rig.frame("time_sync", {"time": 1_000_000})
    rate = ICD.serial["line"].bit_rate_bps
    burst = Burst(rig.now_ns, frame, rate)
    rig.run_to(burst.end_ns + 3 * NS_PER_MS)
    rig.give("serial", burst)
    assert rig.status["time_tag"] == 1_003_000


def test_an_outcome_is_reported_for_its_own_tracks_only() -> None:
    """RAD-032: numbers of the radar's block, and not while it is off."""
    rig = in_state("standby", first_track=2_000)
    for track in (1_999, 2_000, 2_999, 3_000):
        rig.give("world", Outcome(track, "raider", "hit"))
    rig.command("off")
    rig.give("world", Outcome(2_000, "raider", "miss"))
    told = [(fields["track"], fields["result"]) for _, name, fields in rig.heard if name == "outcome_report"]
    assert told == [(2_000, "hit"), (2_999, "hit")]


def test_a_fault_is_found_and_the_test_is_the_way_out() -> None:
    """RAD-011, RAD-012: run_test fails while the fault is there and passes when it has gone."""
    rig = in_state("track")
    rig.disturb("fault", True)
    status = rig.status
    assert (status["state"], status["test_result"], status["track_count"]) == ("fault", "failed", 0)
    rig.command("run_test")
    assert rig.status["state"] == "test"
    rig.run(ICD.time_ns("test_time"))
    assert rig.status["state"] == "fault"
    rig.disturb("fault", False)
    assert rig.status["state"] == "fault"
    rig.command("run_test")
    rig.run(ICD.time_ns("test_time"))
    assert (rig.status["state"], rig.status["test_result"]) == ("standby", "passed")


def test_a_fault_that_is_there_while_off_is_found_by_the_test() -> None:
    """RAD-012: nothing is found while off; the test after power on finds it."""
    rig = in_state("off")
    rig.disturb("fault", True)
    assert rig.status["state"] == "off"
    rig.command("standby")
    rig.run(READY_NS)
    assert rig.status["state"] == "fault"


def test_a_restart_begins_anew() -> None:
    """Posture, sector and uptime are those of power on."""
    rig = in_state("track")
    rig.command("set_posture")
    rig.command("set_sector")
    rig.disturb("restart")
    status = rig.status
    assert (status["state"], status["posture"], status["sector_width"], status["uptime"]) == (
        "warm_up",
        "normal",
        360,
        0,
    )


def test_a_silent_radar_neither_obeys_nor_sends() -> None:
    """A command goes unanswered and undone; afterwards the line is alive again."""
    rig = in_state("standby")
    rig.disturb("silent", True)
    heard = len(rig.heard)
    assert rig.command("search") == ("", {})
    rig.run(seconds(5))
    assert len(rig.heard) == heard
    rig.disturb("silent", False)
    assert rig.status["state"] == "standby"


def test_a_blind_radar_loses_its_tracks() -> None:
    """Nothing is detected while it is blind, although the target is there."""
    rig = in_state("track")
    rig.disturb("blind", True)
    rig.run_to(DROP_NS)
    assert rig.status["state"] == "search"
    rig.disturb("blind", False)
    rig.run(3 * SCAN_NS)
    assert rig.status["state"] == "track"


def test_a_stuck_posture_is_acknowledged_and_not_followed() -> None:
    """A planted bug that a verdict must find: the ack is a lie."""
    rig = in_state("standby")
    rig.disturb("stuck_posture", True)
    assert rig.command("set_posture")[0] == "ack"
    assert rig.status["posture"] == "normal"


def test_drop_all_drops_every_track() -> None:
    """All tracks go at once, and the radar searches."""
    rig = in_state("search")
    rig.plots = crowd(20)
    rig.run(3 * SCAN_NS)
    assert rig.status["track_count"] == 20
    rig.disturb("drop_all")
    assert (rig.status["track_count"], rig.status["state"]) == (0, "search")


def test_every_disturbance_is_tested() -> None:
    """The ones that the tests above apply are all there are."""
    applied = {"fault", "restart", "silent", "blind", "stuck_posture", "drop_track", "drop_all"}
    assert set(Radar.DISTURBANCES) == applied


@pytest.mark.parametrize("flip", range(10))
def test_a_damaged_command_is_ignored(flip: int) -> None:
    """RAD-004: one wrong bit anywhere and nothing is answered; the next command is."""
    rig = in_state("standby")
    damaged = bytearray(rig.frame(*COMMANDS["search"]))
    damaged[flip] ^= 0x40
    heard = len(rig.heard)
    rig.give("serial", Burst(rig.now_ns, bytes(damaged)))
    assert len(rig.heard) == heard
    assert any(type(item) is Rejected for _, (_, item) in rig.out)
    assert rig.command("status_request")[1]["state"] == "standby"


def busy(seed: int = 7, **options: Any) -> Rig:
    rig = in_state("standby", seed=seed, **{"false_alarms_per_scan_ppm": 1_500_000, **options})
    rig.plots = [plot(f"t{n}", 700_000, range_m=10_000 + 3_000 * n) for n in range(10)]
    rig.command("search")
    return rig


def test_the_same_seed_gives_the_same_outputs() -> None:
    """Everything the radar puts out, three times; another seed gives something else."""
    first, second, third, other = busy(), busy(), busy(), busy(seed=8)
    for rig in (first, second, third, other):
        rig.run(seconds(60))
    assert first.out == second.out == third.out
    assert first.out != other.out


def test_false_alarms_change_no_detection() -> None:
    """The tracks of the targets measure the same with and without false alarms."""

    def figures(ppm: int) -> set[tuple[Any, ...]]:
        rig = busy(false_alarms_per_scan_ppm=ppm)
        rig.run(seconds(20))
        return {
            (track["range"], track["bearing"], track["elevation"], track["speed"])
            for report in rig.reports
            for track in report
            if track["classification"] == "hostile"
        }

    assert figures(0) <= figures(100_000)


def test_a_copy_in_mid_run_goes_on_alike() -> None:
    """Both halves of a radar copied between two scans put out the same, and share nothing."""
    rig = busy()
    rig.run(seconds(11))
    twin = copy.deepcopy(rig)
    rig.run(seconds(30))
    assert len(twin.out) < len(rig.out)
    twin.run(seconds(30))
    assert twin.out == rig.out
