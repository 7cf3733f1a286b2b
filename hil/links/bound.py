# SPDX-License-Identifier: Apache-2.0
"""The bound of a link's queue: when to say `Full` and `Ready`, and how much was lost in between."""

from __future__ import annotations

from hil.part import Output
from hil.trace.events import TRACE, Overflow
from interfaces.wire import Full, Ready

HIGH_BYTES = 64 * 1024
LOW_BYTES = HIGH_BYTES // 2


class Bound:
    """Counts the bytes that wait on `port`; never more than `HIGH_BYTES` and one item."""

    __slots__ = ("_place", "_port", "full", "held", "lost")

    def __init__(self, place: str, port: str) -> None:
        self._place, self._port = place, port
        self.held = 0
        self.full = False
        self.lost = 0

    def take(self, size: int, out: list[Output]) -> bool:
        """Whether `size` more bytes may wait; those that may not are counted."""
        if self.full:
            self.lost += size
            return False
        self.held += size
        if self.held >= HIGH_BYTES:
            self.full = True
            out.append((self._port, Full()))
        return True

    def free(self, now_ns: int, size: int, out: list[Output]) -> None:
        """`size` bytes wait no longer."""
        self.held -= size
        if self.full and self.held <= LOW_BYTES:
            self.full = False
            self.tell_lost(now_ns, out)
            out.append((self._port, Ready()))

    def tell_lost(self, now_ns: int, out: list[Output]) -> None:
        """Record what was lost, once for all of it, so that a flood does not flood the trace."""
        if self.lost:
            out.append((TRACE, Overflow(now_ns, self._place, f"bytes to send on {self._port}", self.lost)))
            self.lost = 0
