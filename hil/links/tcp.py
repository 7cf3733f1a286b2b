# SPDX-License-Identifier: Apache-2.0
"""TCP to and from other processes. Nothing waits: a reply is sent in the call that hands it over.

A listener's connections are ports `net#<n>`, a client's is `net`. A peer that resets, vanishes or floods
is a `Down` or an unread buffer, never an exception: while a connection's backlog is full nothing more
is read from it. In `Wire` records `net...` is what the bench sent and `peer...` what the peer sent.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from typing import Any

from hil.descriptor import Emit, Poller
from hil.links.connection import NET, Connection, shown
from hil.links.sockets import bind, resolve
from hil.part import Output
from hil.trace.events import TRACE, Note, Overflow
from interfaces.wire import Down, Transmit, Up

_ACCEPTS_AT_ONCE = 16
_OUT_OF_DESCRIPTORS = (errno.EMFILE, errno.ENFILE)


class TcpListener:
    """Takes any number of clients on `host`:`port`; port 0 is a free one, `where` says which."""

    deadline_ns: int | None = None

    def __init__(self, name: str, host: str = "127.0.0.1", port: int = 0) -> None:
        self.name = name
        self._host, self._port = host, port
        self._count = 0
        self._connections: dict[str, Connection] = {}
        self._listener: socket.socket | None = None
        self._spare_fd = -1

    @property
    def where(self) -> str:
        return shown(self._listener.getsockname()) if self._listener is not None else f"{self._host}:{self._port}"

    def open(self, poller: Poller, emit: Emit) -> None:
        self._poller, self._emit = poller, emit
        self._listener = bind(self._host, self._port, socket.SOCK_STREAM)
        self._spare_fd = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        poller.watch(self._listener.fileno(), self._accept)

    def close(self) -> None:
        for connection in list(self._connections.values()):
            connection.close()
        self._connections.clear()
        if self._listener is not None:
            self._poller.unwatch(self._listener.fileno())
            self._listener.close()
            self._listener = None
            if self._spare_fd >= 0:
                os.close(self._spare_fd)

    def receive(self, now_ns: int, port: str, item: Any) -> list[Output]:
        """What comes for a connection that is closed meanwhile is dropped."""
        connection = self._connections.get(port)
        if connection is None:
            return []
        if type(item) is Transmit:
            return connection.send(now_ns, item.data)
        if type(item) is Down:
            del self._connections[port]
            connection.close()
        return []

    def expire(self, now_ns: int) -> list[Output]:
        return []

    def _accept(self, now_ns: int) -> None:
        assert self._listener is not None
        for _ in range(_ACCEPTS_AT_ONCE):
            try:
                client, address = self._listener.accept()
            except BlockingIOError:
                return
            except OSError as error:
                # Anything else (accept(2): a network error already pending) concerns that client alone.
                if error.errno in _OUT_OF_DESCRIPTORS:
                    self._turn_away(now_ns)
                return
            self._count += 1
            connection = Connection(self.name, f"#{self._count}", client, self._poller, self._emit, self._forget)
            self._connections[connection.port] = connection
            self._emit([(connection.port, Up(shown(address)))])

    def _turn_away(self, now_ns: int) -> None:
        """Without a descriptor the client would stay in the queue and the listener ready for ever: a spare one
        takes him, to close at once."""
        assert self._listener is not None
        os.close(self._spare_fd)
        with contextlib.suppress(OSError):  # he has gone, or another process took the descriptor
            self._listener.accept()[0].close()
        out: list[Output] = [(TRACE, Overflow(now_ns, self.name, "connections (no file descriptor left)", 1))]
        try:
            self._spare_fd = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self._spare_fd = -1
            self._poller.unwatch(self._listener.fileno())
            out.append((TRACE, Note(now_ns, self.name, "takes no more clients: this machine is out of descriptors")))
        self._emit(out)

    def _forget(self, connection: Connection) -> None:
        self._connections.pop(connection.port, None)


class TcpClient:
    """Connects to `host`:`port` on `Up` from the bench; answers `Up`, or `Down` when it cannot. Retries are the
    caller's."""

    deadline_ns: int | None = None

    def __init__(self, name: str, host: str, port: int) -> None:
        self.name = name
        self._host, self._port = host, port
        self._connecting: socket.socket | None = None
        self._connection: Connection | None = None

    @property
    def where(self) -> str:
        return f"{self._host}:{self._port}"

    def open(self, poller: Poller, emit: Emit) -> None:
        self._poller, self._emit = poller, emit
        self._family, self._address = resolve(self._host, self._port, socket.SOCK_STREAM)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._connecting is not None:
            self._poller.unwatch(self._connecting.fileno())
            self._connecting.close()
            self._connecting = None

    def receive(self, now_ns: int, port: str, item: Any) -> list[Output]:
        if type(item) is Transmit:
            return self._connection.send(now_ns, item.data) if self._connection is not None else []
        if type(item) is Down:
            self.close()
        elif type(item) is Up and self._connection is None and self._connecting is None:
            return self._connect()
        return []

    def expire(self, now_ns: int) -> list[Output]:
        return []

    def _connect(self) -> list[Output]:
        try:
            client = socket.socket(self._family, socket.SOCK_STREAM)
            client.setblocking(False)
            problem = client.connect_ex(self._address)
        except OSError as error:
            return [(NET, Down(str(error.strerror)))]
        if problem not in (0, errno.EINPROGRESS):
            client.close()
            return [(NET, Down(os.strerror(problem)))]
        self._connecting = client
        self._poller.watch(client.fileno(), None, self._connected)
        return []

    def _connected(self, now_ns: int) -> None:
        client = self._connecting
        assert client is not None
        self._connecting = None
        self._poller.unwatch(client.fileno())
        problem = client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if problem:
            client.close()
            self._emit([(NET, Down(os.strerror(problem)))])
            return
        self._connection = Connection(self.name, "", client, self._poller, self._emit, self._forget)
        self._emit([(NET, Up(shown(client.getpeername())))])

    def _forget(self, connection: Connection) -> None:
        self._connection = None
