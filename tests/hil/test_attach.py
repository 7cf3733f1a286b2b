# SPDX-License-Identifier: Apache-2.0
"""The adapter: deadlines that move, routes with and without a key, trace events, speech on open ports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from hil.attach import Node, UnroutedError
from hil.kernel import Kernel
from hil.trace.events import TRACE, Event, Note


class Timer:
    """Its deadline is what it is told; expiring says so on `out`."""

    def __init__(self, name: str = "timer", deadline_ns: int | None = None) -> None:
        self.name = name
        self.deadline_ns = deadline_ns
        self.got: list[tuple[int, str, Any]] = []
        self.expired: list[int] = []

    def receive(self, now_ns: int, port: str, item: Any) -> Sequence[tuple[str, Any]]:
        self.got.append((now_ns, port, item))
        if port == "set":
            self.deadline_ns = item
        return item if port == "say" else ()

    def expire(self, now_ns: int) -> Sequence[tuple[str, Any]]:
        self.expired.append(now_ns)
        self.deadline_ns = None
        return ()


class Bench:
    def __init__(self, deadline_ns: int | None = None) -> None:
        self.kernel = Kernel()
        self.trace: list[Event] = []
        self.timer, self.peer = Timer(deadline_ns=deadline_ns), Timer("peer")
        self.node = Node(self.kernel, self.timer, self.trace.append)
        self.peer_node = Node(self.kernel, self.peer, self.trace.append)

    def give(self, time_ns: int, port: str, item: Any) -> None:
        self.kernel.at(time_ns, self.node.receive, (port, item))


@pytest.mark.parametrize(("until_ns", "expired"), [(99, []), (100, [100]), (101, [100])])
def test_a_deadline_is_served_at_its_instant(until_ns: int, expired: list[int]) -> None:
    """Not one nanosecond before."""
    bench = Bench(deadline_ns=100)
    bench.kernel.run_to(until_ns)
    assert bench.timer.expired == expired


@pytest.mark.parametrize(
    ("moves", "expired"),
    [
        ([(10, 50)], [50]),  # earlier
        ([(10, 200)], [200]),  # later
        ([(10, None)], []),  # gone
        ([(10, 200), (20, 50)], [50]),  # later, then earlier
        ([(10, None), (20, 100)], [100]),  # gone and back at the same instant: once
        ([(10, 200), (20, 100)], [100]),
    ],
)
def test_a_deadline_may_move(moves: list[tuple[int, int | None]], expired: list[int]) -> None:
    """The part expires at the last deadline it had, once."""
    bench = Bench(deadline_ns=100)
    for time_ns, deadline_ns in moves:
        bench.give(time_ns, "set", deadline_ns)
    bench.kernel.run_to(1000)
    assert bench.timer.expired == expired


def test_a_deadline_that_passed_is_served_now() -> None:
    """A part that asks for the past expires at the present instant."""
    bench = Bench()
    bench.give(10, "set", 3)
    bench.kernel.run_to(100)
    assert bench.timer.expired == [10]


class CountingKernel(Kernel):
    """Counts what is scheduled for later."""

    def __init__(self) -> None:
        super().__init__()
        self.entries = 0

    def at(self, time_ns: int, call: Any, item: Any = None) -> None:
        self.entries += 1
        super().at(time_ns, call, item)


def test_a_deadline_pushed_aside_needs_no_second_entry() -> None:
    """A frame's silence comes before a distant time-out again and again; the time-out is queued once."""
    kernel, timer = CountingKernel(), Timer(deadline_ns=1000)
    node = Node(kernel, timer, list[Event]().append)
    for sooner_ns in range(10, 60, 10):
        node.inject("set", sooner_ns)
        kernel.run_to(sooner_ns)
        node.inject("set", 1000)
    kernel.run_to(2000)
    assert timer.expired == [10, 20, 30, 40, 50, 1000]
    assert kernel.entries == 6


def test_outputs_go_where_their_port_leads() -> None:
    """In order, at the same instant, never by re-entry; trace events to the record."""
    bench = Bench()
    bench.node.connect("out", bench.peer_node, "in")
    note = Note(5, "timer", "hello")
    bench.give(5, "say", [("out", 1), (TRACE, note), ("out", 2)])
    bench.kernel.run_to(5)
    assert bench.peer.got == [(5, "in", 1), (5, "in", 2)]
    assert bench.trace == [note]


def test_a_key_is_carried_over() -> None:
    """A connection's port leads where its base leads, with its key."""
    bench = Bench()
    bench.node.connect("net", bench.peer_node, "tcp")
    bench.give(5, "say", [("net#7", "hello")])
    bench.kernel.run_to(5)
    assert bench.peer.got == [(5, "tcp#7", "hello")]


@pytest.mark.parametrize("port", ["out", "out#1"])
def test_speech_on_an_open_port_is_an_error(port: str) -> None:
    """A bench composed wrongly says so instead of losing items."""
    bench = Bench()
    bench.give(5, "say", [(port, 1)])
    with pytest.raises(UnroutedError, match="nothing is connected to port"):
        bench.kernel.run_to(5)
