# SPDX-License-Identifier: Apache-2.0
"""Bytes on their way out through a descriptor that must not block.

They are written at once; what the descriptor does not take waits, bounded, until it is writable. `Sent`
comes when all has left: one for what waited together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from hil.links.bound import Bound
from hil.part import Output
from hil.trace.events import TRACE
from interfaces.wire import Sent

Write: TypeAlias = Callable[[bytes | bytearray], int]


class Outlet:
    """`write` is a non-blocking one; whatever it raises but `BlockingIOError` comes out of `put` and `flush`."""

    __slots__ = ("_port", "_rest", "_write", "bound")

    def __init__(self, place: str, port: str, write: Write) -> None:
        self.bound = Bound(place, port)
        self._port = port
        self._write = write
        self._rest = bytearray()

    @property
    def waits(self) -> bool:
        """Whether `flush` is wanted once the descriptor is writable."""
        return bool(self._rest)

    def put(self, now_ns: int, data: bytes, out: list[Output]) -> None:
        if not self._rest:
            count = self._try(data)
            if count == len(data):
                out.append((self._port, Sent(now_ns)))
                return
            data = data[count:]
        if self.bound.take(len(data), out):
            self._rest += data

    def flush(self, now_ns: int, out: list[Output]) -> None:
        count = self._try(self._rest)
        del self._rest[:count]
        self.bound.free(now_ns, count, out)
        if not self._rest:
            out.append((self._port, Sent(now_ns)))

    def _try(self, data: bytes | bytearray) -> int:
        try:
            return self._write(data)
        except BlockingIOError:
            return 0


def traced(out: list[Output]) -> list[Output]:
    """The records alone: a line wants no answers from the gateway at its tap."""
    return [output for output in out if output[0] == TRACE]
