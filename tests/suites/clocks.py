# SPDX-License-Identifier: Apache-2.0
"""The conformance suite of clocks: `CHECKS`, the same scripted parts on every clock, the same trace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from hil.attach import Node
from hil.kernel import Kernel
from hil.trace.events import TRACE, Event, Note
from interfaces.wire import NS_PER_MS

END_NS = 30 * NS_PER_MS
PERIOD_NS = 1_234_567


class Clock(Protocol):
    def run(self, kernel: Kernel, until_ns: int) -> bool: ...


class Ticker:
    """Puts out a number each period and a note of every number it gets."""

    def __init__(self, name: str, period_ns: int) -> None:
        self.name = name
        self._period_ns = period_ns
        self._count = 0
        self.deadline_ns: int | None = period_ns

    def receive(self, now_ns: int, port: str, item: Any) -> Sequence[tuple[str, Any]]:
        return [(TRACE, Note(now_ns, self.name, f"got {item}"))]

    def expire(self, now_ns: int) -> Sequence[tuple[str, Any]]:
        assert now_ns == self.deadline_ns
        self._count += 1
        self.deadline_ns = now_ns + self._period_ns
        return [(TRACE, Note(now_ns, self.name, f"tick {self._count}")), ("out", self._count)]


def pair(record: Callable[[Event], None]) -> Kernel:
    """Two tickers that hear each other; their instants fall together now and then."""
    kernel = Kernel()
    one = Node(kernel, Ticker("one", PERIOD_NS), record)
    other = Node(kernel, Ticker("other", 2 * PERIOD_NS), record)
    one.connect("out", other, "in")
    other.connect("out", one, "in")
    return kernel


def same_parts_give_the_same_trace(clock: Clock) -> None:
    """Every record has the instant that was due, whatever the clock, in the order of the kernel alone."""
    expected: list[Event] = []
    pair(expected.append).run_to(END_NS)
    trace: list[Event] = []
    assert clock.run(pair(trace.append), END_NS)
    assert trace == expected
    assert len(trace) > 60


def cut_runs_give_the_same_trace(clock: Clock) -> None:
    """Run in slices, an event exactly at the end of one belongs to it and is not run twice."""
    expected: list[Event] = []
    pair(expected.append).run_to(END_NS)
    trace: list[Event] = []
    kernel = pair(trace.append)
    for until_ns in (PERIOD_NS - 1, PERIOD_NS, PERIOD_NS + 1, 10 * PERIOD_NS, END_NS):
        assert clock.run(kernel, until_ns)
        assert kernel.now_ns == until_ns
        assert len(trace) == sum(event.time_ns <= until_ns for event in expected)
    assert trace == expected


def stopping_the_kernel_ends_the_run(clock: Clock) -> None:
    """`Kernel.stop` ends it at the instant of the event that called it; the next run goes on from there."""
    trace: list[Event] = []
    kernel = pair(trace.append)
    kernel.at(5 * PERIOD_NS, stop_of(kernel))
    assert not clock.run(kernel, END_NS)
    assert kernel.now_ns == 5 * PERIOD_NS
    assert clock.run(kernel, END_NS)
    assert kernel.now_ns == END_NS


def stop_of(kernel: Kernel) -> Callable[[Any], None]:
    return lambda _: kernel.stop()


CHECKS: tuple[Callable[[Clock], None], ...] = (
    same_parts_give_the_same_trace,
    cut_runs_give_the_same_trace,
    stopping_the_kernel_ends_the_run,
)
