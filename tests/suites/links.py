# SPDX-License-Identifier: Apache-2.0
"""The conformance suite of links: `CHECKS`, to be run over every one of them, pure or real.

A rig has a near end, a `Probe` on a kernel, and a far end: another probe, or a plain descriptor outside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Protocol

from hil.attach import Node
from hil.kernel import Kernel
from hil.trace.events import Event, Wire
from interfaces.wire import NS_PER_S, Burst, Sent, Transmit

LIMIT_NS = 5 * NS_PER_S
ALL_BYTES = bytes(range(256))


class Probe:
    """A part that keeps what it receives, with the instant."""

    deadline_ns: int | None = None

    def __init__(self, name: str) -> None:
        self.name = name
        self.got: list[tuple[int, str, Any]] = []

    def receive(self, now_ns: int, port: str, item: Any) -> Sequence[tuple[str, Any]]:
        self.got.append((now_ns, port, item))
        return ()

    def expire(self, now_ns: int) -> Sequence[tuple[str, Any]]:
        return ()

    def of(self, kind: type) -> list[Any]:
        return [item for _, _, item in self.got if type(item) is kind]

    @property
    def data(self) -> bytes:
        return b"".join(burst.data for burst in self.of(Burst))


def join(kernel: Kernel, record: Callable[[Event], None], link: Any, ends: dict[str, Probe]) -> tuple[Node, list[Node]]:
    """The link's node, and a node for the probe at each of its ports."""
    node = Node(kernel, link, record)
    probes = []
    for port, probe in ends.items():
        probes.append(Node(kernel, probe, record))
        node.connect(port, probes[-1], port)
        probes[-1].connect(port, node, port)
    return node, probes


class Rig(Protocol):
    """An open link with its two ends."""

    near: Probe
    trace: list[Event]

    def send(self, item: Any) -> None:
        """Give the near end's item to the link."""
        ...

    def send_far(self, data: bytes) -> None: ...

    def far_data(self) -> bytes:
        """What the far end has received so far."""
        ...

    def run(self, done: Callable[[], bool]) -> None:
        """Let time pass until `done`, at most `LIMIT_NS`."""
        ...


def carries_all_bytes_both_ways(rig: Rig) -> None:
    """Every byte value arrives unchanged and in order, in both directions at once."""
    pieces = [ALL_BYTES[i : i + 32] for i in range(0, 256, 32)]
    for piece in pieces:
        rig.send(Transmit(piece))
    rig.run(lambda: len(rig.far_data()) >= len(ALL_BYTES))
    rig.send_far(ALL_BYTES)
    rig.run(lambda: len(rig.near.data) >= len(ALL_BYTES))
    assert rig.far_data() == ALL_BYTES
    assert rig.near.data == ALL_BYTES


def answers_each_transmit(rig: Rig) -> None:
    """`Sent` comes for each `Transmit`, never before it, and not later than it says."""
    for piece in (b"one", b"two", b"three"):
        rig.send(Transmit(piece))
    rig.run(lambda: len(rig.near.of(Sent)) >= 3)
    sents = [(now_ns, item.end_ns) for now_ns, _, item in rig.near.got if type(item) is Sent]
    assert len(sents) == 3
    assert all(now_ns >= end_ns for now_ns, end_ns in sents)
    assert [end_ns for _, end_ns in sents] == sorted(end_ns for _, end_ns in sents)


def stamps_do_not_run_backwards(rig: Rig) -> None:
    """Bursts follow one another without overlap and are over when they are handed over."""
    for _ in range(4):
        rig.send_far(b"abcdefgh")
    rig.run(lambda: len(rig.near.data) >= 32)
    bursts = [(now_ns, item) for now_ns, _, item in rig.near.got if type(item) is Burst]
    assert all(burst.end_ns <= now_ns for now_ns, burst in bursts)
    assert all(before.end_ns <= after.start_ns for (_, before), (_, after) in pairwise(bursts))


def records_every_byte_once(rig: Rig) -> None:
    """The trace's `Wire` records hold what each end sent, once, under two different sources."""
    rig.send(Transmit(b"near end"))
    rig.run(lambda: len(rig.far_data()) >= 8)
    rig.send_far(b"far end!")
    rig.run(lambda: len(rig.near.data) >= 8)
    sent: dict[str, bytes] = {}
    for event in rig.trace:
        if isinstance(event, Wire):
            sent[event.source] = sent.get(event.source, b"") + bytes.fromhex(event.data)
    assert sorted(sent.values()) == [b"far end!", b"near end"]


CHECKS: tuple[Callable[[Rig], None], ...] = (
    carries_all_bytes_both_ways,
    answers_each_transmit,
    stamps_do_not_run_backwards,
    records_every_byte_once,
)
