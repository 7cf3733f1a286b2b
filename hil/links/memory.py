# SPDX-License-Identifier: Apache-2.0
"""A TCP connection in memory, for benches without real ports.

Ports `client` and `server`. `Up` from the client asks to open; the server then sees `server#<n>`,
n counting connections. `Down` from either end closes both.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from hil.part import Output, Outputs
from hil.trace.events import TRACE, Wire
from interfaces.wire import Burst, Down, Record, Transmit, Up

CLIENT, SERVER = "client", "server"


class _Passing(Record, frozen=True, gc=False):
    """Bytes under way."""

    due_ns: int
    port: str
    burst: Burst


class Pipe:
    """One client and one server; bytes take `latency_ns` and keep their order."""

    def __init__(self, name: str, latency_ns: int = 0) -> None:
        self.name = name
        self._latency_ns = latency_ns
        self._count = 0
        self._server: str | None = None
        self._passing: deque[_Passing] = deque()

    @property
    def deadline_ns(self) -> int | None:
        return self._passing[0].due_ns if self._passing else None

    def receive(self, now_ns: int, port: str, item: Any) -> Outputs:
        if isinstance(item, Transmit):
            return self._carry(now_ns, port, item.data)
        if isinstance(item, Up) and port == CLIENT:
            return self._open(item.peer)
        if isinstance(item, Down) and self._server is not None:
            server, self._server = self._server, None
            self._passing.clear()
            return [(server, item), (CLIENT, item)]
        return ()

    def expire(self, now_ns: int) -> Outputs:
        out: list[Output] = []
        while self._passing and self._passing[0].due_ns <= now_ns:
            passing = self._passing.popleft()
            out.append((passing.port, passing.burst))
        return out

    def _open(self, peer: str) -> Outputs:
        closed = [(self._server, Down("opened anew"))] if self._server is not None else []
        self._count += 1
        self._server = f"{SERVER}#{self._count}"
        return [*closed, (self._server, Up(peer)), (CLIENT, Up(self.name))]

    def _carry(self, now_ns: int, port: str, data: bytes) -> Outputs:
        if self._server is None or port not in (CLIENT, self._server):
            return [(port, Down("not connected"))]
        arrives_ns = now_ns + self._latency_ns
        target = self._server if port == CLIENT else CLIENT
        burst = Burst(arrives_ns, data)
        wire = (TRACE, Wire(now_ns, self.name, port, now_ns, arrives_ns, data.hex()))
        if self._latency_ns == 0:
            return [wire, (target, burst)]
        self._passing.append(_Passing(arrives_ns, target, burst))
        return [wire]
