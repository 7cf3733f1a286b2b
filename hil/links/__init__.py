# SPDX-License-Identifier: Apache-2.0
"""Links by name. Each is imported when it is asked for, so that an absent driver costs nothing until then.

Others bring theirs by entry points of the group `hil.links`.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from interfaces.errors import PortError

GROUP = "hil.links"

LINKS = {
    "line": "hil.links.line:Line",
    "memory": "hil.links.memory:Pipe",
    "pty": "hil.links.pty:PtyGateway",
    "serial": "hil.links.serial:SerialGateway",
    "tcp-listen": "hil.links.tcp:TcpListener",
    "tcp-connect": "hil.links.tcp:TcpClient",
    "udp": "hil.links.udp:UdpSocket",
}


def find(name: str) -> Any:
    """The class of the link called `name`. Raises `PortError` when there is none."""
    where = LINKS.get(name)
    if where is not None:
        module, _, attribute = where.partition(":")
        return getattr(import_module(module), attribute)
    brought = entry_points(group=GROUP)
    for entry in brought:
        if entry.name == name:
            return entry.load()
    known = ", ".join(sorted({*LINKS, *brought.names}))
    raise PortError(name, "there is no such kind of link", f"take one of: {known}")
