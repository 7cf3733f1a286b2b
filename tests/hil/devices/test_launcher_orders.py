# SPDX-License-Identifier: Apache-2.0
"""Arm and fire: code, fresh number, window, cell; and what each refusal says."""

from __future__ import annotations

import pytest

from hil.devices.sequence import Freshness
from interfaces.wire import NS_PER_S
from tests.hil.devices.launcher_rig import LAUNCHER, Rig, time_ns


def test_a_whole_engagement() -> None:
    """Arm, fire, away: the interceptor leaves once, with its track, and the launcher is ready again."""
    rig = Rig().to_away()
    assert [(away.cell, away.track) for away in rig.aways()] == [(1, 77)]
    assert rig.cell_state(1) == "away"
    rig.live(time_ns("away_time"))
    assert (rig.state, rig.cell_state(1), rig.cell_state(2)) == ("ready", "empty", "loaded")
    assert [rig.read(name, 2) for name in ("arms", "fires", "aways", "aborts", "refusals")] == [1, 1, 1, 0, 0]
    rig.arm(2)
    rig.live(NS_PER_S)
    assert rig.fire(2) == 0
    rig.live(NS_PER_S)
    assert [away.cell for away in rig.aways()] == [1, 2]


def test_mechanics_take_the_icds_times() -> None:
    """Settle, power good, latch, separation: each its own timing, one after the other."""
    rig = Rig().to_sequencing()
    fired_ns = rig.now_ns
    rig.live(NS_PER_S)
    by_line = {line: at for line in ("power_good", "latch_open") for at, _, active in rig.edges(line) if active}
    assert by_line["latch_open"] - by_line["power_good"] == time_ns("latch_time")
    gone_ns = rig.edges("umbilical_intact")[-1][0]
    assert gone_ns - by_line["latch_open"] == time_ns("separation_time")
    assert by_line["power_good"] - fired_ns >= time_ns("settle_time") + time_ns("power_good_time")
    assert gone_ns in [at for at, state in rig.moves() if state == "away"]


@pytest.mark.parametrize(("order", "state"), [("arm", "ready"), ("fire", "armed")])
def test_a_wrong_code_is_refused_and_uses_no_number_up(order: str, state: str) -> None:
    rig = Rig()
    getattr(rig, f"to_{state}")()
    number = rig.sequence + 1
    assert getattr(rig, order)(sequence=number, code=0x1111) == 4
    assert (rig.refusal, rig.state) == ("wrong_code", state)
    assert rig.read("last_command_sequence") == number - 1
    assert getattr(rig, order)(sequence=number) == 0
    assert rig.read("last_command_sequence") == number


@pytest.mark.parametrize(("order", "state"), [("arm", "ready"), ("fire", "armed")])
@pytest.mark.parametrize("behind", [0, 1, 32_768])
def test_a_stale_number_is_refused(order: str, state: str, behind: int) -> None:
    """Repeated, older, or just beyond half the circle ahead."""
    rig = Rig()
    rig.sequence = 4
    getattr(rig, f"to_{state}")()
    last = rig.read("last_command_sequence")
    if order == "arm":
        assert rig.arm(9, sequence=5) == 4  # uses 5 up: no such cell
        last = 5
    assert getattr(rig, order)(sequence=(last - behind) % 65_536) == 4
    assert (rig.refusal, rig.state) == ("stale_sequence", state)


def test_a_refused_order_cannot_be_replayed() -> None:
    """LCH-011: an order refused for a hold-fire uses its number up, so that its copy does nothing later."""
    rig = Rig().to_ready()
    rig.write("hold_fire", 1)
    assert (rig.arm(sequence=9), rig.refusal) == (4, "hold_fire")
    rig.write("hold_fire", 0)
    assert (rig.arm(sequence=9), rig.refusal) == (4, "stale_sequence")
    assert rig.arm(sequence=10) == 0


def test_numbers_wrap_at_65535() -> None:
    """1 to 32767 ahead is fresh, through the wrap; 0 and 32768 ahead are not."""
    freshness = Freshness(32_767)
    for number, fresh in [(0, False), (32_768, False), (32_767, True), (65_534, True), (65_535, True)]:
        assert freshness.use(number) is fresh
    assert not freshness.use(65_534)
    assert not freshness.use(32_767)
    assert freshness.use(0)
    assert not freshness.use(65_535)
    assert freshness.use(32_767)


