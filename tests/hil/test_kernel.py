# SPDX-License-Identifier: Apache-2.0
"""The kernel: order, instants, the guard against time that stands still, copies in mid-run."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.kernel import MAX_EVENTS_AT_ONE_INSTANT, Kernel, StuckTimeError


class Log:
    """Keeps what it is called with, and when."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.seen: list[tuple[int, Any]] = []

    def note(self, item: Any) -> None:
        self.seen.append((self.kernel.now_ns, item))

    def again(self, step_ns: int) -> None:
        self.note(step_ns)
        self.kernel.at(self.kernel.now_ns + step_ns, self.again, step_ns)

    def follow(self, item: Any) -> None:
        self.note(item)
        self.kernel.soon(self.note, f"{item}, soon")
        self.kernel.at(self.kernel.now_ns - 5, self.note, f"{item}, past")

    def stop(self, item: Any) -> None:
        self.note(item)
        self.kernel.stop()


@pytest.fixture
def log() -> Log:
    return Log(Kernel())


@given(st.lists(st.integers(0, 20)))
def test_order_is_by_time_and_then_by_scheduling(times: list[int]) -> None:
    """A stable sort by time."""
    log = Log(Kernel())
    for number, time_ns in enumerate(times):
        log.kernel.at(time_ns, log.note, number)
    assert log.kernel.run_to(20)
    assert log.seen == sorted(((time_ns, number) for number, time_ns in enumerate(times)), key=lambda seen: seen[0])


def test_what_an_event_schedules_for_now_comes_behind_what_is_due(log: Log) -> None:
    """The present instant's queue keeps the order of scheduling; the past means now."""
    log.kernel.at(10, log.follow, "a")
    log.kernel.at(10, log.note, "b")
    log.kernel.run_to(10)
    assert log.seen == [(10, "a"), (10, "b"), (10, "a, soon"), (10, "a, past")]


def test_until_is_included_and_time_stands_there(log: Log) -> None:
    """Events at limit - 1 and limit run, the one at limit + 1 does not."""
    for time_ns in (99, 100, 101):
        log.kernel.at(time_ns, log.note)
    assert log.kernel.run_to(100)
    assert [now_ns for now_ns, _ in log.seen] == [99, 100]
    assert (log.kernel.now_ns, log.kernel.next_ns()) == (100, 101)


def test_time_never_runs_backwards(log: Log) -> None:
    """Running to an instant that has passed runs what is due and moves nothing."""
    log.kernel.run_to(100)
    log.kernel.soon(log.note, "now")
    assert log.kernel.next_ns() == 100
    log.kernel.run_to(50)
    assert log.seen == [(100, "now")]
    assert log.kernel.now_ns == 100


def test_stop_ends_the_run_behind_its_event(log: Log) -> None:
    """What else was due at that instant waits for the next run."""
    log.kernel.at(10, log.stop, "stop")
    log.kernel.at(10, log.note, "rest")
    assert not log.kernel.run_to(100)
    assert (log.kernel.now_ns, log.seen) == (10, [(10, "stop")])
    assert log.kernel.run_to(100)
    assert log.seen[1:] == [(10, "rest")]


@pytest.mark.parametrize(("beyond", "stuck"), [(0, False), (1, True)])
def test_too_many_events_at_one_instant_are_an_error(log: Log, beyond: int, stuck: bool) -> None:
    """The limit itself passes, one more does not, and the error names the instant."""
    for _ in range(MAX_EVENTS_AT_ONE_INSTANT + beyond):
        log.kernel.at(7, log.note)
    if not stuck:
        assert log.kernel.run_to(7)
        return
    with pytest.raises(StuckTimeError, match="events at 7 ns and no end"):
        log.kernel.run_to(7)


def test_the_guard_counts_each_instant_alone(log: Log) -> None:
    """Many events, spread over instants, are no error."""
    log.kernel.at(1, log.again, 1)
    assert log.kernel.run_to(MAX_EVENTS_AT_ONE_INSTANT + 10)


def test_a_copy_in_mid_run_goes_on_alike() -> None:
    """Copied between two events of one instant: both copies end alike and share nothing."""
    log = Log(Kernel())
    log.kernel.at(3, log.again, 3)
    log.kernel.at(5, log.again, 5)
    log.kernel.at(30, log.stop, "half")
    log.kernel.at(30, log.follow, "rest")
    log.kernel.run_to(100)
    twin = copy.deepcopy(log)
    before = list(twin.seen)
    log.kernel.run_to(100)
    assert twin.seen == before
    twin.kernel.run_to(100)
    assert twin.seen == log.seen
    assert twin.kernel.now_ns == log.kernel.now_ns == 100
