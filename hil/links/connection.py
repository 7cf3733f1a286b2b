# SPDX-License-Identifier: Apache-2.0
"""One open TCP connection: bytes in, bytes out, and its end."""

from __future__ import annotations

import socket
from collections.abc import Callable

from hil.descriptor import Emit, Poller
from hil.links.outlet import Outlet
from hil.links.sockets import STAMP_LATE_NS
from hil.part import Output
from hil.trace.events import TRACE, Wire
from interfaces.wire import Burst, Down

NET = "net"
PEER = "peer"
_READ_BYTES = 8192
_CLOSED_BY_PEER = "closed by the peer"


class Connection:
    """`key` is what follows the base in its port's name; `forget` is called when the peer ended it."""

    __slots__ = ("_emit", "_fd", "_forget", "_outlet", "_place", "_poller", "_socket", "_source", "_watched", "port")

    def __init__(
        self,
        place: str,
        key: str,
        opened: socket.socket,
        poller: Poller,
        emit: Emit,
        forget: Callable[[Connection], None],
    ) -> None:
        self.port = NET + key
        self._source = PEER + key
        self._place = place
        self._socket = opened
        self._fd = opened.fileno()
        self._poller, self._emit, self._forget = poller, emit, forget
        opened.setblocking(False)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._outlet = Outlet(place, self.port, opened.send)
        self._watched = (False, False)
        self._watch()

    def close(self) -> None:
        self._poller.unwatch(self._fd)
        self._socket.close()

    def send(self, now_ns: int, data: bytes) -> list[Output]:
        out: list[Output] = [(TRACE, Wire(now_ns, self._place, self.port, now_ns, now_ns, data.hex()))]
        try:
            self._outlet.put(now_ns, data, out)
        except OSError as error:
            return [*out, *self._end(now_ns, str(error.strerror))]
        if self._outlet.waits:
            self._watch()
        return out

    def _read(self, now_ns: int) -> None:
        try:
            data = self._socket.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._emit(self._end(now_ns, str(error.strerror)))
            return
        if not data:
            self._emit(self._end(now_ns, _CLOSED_BY_PEER))
            return
        wire = Wire(now_ns, self._place, self._source, now_ns, now_ns, data.hex(), STAMP_LATE_NS)
        self._emit([(TRACE, wire), (self.port, Burst(now_ns, data, 0, 10, (), STAMP_LATE_NS))])

    def _write(self, now_ns: int) -> None:
        out: list[Output] = []
        try:
            self._outlet.flush(now_ns, out)
        except OSError as error:
            out += self._end(now_ns, str(error.strerror))
        else:
            self._watch()
        if out:
            self._emit(out)

    def _end(self, now_ns: int, reason: str) -> list[Output]:
        self.close()
        self._forget(self)
        out: list[Output] = []
        self._outlet.bound.tell_lost(now_ns, out)
        return [*out, (self.port, Down(reason))]

    def _watch(self) -> None:
        """Read unless the peer does not take what it asked for; write while something waits."""
        wanted = (not self._outlet.bound.full, self._outlet.waits)
        if wanted != self._watched:
            self._watched = wanted
            readable, writable = wanted
            self._poller.watch(self._fd, self._read if readable else None, self._write if writable else None)


def shown(address: tuple[str, int] | tuple[str, int, int, int]) -> str:
    """An address as a user writes it."""
    host, port = address[0], address[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
