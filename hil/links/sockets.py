# SPDX-License-Identifier: Apache-2.0
"""Addresses and bound sockets; what can go wrong with them as `PortError`s with a mend."""

from __future__ import annotations

import errno
import socket
from typing import Any

from interfaces.errors import PortError

# How late a stamp may be on a socket: a wake-up of this process on a busy host, scheduler tick included.
STAMP_LATE_NS = 1_000_000

PORT_MAX = 65_535

_BACKLOG = 128

_MENDS = {
    errno.EADDRINUSE: "stop what uses it, or take port 0 for a free one",
    errno.EACCES: "take a port from 1024 on, or run with the right to bind lower ones",
    errno.EADDRNOTAVAIL: "take an address of this machine, such as 127.0.0.1",
}
_MEND = "check the address"


def resolve(host: str, port: int, kind: socket.SocketKind) -> tuple[socket.AddressFamily, Any]:
    """Family and address of `host`:`port`. Raises `PortError`."""
    try:
        found = socket.getaddrinfo(host, port, type=kind)
    except OSError as error:
        raise PortError(f"{host}:{port}", f"no such address ({error.strerror})", "check the host's name") from error
    family, _, _, _, address = found[0]
    return family, address


def bind(host: str, port: int, kind: socket.SocketKind) -> socket.socket:
    """A non-blocking socket bound to `host`:`port`, a stream's listening. Raises `PortError`, nothing left open."""
    family, address = resolve(host, port, kind)
    bound = socket.socket(family, kind)
    try:
        if kind is socket.SOCK_STREAM:
            # Connections of the last run linger in TIME_WAIT; they don't keep the port from us.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.setblocking(False)
        if kind is socket.SOCK_STREAM:
            bound.listen(_BACKLOG)
    except OSError as error:
        bound.close()
        mend = _MENDS.get(error.errno or 0, _MEND)
        raise PortError(f"{host}:{port}", str(error.strerror).lower(), mend) from error
    return bound


def parse_address(text: str) -> tuple[str, int]:
    """`host:port` in two. Raises `PortError` when it is none."""
    host, colon, number = text.rpartition(":")
    if not colon or not host or not number.isdecimal() or int(number) > PORT_MAX:
        raise PortError(text, "is no host:port", f"write an address and a port up to {PORT_MAX}, 0 for a free one")
    return host.strip("[]"), int(number)
