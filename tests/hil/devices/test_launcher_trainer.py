# SPDX-License-Identifier: Apache-2.0
"""The bearing drive: it arrives, and never beats its limits, whatever it is told on its way."""

from __future__ import annotations

import copy
import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from hil.devices.trainer import Trainer
from interfaces.wire import NS_PER_MS, NS_PER_S

RATE, ACCELERATION = 3000, 2000
STEP_NS = 10 * NS_PER_MS


def walk(drive: Trainer, start_ns: int, end_ns: int) -> list[int]:
    """Bearings at every step; asserts both limits between any two steps (slack: rounding to 1 cdeg)."""
    instants = range(start_ns, end_ns, STEP_NS)
    bearings = [drive.bearing_cdeg(at) for at in instants]
    rates = [drive.rate_cdeg_s(at) for at in instants]
    for before, after in itertools.pairwise(bearings):
        moved = abs((after - before + 18_000) % 36_000 - 18_000)
        assert moved <= RATE * STEP_NS // NS_PER_S + 1
    for before, after in itertools.pairwise(rates):
        assert abs(after - before) <= ACCELERATION * STEP_NS // NS_PER_S + 1
    assert all(abs(rate) <= RATE for rate in rates)
    return bearings


def test_long_move_takes_the_computed_time() -> None:
    """90 degrees: 1.5 s up, 1.5 s at 30 deg/s, 1.5 s down."""
    drive = Trainer(0, RATE, ACCELERATION)
    drive.command(0, 9000)
    assert drive.rest_ns == 4_500 * NS_PER_MS
    assert drive.moving(drive.rest_ns - 1)
    assert not drive.moving(drive.rest_ns)
    assert drive.rate_cdeg_s(2 * NS_PER_S) == RATE
    assert drive.bearing_cdeg(2_250 * NS_PER_MS) == 4500
    assert drive.bearing_cdeg(drive.rest_ns) == 9000


def test_short_move_never_reaches_the_full_rate() -> None:
    """1.25 degrees peak at 5 deg/s after 0.25 s."""
    drive = Trainer(0, RATE, ACCELERATION)
    drive.command(0, 125)
    assert drive.rest_ns == NS_PER_S // 2
    assert drive.rate_cdeg_s(NS_PER_S // 4) == 500


def test_the_shorter_way_passes_north() -> None:
    """From 350 to 10 degrees it turns clockwise through 0."""
    drive = Trainer(35_000, RATE, ACCELERATION)
    drive.command(0, 1_000)
    assert drive.rate_cdeg_s(NS_PER_MS * 100) > 0
    assert drive.bearing_cdeg(drive.rest_ns) == 1_000


def test_halt_stops_within_the_acceleration_limit() -> None:
    """From the full rate it takes 1.5 s and 22.5 degrees."""
    drive = Trainer(0, RATE, ACCELERATION)
    drive.command(0, 17_000)
    drive.halt(2 * NS_PER_S)
    at = drive.bearing_cdeg(2 * NS_PER_S)
    assert drive.rest_ns == 3_500 * NS_PER_MS
    assert drive.bearing_cdeg(drive.rest_ns) == at + 2_250


def test_a_drive_told_its_own_bearing_stays_at_rest() -> None:
    drive = Trainer(500, RATE, ACCELERATION)
    drive.command(NS_PER_S, 500)
    assert not drive.moving(NS_PER_S)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 35_999),
    st.lists(st.tuples(st.integers(0, 35_999), st.integers(0, 6 * NS_PER_S)), min_size=1, max_size=4),
)
def test_limits_hold_through_any_commands(start: int, commands: list[tuple[int, int]]) -> None:
    """Retargeted at any instant of a move, it keeps both limits, arrives exactly, and a copy moves alike."""
    drive = Trainer(start, RATE, ACCELERATION)
    now_ns = 0
    for bearing, wait_ns in commands:
        drive.command(now_ns, bearing)
        twin = copy.deepcopy(drive)
        assert walk(drive, now_ns, now_ns + wait_ns) == walk(twin, now_ns, now_ns + wait_ns)
        before = drive.bearing_cdeg(now_ns + wait_ns), drive.rate_cdeg_s(now_ns + wait_ns)
        now_ns += wait_ns
        assert before == (drive.bearing_cdeg(now_ns), drive.rate_cdeg_s(now_ns))
    walk(drive, now_ns, drive.rest_ns + STEP_NS)
    assert drive.bearing_cdeg(drive.rest_ns) == commands[-1][0]
