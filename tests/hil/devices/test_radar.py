# SPDX-License-Identifier: Apache-2.0
"""The radar's commands, states, status and disturbances, through its line."""

from __future__ import annotations

import pytest

from hil.devices.radar import Radar
from hil.trace.events import Rejected
from hil.world import Outcome
from interfaces.wire import NS_PER_MS, Burst
from tests.hil.devices.radar_rig import COMMANDS, ICD, READY_NS, Rig, in_state, seconds

MACHINE = ICD.machines["radar"]
WARM_UP_NS = ICD.time_ns("warm_up_time")


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


def test_a_stuck_posture_is_acknowledged_and_not_followed() -> None:
    """A planted bug that a verdict must find: the ack is a lie."""
    rig = in_state("standby")
    rig.disturb("stuck_posture", True)
    assert rig.command("set_posture")[0] == "ack"
    assert rig.status["posture"] == "normal"


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
