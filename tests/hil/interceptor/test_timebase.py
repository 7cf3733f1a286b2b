# SPDX-License-Identifier: Apache-2.0
"""The computed microsecond counter agrees with one that counts every clock (INT-014)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hil.interceptor.timebase import Timebase
from interfaces.spec.load import shipped

_ICD = shipped("interceptor")
_CLOCK_HZ = 10_000_000
_SECOND = 10_000_000


class _Counter:
    """A prescaler and a counter, one clock at a time."""

    def __init__(self) -> None:
        self.us, self.prescaler, self.length, self.pending = 0, 0, 10, 0

    def step(self) -> None:
        self.prescaler += 1
        if self.prescaler < self.length:
            return
        self.us, self.prescaler, self.length = self.us + 1, 0, 10
        if self.us % 1000 == 0 and self.pending:
            sign = 1 if self.pending > 0 else -1
            self.length, self.pending = 10 + sign, self.pending - sign


@settings(max_examples=25, deadline=None)
@given(late_clocks=st.integers(-9, 9), probes=st.lists(st.integers(1, 3_000), min_size=1, max_size=12))
def test_slewed_counter_agrees_with_counting(late_clocks: int, probes: list[int]) -> None:
    """A correction is worked off one clock a millisecond, wherever it is looked at, and `clock_of` foresees it."""
    base, at = _locked()
    pulse = at + _SECOND + late_clocks
    counter = _counter_at(base, pulse)
    assert not base.pulse(pulse)
    counter.pending = late_clocks
    clock = pulse
    for probe in probes:
        foreseen = base.clock_of(clock, (counter.us + probe) % 100_000, 100_000)
        target = counter.us + probe
        while counter.us != target:
            counter.step()
            clock += 1
        assert clock == foreseen
        assert base.now_us(clock) == counter.us


@pytest.mark.parametrize(("off_clocks", "loaded"), [(9_999, False), (10_000, False), (10_001, True), (-10_001, True)])
def test_jump_limit(off_clocks: int, loaded: bool) -> None:
    """ICD `jump_limit_clocks`: at the limit slewed, one clock beyond it loaded."""
    base, at = _locked()
    assert base.pulse(at + _SECOND + off_clocks) is loaded


@pytest.mark.parametrize(
    ("after_clocks", "sync"),
    [(15_000_000 - 1, "locked"), (15_000_000, "holdover"), (615_000_000 - 1, "holdover"), (615_000_000, "free")],
)
def test_sync(after_clocks: int, sync: str) -> None:
    """ICD `pps_lost` and `holdover_limit`, to the clock."""
    base, at = _locked()
    assert base.sync(at + after_clocks) == sync


def test_time_message_counts_once() -> None:
    """Without a further time message the next pulses mean the nearest second."""
    base, at = _locked()
    base.pulse(at + _SECOND)
    assert base.now_us(at + _SECOND + 1) == 41_000_000


def _locked() -> tuple[Timebase, int]:
    """A time base that was loaded with 40 s, and the clock at which the pulse took effect."""
    base, at = Timebase(_ICD, _CLOCK_HZ, 5), 1_000_008
    base.expect(40_000_000)
    assert base.pulse(at)
    return base, at


def _counter_at(base: Timebase, clock: int) -> _Counter:
    counter = _Counter()
    counter.us = base.now_us(clock)
    counter.prescaler = 10 - (base.clock_of(clock, (counter.us + 1) % 1000, 1000) - clock)
    return counter
