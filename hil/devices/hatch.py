# SPDX-License-Identifier: Apache-2.0
"""The hatch of one cell: it travels in a fixed time, turns back where it is told to, and can stick."""

from __future__ import annotations


class Hatch:
    """Its place is counted in ns of travel: 0 is closed, `travel_ns` is open."""

    __slots__ = ("_from", "_from_ns", "_opening", "stuck", "travel_ns")

    def __init__(self, travel_ns: int) -> None:
        self.travel_ns = travel_ns
        self.stuck = False
        self._opening = False
        self._from = 0
        self._from_ns = 0

    def move(self, now_ns: int, opening: bool) -> int:
        """Open or close from where it is; returns the instant at which it arrives (never, if it is stuck)."""
        self._from, self._from_ns, self._opening = self._place(now_ns), now_ns, opening
        return now_ns + (self.travel_ns - self._from if opening else self._from)

    def stick(self, now_ns: int, stuck: bool) -> int:
        """Stop where it is, or go on; returns the instant at which it then arrives."""
        self._from, self._from_ns = self._place(now_ns), now_ns
        self.stuck = stuck
        return self.move(now_ns, self._opening)

    def is_open(self, now_ns: int) -> bool:
        return self._opening and self._place(now_ns) == self.travel_ns

    def is_closed(self, now_ns: int) -> bool:
        return not self._opening and (self._from == 0 or self._place(now_ns) == 0)

    def _place(self, now_ns: int) -> int:
        if self.stuck:
            return self._from
        moved = now_ns - self._from_ns
        return min(self.travel_ns, self._from + moved) if self._opening else max(0, self._from - moved)
