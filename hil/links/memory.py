# SPDX-License-Identifier: Apache-2.0
"""A TCP connection in memory, as a pure part: bytes in order, no line timing, open and close.

`Up` received on `client` opens a connection: `client` and `server#<n>` both get `Up`. What one end
transmits the other gets as a `Burst` `latency_ns` later; `Down` from one end is passed to the other
behind what was sent before it, and the connection is gone. There is one client.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from hil.links.bound import Bound
from hil.part import Output, Outputs
from hil.trace.events import TRACE, Wire
from interfaces.wire import Burst, Down, Record, Sent, Transmit, Up

CLIENT = "client"
SERVER = "server"


class _Flight(Record, frozen=True):
    """An item on its way from `source` to `to`."""

    due_ns: int
    source: str
    to: str
    item: Transmit | Up | Down


class Pipe:
    """Ports `client` and `server#<n>`."""

    __slots__ = ("_bounds", "_flights", "_handlers", "_latency_ns", "_number", "_server", "name")

    def __init__(self, name: str, latency_ns: int = 0) -> None:
        self.name = name
        self._latency_ns = latency_ns
        self._number = 0
        self._server = ""  # the open connection's port at the server, "" when there is none
        self._flights: deque[_Flight] = deque()
        self._bounds = {CLIENT: Bound(name, CLIENT)}
        self._handlers: dict[type, Callable[[int, str, Any], Outputs]] = {
            Transmit: self._on_transmit,
            Up: self._on_up,
            Down: self._on_down,
        }

    @property
    def deadline_ns(self) -> int | None:
        return self._flights[0].due_ns if self._flights else None

    def receive(self, now_ns: int, port: str, item: Any) -> Outputs:
        """What comes for a connection that is closed meanwhile is dropped, as TCP does."""
        handler = self._handlers.get(type(item))
        return handler(now_ns, port, item) if handler is not None else ()

    def expire(self, now_ns: int) -> Outputs:
        out: list[Output] = []
        while self._flights and self._flights[0].due_ns <= now_ns:
            self._land(now_ns, self._flights.popleft(), out)
        return out

    def _on_up(self, now_ns: int, port: str, up: Up) -> Outputs:
        if port != CLIENT or self._server:
            return ()
        self._number += 1
        server = self._server = f"{SERVER}#{self._number}"
        # Bytes of the client's last connection may still be on their way: its bound goes on.
        self._bounds = {CLIENT: self._bounds[CLIENT], server: Bound(self.name, server)}
        return [*self._send(now_ns, CLIENT, server, Up(up.peer)), (CLIENT, Up(self.name))]

    def _on_transmit(self, now_ns: int, port: str, item: Transmit) -> Outputs:
        to = self._other_end(port)
        if not to:
            return ()
        if not self._latency_ns:
            return [*self._arrive(now_ns, port, to, item), (port, Sent(now_ns))]
        out: list[Output] = [(port, Sent(now_ns))]
        if self._bounds[port].take(len(item.data), out):
            out += self._send(now_ns, port, to, item)
        return out

    def _on_down(self, now_ns: int, port: str, down: Down) -> Outputs:
        to = self._other_end(port)
        if not to:
            return ()
        # The end that closes hears no more; what it sent before still arrives.
        self._flights = deque(flight for flight in self._flights if flight.to != port)
        out: list[Output] = []
        self._bounds[port].tell_lost(now_ns, out)
        self._server = ""
        return [*out, *self._send(now_ns, port, to, down)]

    def _other_end(self, port: str) -> str:
        if port == CLIENT:
            return self._server
        return CLIENT if port == self._server else ""

    def _send(self, now_ns: int, source: str, to: str, item: Transmit | Up | Down) -> Outputs:
        if not self._latency_ns:
            return [(to, item)]
        self._flights.append(_Flight(now_ns + self._latency_ns, source, to, item))
        return ()

    def _arrive(self, now_ns: int, source: str, to: str, item: Transmit) -> list[Output]:
        wire = Wire(now_ns, self.name, source, now_ns, now_ns, item.data.hex())
        return [(TRACE, wire), (to, Burst(now_ns, item.data))]

    def _land(self, now_ns: int, flight: _Flight, out: list[Output]) -> None:
        if isinstance(flight.item, Transmit):
            out += self._arrive(now_ns, flight.source, flight.to, flight.item)
            bound = self._bounds.get(flight.source)
            if bound is not None:
                bound.free(now_ns, len(flight.item.data), out)
        else:
            out.append((flight.to, flight.item))
