# SPDX-License-Identifier: Apache-2.0
"""The event queue: integer nanoseconds, ordered by time and then by order of scheduling.

Entries are bound methods with one item, never closures or generators, so that a kernel and all
that hangs on it can be copied in mid-run with `copy.deepcopy`. The kernel reads no clock: whoever
calls `run_to` decides how time moves.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, TypeAlias

Call: TypeAlias = Callable[[Any], None]

MAX_EVENTS_AT_ONE_INSTANT = 100_000


class StuckTimeError(RuntimeError):
    """Too many events at one instant: two parts feed each other without time passing (a bug)."""

    def __init__(self, now_ns: int, count: int, call: Call) -> None:
        self.now_ns, self.count = now_ns, count
        owner = getattr(getattr(call, "__self__", None), "name", "")
        super().__init__(f"{count} events at {now_ns} ns and no end; the last one was {owner} {call!r}")


class Kernel:
    """A queue of calls in virtual time.

    Calls for the present instant wait in a plain queue: everything in the heap for this instant
    was scheduled before it began, so heap first, then queue, is the order of scheduling.
    """

    __slots__ = ("_heap", "_sequence", "_soon", "_stopped", "now_ns")

    def __init__(self, now_ns: int = 0) -> None:
        self.now_ns = now_ns
        self._heap: list[tuple[int, int, Call, Any]] = []
        self._soon: deque[tuple[Call, Any]] = deque()
        self._sequence = 0
        self._stopped = False

    def at(self, time_ns: int, call: Call, item: Any = None) -> None:
        """Schedule `call(item)` at `time_ns`; an instant already past means now."""
        if time_ns <= self.now_ns:
            self._soon.append((call, item))
        else:
            self._sequence += 1
            heappush(self._heap, (time_ns, self._sequence, call, item))

    def soon(self, call: Call, item: Any = None) -> None:
        """Schedule `call(item)` at the present instant, after all that is already due."""
        self._soon.append((call, item))

    def next_ns(self) -> int | None:
        """The instant of the next event, or None when there is none."""
        if self._soon:
            return self.now_ns
        return self._heap[0][0] if self._heap else None

    def stop(self) -> None:
        """Make the present `run_to` return after the event that called this."""
        self._stopped = True

    def run_to(self, until_ns: int) -> bool:
        """Run every event due up to and including `until_ns`, then stand at `until_ns`.

        Returns False when `stop` ended the run early, at the instant of the event that called it.
        """
        heap, soon, pop, take = self._heap, self._soon, heappop, self._soon.popleft
        now_ns = self.now_ns
        self._stopped = False
        while True:
            left = MAX_EVENTS_AT_ONE_INSTANT
            # Nothing joins the heap for this instant any more, so it is emptied first.
            while heap and heap[0][0] <= now_ns:
                _, _, call, item = pop(heap)
                call(item)
                left -= 1
                if self._stopped:
                    return False
            while soon:
                call, item = take()
                if left <= 0:
                    raise StuckTimeError(now_ns, MAX_EVENTS_AT_ONE_INSTANT, call)
                call(item)
                left -= 1
                if self._stopped:
                    return False
            if left < 0:
                raise StuckTimeError(now_ns, MAX_EVENTS_AT_ONE_INSTANT - left, call)
            if not heap or heap[0][0] > until_ns:
                self.now_ns = max(now_ns, until_ns)
                return True
            self.now_ns = now_ns = heap[0][0]
