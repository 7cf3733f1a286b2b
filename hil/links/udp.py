# SPDX-License-Identifier: Apache-2.0
"""UDP: each `Transmit` on `net` is a datagram, each datagram a `Burst`.

Without a `peer` the bench answers whoever spoke last. Nothing says whether a datagram arrived; one that
this host refuses to send is recorded.
"""

from __future__ import annotations

import socket
from typing import Any

from hil.descriptor import Emit, Poller
from hil.links.connection import NET, PEER, shown
from hil.links.sockets import STAMP_LATE_NS, bind, resolve
from hil.part import Output
from hil.trace.events import TRACE, Overflow, Wire
from interfaces.wire import Burst, Sent, Transmit

_DATAGRAM_MAX = 65535


class UdpSocket:
    """`host`:`port` is where it listens (port 0: a free one), `peer` whom it talks to."""

    deadline_ns: int | None = None

    def __init__(self, name: str, host: str = "127.0.0.1", port: int = 0, peer: tuple[str, int] | None = None) -> None:
        self.name = name
        self._host, self._port = host, port
        self._peer = peer
        self._to: Any = None  # the address that the next datagram goes to
        self._socket: socket.socket | None = None

    @property
    def where(self) -> str:
        return shown(self._socket.getsockname()) if self._socket is not None else f"{self._host}:{self._port}"

    def open(self, poller: Poller, emit: Emit) -> None:
        self._poller, self._emit = poller, emit
        if self._peer is not None:
            _, self._to = resolve(*self._peer, socket.SOCK_DGRAM)
        self._socket = bind(self._host, self._port, socket.SOCK_DGRAM)
        poller.watch(self._socket.fileno(), self._read)

    def close(self) -> None:
        if self._socket is not None:
            self._poller.unwatch(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def receive(self, now_ns: int, port: str, item: Any) -> list[Output]:
        if type(item) is not Transmit or self._socket is None:
            return []
        if self._to is None:
            return [(TRACE, Overflow(now_ns, self.name, "datagrams before a peer is known", 1))]
        try:
            self._socket.sendto(item.data, self._to)
        except OSError as error:
            return [(TRACE, Overflow(now_ns, self.name, f"datagrams ({error.strerror})", 1))]
        return [(TRACE, Wire(now_ns, self.name, NET, now_ns, now_ns, item.data.hex())), (NET, Sent(now_ns))]

    def expire(self, now_ns: int) -> list[Output]:
        return []

    def _read(self, now_ns: int) -> None:
        assert self._socket is not None
        try:
            data, address = self._socket.recvfrom(_DATAGRAM_MAX)
        except OSError:
            return  # nothing there, or the peer's host said that nobody listens; both mean no datagram
        if self._peer is None:
            self._to = address
        wire = Wire(now_ns, self.name, PEER, now_ns, now_ns, data.hex(), STAMP_LATE_NS)
        self._emit([(TRACE, wire), (NET, Burst(now_ns, data, 0, 10, (), STAMP_LATE_NS))])
