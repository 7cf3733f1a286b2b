# SPDX-License-Identifier: Apache-2.0
"""The pipe: opening, closing from either end, latency, and what comes too late."""

from __future__ import annotations

import pytest

from hil.links.memory import Pipe
from hil.trace.events import TRACE
from interfaces.wire import Burst, Down, Transmit, Up

LATENCY_NS = 500


def opened(latency_ns: int = 0) -> Pipe:
    pipe = Pipe("pipe", latency_ns)
    pipe.receive(0, "client", Up("me"))
    if latency_ns:
        pipe.expire(latency_ns)
    return pipe


def test_open_tells_both_ends() -> None:
    """The server learns who, the client where."""
    assert sorted(Pipe("pipe").receive(0, "client", Up("me"))) == [("client", Up("pipe")), ("server#1", Up("me"))]


def test_a_second_open_is_no_second_connection() -> None:
    """There is one client."""
    assert opened().receive(1, "client", Up("me")) == ()


@pytest.mark.parametrize(("closer", "other"), [("client", "server#1"), ("server#1", "client")])
def test_either_end_closes_both(closer: str, other: str) -> None:
    """The other end is told; then nothing passes, and the next connection has a number of its own."""
    pipe = opened()
    assert list(pipe.receive(1, closer, Down("enough"))) == [(other, Down("enough"))]
    assert pipe.receive(2, other, Transmit(b"late")) == ()
    assert pipe.receive(2, closer, Down("again")) == ()
    assert ("server#2", Up("me")) in pipe.receive(3, "client", Up("me"))


def test_latency_is_exact() -> None:
    """Nothing arrives one nanosecond early."""
    pipe = opened(LATENCY_NS)
    pipe.receive(1000, "client", Transmit(b"x"))
    assert pipe.deadline_ns == 1000 + LATENCY_NS
    assert pipe.expire(1000 + LATENCY_NS - 1) == []
    out = pipe.expire(1000 + LATENCY_NS)
    assert [item for port, item in out if port != TRACE] == [Burst(1000 + LATENCY_NS, b"x")]


def test_close_arrives_behind_what_was_sent() -> None:
    """Data on its way to the other end is delivered, data on its way to the closing end is not."""
    pipe = opened(LATENCY_NS)
    pipe.receive(1000, "server#1", Transmit(b"never heard"))
    pipe.receive(1001, "client", Transmit(b"last words"))
    pipe.receive(1002, "client", Down("bye"))
    out = [item for port, item in pipe.expire(1002 + LATENCY_NS) if port != TRACE]
    assert out == [Burst(1002 + LATENCY_NS, b"last words"), Down("bye")]
    assert pipe.deadline_ns is None
