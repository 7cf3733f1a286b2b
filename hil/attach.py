# SPDX-License-Identifier: Apache-2.0
"""Puts a pure part on the kernel: delivers items, arms its deadline, routes what it puts out.

A part never sees the kernel. Delivery is queued at the present instant, so that parts which feed
each other never re-enter one another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from hil.kernel import Kernel
from hil.part import Outputs, Part
from hil.trace.events import TRACE, Event

Record: TypeAlias = Callable[[Event], None]

NEVER = 1 << 63  # ns: beyond every run


class UnroutedError(RuntimeError):
    """A part spoke on a port that nobody connected (a bug in how the bench was composed)."""


class Node:
    """One part on one kernel."""

    __slots__ = ("_armed", "_kernel", "_record", "_routes", "name", "part")

    def __init__(self, kernel: Kernel, part: Part, record: Record) -> None:
        self.name = part.name
        self.part = part
        self._kernel = kernel
        self._record = record
        self._routes: dict[str, tuple[Callable[[tuple[str, Any]], None], str]] = {}
        self._armed = [NEVER]  # instants with an entry in the queue, the next one last
        self._arm()

    def connect(self, port: str, peer: Node, peer_port: str) -> None:
        """Send what this part puts out on `port` to `peer_port` of `peer` (one way)."""
        self._routes[port] = (peer.receive, peer_port)

    def inject(self, port: str, item: Any) -> None:
        """Give the part an item at the present instant."""
        self._kernel.soon(self.receive, (port, item))

    def receive(self, delivery: tuple[str, Any]) -> None:
        """Kernel entry: hand one (port, item) to the part."""
        outputs = self.part.receive(self._kernel.now_ns, delivery[0], delivery[1])
        if outputs:
            self.emit(outputs)
        self._arm()

    def emit(self, outputs: Outputs) -> None:
        """Route outputs as though the part had just put them out."""
        routes, soon = self._routes, self._kernel.soon
        for port, item in outputs:
            if port == TRACE:
                self._record(item)
                continue
            call, peer_port = routes.get(port) or self._dynamic(port)
            soon(call, (peer_port, item))

    def _dynamic(self, port: str) -> tuple[Callable[[tuple[str, Any]], None], str]:
        base, _, key = port.partition("#")
        if not key or base not in self._routes:
            raise UnroutedError(f"{self.name}: nothing is connected to port {port!r}")
        call, peer_base = self._routes[base]
        return call, f"{peer_base}#{key}"

    def _arm(self) -> None:
        deadline_ns = self.part.deadline_ns
        if deadline_ns is not None and deadline_ns < self._armed[-1]:
            self._armed.append(deadline_ns)
            self._kernel.at(deadline_ns, self._wake)

    def _wake(self, _: None) -> None:
        # A deadline that moved later leaves its old entry in the queue; it finds nothing due here. One that
        # a sooner one pushed aside still has its entry, and needs no second.
        self._armed.pop()
        now_ns = self._kernel.now_ns
        deadline_ns = self.part.deadline_ns
        if deadline_ns is not None and deadline_ns <= now_ns:
            outputs = self.part.expire(now_ns)
            if outputs:
                self.emit(outputs)
        self._arm()