def test_parameters_wait_for_the_number() -> None:
    """Cell, track and code alone give no order; the number alone gives it with the code written before."""
    rig = Rig().to_ready()
    assert rig.write("arm_cell", 2, 5, LAUNCHER.constant("arm_code")) == 0
    assert rig.state == "ready"
    assert rig.write("arm_sequence", 1) == 0
    assert (rig.state, rig.read("cell_selected")) == ("arming", 2)
    rig.live(NS_PER_S)
    assert (rig.write("fire_sequence", 2), rig.refusal) == (4, "wrong_code")


@pytest.mark.parametrize(("late_ns", "answer"), [(-1, 0), (0, 4), (1, 4)])
def test_the_arm_window(late_ns: int, answer: int) -> None:
    """LCH-020, LCH-021: a fire order counts only before the window has passed; then the cell is disarmed."""
    rig = Rig().to_armed()
    armed_ns = next(at for at, state in rig.moves() if state == "armed")
    end_ns = armed_ns + time_ns("arm_window")
    rig.live_to(end_ns - 1)
    rig.run_to(end_ns + late_ns)
    assert rig.fire() == answer
    if answer:
        assert (rig.refusal, rig.state, rig.cell_state(1)) == ("not_armed", "ready", "loaded")
        assert rig.moves()[-1] == (end_ns, "ready")
    rig.live(NS_PER_S)
    assert len(rig.aways()) == (answer == 0)


def test_cells_that_cannot_be_armed() -> None:
    rig = Rig().to_away()
    rig.live(time_ns("away_time"))
    for cell, reason in [(0, "no_cell"), (3, "no_cell"), (1, "cell_unavailable")]:
        assert (rig.arm(cell), rig.refusal) == (4, reason)
    assert rig.write("arm_cell", 17) == 3


def test_only_the_armed_cell_can_be_fired() -> None:
    rig = Rig().to_armed()
    assert (rig.fire(2), rig.refusal, rig.state) == (4, "wrong_cell", "armed")


def test_fire_is_refused_while_the_drive_moves() -> None:
    """LCH-050; it is carried out once the drive is at rest."""
    rig = Rig().to_armed()
    assert rig.write("bearing_command", 1000) == 0
    rig.live(NS_PER_S // 10)
    assert rig.flag("moving")
    assert (rig.fire(), rig.refusal) == (4, "moving")
    rig.live(3 * NS_PER_S)
    assert (rig.flag("moving"), rig.read("bearing")) == (False, 1000)
    assert rig.fire() == 0


def test_a_bearing_is_refused_at_sea_and_beyond_its_range() -> None:
    rig = Rig("sea").to_standby()
    assert (rig.write("bearing_command", 0), rig.refusal) == (4, "not_fitted")
    assert Rig().to_standby().write("bearing_command", 36_000) == 3


def test_events_are_kept_until_acknowledged() -> None:
    """LCH-060: function 24 shows the oldest first; event_ack takes them away."""
    rig = Rig().to_armed()
    codes = LAUNCHER.enums["event"]
    assert rig.pdu(b"\x18\x00\x40") == bytes([0x18, 0, 6, 0, 2, codes["booted"], 0, codes["armed"], 1])
    assert rig.flag("events_pending")
    assert rig.write("event_ack", 1) == 0
    assert rig.pdu(b"\x18\x00\x40") == bytes([0x18, 0, 4, 0, 1, codes["armed"], 1])
    rig.write("event_ack", 5)
    assert not rig.flag("events_pending")
    assert rig.read("event_count") == 2


@pytest.mark.parametrize("number", [0, 1])
def test_a_code_reads_zero_after_its_order(number: int) -> None:
    """Carried out (a fresh number) or refused (a stale one), written before the order or with it."""
    rig = Rig().to_ready()
    rig.write("arm_code", LAUNCHER.constant("arm_code"))
    rig.arm(sequence=number)
    assert rig.pdu(b"\x03\x00\x09\x00\x01")[2:] == b"\0\0"


def test_a_full_fifo_keeps_the_oldest() -> None:
    """LCH-060: 31 words stay as they were; the count goes on."""
    rig = Rig().to_safe()
    for _ in range(40):
        assert rig.mode("ready") == 4
    words = rig.pdu(b"\x18\x00\x40")
    assert words[4] == 31
    assert words[5:7] == bytes([LAUNCHER.enums["event"]["booted"], 0])
    assert rig.read("event_count") == 41
