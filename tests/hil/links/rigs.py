# SPDX-License-Identifier: Apache-2.0
"""Every link, open, with a probe at its near end and something to talk to at its far end."""

from __future__ import annotations

import contextlib
import os
import socket
import tty
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hil.attach import Node
from hil.clocks.real import RealClock
from hil.kernel import Kernel
from hil.links.line import Line
from hil.links.memory import CLIENT, SERVER, Pipe
from hil.links.pty import PtyGateway
from hil.links.tcp import TcpClient, TcpListener
from hil.links.udp import UdpSocket
from hil.trace.events import Event
from interfaces.wire import NS_PER_MS, Transmit, Up
from tests.suites.links import LIMIT_NS, Probe, join

NEAR, FAR = "near", "far"
BIT_RATE = 921_600
STEP_NS = 2 * NS_PER_MS


class PureRig:
    """A pure link between two probes, on a kernel alone."""

    def __init__(self, link: Any, near: str, far: str) -> None:
        self.kernel = Kernel()
        self.trace: list[Event] = []
        self.near, self.far = Probe(NEAR), Probe(FAR)
        # A connection's port has a number, its route has none.
        ends = {near.partition("#")[0]: self.near, far.partition("#")[0]: self.far}
        self.link, _ = join(self.kernel, self.trace.append, link, ends)
        self._near, self._far = near, far

    def send(self, item: Any) -> None:
        self.link.inject(self._near, item)

    def send_far(self, data: bytes) -> None:
        self.link.inject(self._far, Transmit(data))

    def far_data(self) -> bytes:
        return self.far.data

    def run(self, done: Callable[[], bool]) -> None:
        end_ns = self.kernel.now_ns + LIMIT_NS
        while not done() and self.kernel.now_ns < end_ns:
            self.kernel.run_to(self.kernel.now_ns + STEP_NS)
        assert done()


class RealRig:
    """A gateway on the real clock, through a line or straight to the probe; a descriptor outside."""

    def __init__(self, gateway: Any, near: str, line: Line | None = None) -> None:
        self.kernel = Kernel()
        self.trace: list[Event] = []
        self.clock = RealClock(self.trace.append)
        self.gateway = gateway
        self.near = Probe(NEAR)
        self.far_fd = -1
        self._near = near
        self._far_data = b""
        if line is None:
            self.entry, _ = join(self.kernel, self.trace.append, gateway, {near.partition("#")[0]: self.near})
            self.node = self.entry
        else:
            self.entry, _ = join(self.kernel, self.trace.append, line, {near: self.near})
            self.node = Node(self.kernel, gateway, self.trace.append)
            self.entry.connect(FAR, self.node, "line")
            self.node.connect("line", self.entry, FAR)

    def open(self) -> None:
        self.gateway.open(self.clock, self.node.emit)

    def close(self) -> None:
        self.gateway.close()
        self.clock.close()

    def send(self, item: Any) -> None:
        self.entry.inject(self._near, item)

    def send_far(self, data: bytes) -> None:
        os.write(self.far_fd, data)

    def far_data(self) -> bytes:
        with contextlib.suppress(BlockingIOError):
            self._far_data += os.read(self.far_fd, 65536)
        return self._far_data

    def run(self, done: Callable[[], bool]) -> None:
        end_ns = self.clock.clock_ns() + LIMIT_NS
        while not done() and self.clock.clock_ns() < end_ns:
            self.clock.run(self.kernel, self.clock.clock_ns() + STEP_NS)
        assert done()


@contextlib.contextmanager
def full_duplex_line() -> Iterator[PureRig]:
    yield PureRig(Line("bus", [NEAR, FAR], BIT_RATE, half_duplex=False), NEAR, FAR)


@contextlib.contextmanager
def half_duplex_line() -> Iterator[PureRig]:
    yield PureRig(Line("bus", [NEAR, FAR], BIT_RATE), NEAR, FAR)


@contextlib.contextmanager
def line_in_pieces() -> Iterator[PureRig]:
    yield PureRig(Line("bus", [NEAR, FAR], BIT_RATE, piece_ns=50_000), NEAR, FAR)


@contextlib.contextmanager
def unpaced_line() -> Iterator[PureRig]:
    yield PureRig(Line("bus", [NEAR, FAR], 0), NEAR, FAR)


@contextlib.contextmanager
def pipe() -> Iterator[PureRig]:
    with _pipe(0) as rig:
        yield rig


@contextlib.contextmanager
def slow_pipe() -> Iterator[PureRig]:
    with _pipe(3 * NS_PER_MS) as rig:
        yield rig


@contextlib.contextmanager
def _pipe(latency_ns: int) -> Iterator[PureRig]:
    rig = PureRig(Pipe("pipe", latency_ns), f"{SERVER}#1", CLIENT)
    rig.link.inject(CLIENT, Up("me"))
    rig.run(lambda: len(rig.near.of(Up)) == 1)
    yield rig


@contextlib.contextmanager
def pty() -> Iterator[RealRig]:
    rig = RealRig(PtyGateway("port"), NEAR, Line("bus", [NEAR, FAR], BIT_RATE, piece_ns=STEP_NS))
    rig.open()
    rig.far_fd = os.open(rig.gateway.where, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    tty.setraw(rig.far_fd)
    try:
        yield rig
    finally:
        os.close(rig.far_fd)
        rig.close()


@contextlib.contextmanager
def tcp_listener() -> Iterator[RealRig]:
    rig = RealRig(TcpListener("tcp"), "net#1")
    rig.open()
    try:
        with client_of(rig) as peer:
            rig.far_fd = peer.fileno()
            yield rig
    finally:
        rig.close()


@contextlib.contextmanager
def tcp_client() -> Iterator[RealRig]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        rig = RealRig(TcpClient("tcp", *server.getsockname()), "net")
        rig.open()
        try:
            rig.send(Up("bench"))
            rig.run(lambda: len(rig.near.of(Up)) == 1)
            peer, _ = server.accept()
            with peer:
                peer.setblocking(False)
                rig.far_fd = peer.fileno()
                yield rig
        finally:
            rig.close()


@contextlib.contextmanager
def udp() -> Iterator[RealRig]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        peer.setblocking(False)
        rig = RealRig(UdpSocket("udp", peer=peer.getsockname()), "net")
        rig.open()
        try:
            peer.connect(address(rig))
            rig.far_fd = peer.fileno()
            yield rig
        finally:
            rig.close()


def open_descriptors() -> int:
    """How many this process holds, the one that counts them included."""
    return len(list(Path("/proc/self/fd").iterdir()))


def address(rig: RealRig) -> tuple[str, int]:
    host, _, port = rig.gateway.where.rpartition(":")
    return host, int(port)


@contextlib.contextmanager
def client_of(rig: RealRig) -> Iterator[socket.socket]:
    """A plain socket, connected to the rig's listener; the bench knows of it."""
    before = len(rig.near.of(Up))
    with socket.create_connection(address(rig)) as peer:
        peer.setblocking(False)
        rig.run(lambda: len(rig.near.of(Up)) == before + 1)
        yield peer


MAKERS = (
    full_duplex_line,
    half_duplex_line,
    line_in_pieces,
    unpaced_line,
    pipe,
    slow_pipe,
    pty,
    tcp_listener,
    tcp_client,
    udp,
)
