# SPDX-License-Identifier: Apache-2.0
"""The clock of lab hardware: one plain loop on the machine's monotonic clock and file descriptors.

It sleeps on readiness until about 1 ms before the next event and spins from there, because a sleeper
wakes hundreds of microseconds late. Events run at the instant they were due, handlers of descriptors at
the instant that is, after every event due by then; the kernel's time never runs backwards. There is no
other thread, and garbage collection is frozen while it runs.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
from collections.abc import Callable, Iterator
from time import monotonic_ns
from types import TracebackType
from typing import Self

from hil.clocks.lateness import Lateness
from hil.descriptor import Handler
from hil.kernel import Kernel
from hil.trace.events import Event, Late

SPIN_NS = 1_000_000
LATE_LIMIT_NS = 1_000_000  # what is later goes into the trace
QUIET_NS = 2_000_000  # `idle` may take this long when nothing is due within it
_IDLE_EVERY_NS = 50_000_000
_IDLE_AT_LEAST_NS = 1_000_000_000
_FOREVER_NS = 1 << 62
_NS_PER_TICK = 1_000_000  # epoll counts in milliseconds
_NOBODY = (None, None)
_PLACE = "clock"


class RealClock:
    """A `hil.descriptor.Poller` that runs a kernel; bench time 0 is the start of the first run.

    `record` gets a `Late` for each instant served more than 1 ms late; `idle` is called when nothing is
    due within 2 ms, and at least once a second. `lateness` holds how late every instant was served.
    """

    def __init__(self, record: Callable[[Event], None] | None = None, idle: Callable[[], None] | None = None) -> None:
        self.lateness = Lateness()
        self._record = record
        self._idle = idle
        self._handlers: dict[int, tuple[Handler | None, Handler | None]] = {}
        self._epoll = select.epoll()
        self._wake_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._epoll.register(self._wake_fd, select.EPOLLIN)
        self._base_ns: int | None = None
        self._stopped = False
        self._idle_ns = 0
        self._idle_owed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give the clock's own descriptors back; those watched belong to their gateways."""
        if not self._epoll.closed:
            self._epoll.close()
            os.close(self._wake_fd)

    def watch(self, fd: int, readable: Handler | None, writable: Handler | None = None) -> None:
        mask = (select.EPOLLIN if readable else 0) | (select.EPOLLOUT if writable else 0)
        if fd in self._handlers:
            self._epoll.modify(fd, mask)
        else:
            self._epoll.register(fd, mask)
        self._handlers[fd] = (readable, writable)

    def unwatch(self, fd: int) -> None:
        if self._handlers.pop(fd, None) is not None and not self._epoll.closed:
            self._epoll.unregister(fd)

    def clock_ns(self) -> int:
        return monotonic_ns() - self._base_ns if self._base_ns is not None else 0

    def stop(self) -> None:
        """End the present run, or the next one at once; may be called from a signal handler."""
        self._stopped = True
        os.eventfd_write(self._wake_fd, 1)

    def run(self, kernel: Kernel, until_ns: int | None = None) -> bool:
        """Run to `until_ns` (None: until stopped); False when it was stopped before."""
        if self._base_ns is None:
            self._base_ns = monotonic_ns() - kernel.now_ns
        with _collection_frozen():
            whole = self._loop(kernel, _FOREVER_NS if until_ns is None else until_ns)
        if self._stopped:
            self._stopped = False
            os.eventfd_read(self._wake_fd)
        return whole

    def _loop(self, kernel: Kernel, until_ns: int) -> bool:
        poll = self._epoll.poll
        while not self._stopped:
            now_ns = self.clock_ns()
            due_ns = kernel.next_ns()
            if due_ns is None or due_ns > until_ns:
                due_ns = until_ns
            if due_ns <= now_ns:
                # What is due may go on for ever on a slow host; input must be seen all the same.
                if not self._serve(kernel, min(now_ns, until_ns)):
                    return False
                if now_ns >= until_ns:
                    return True
                ready = poll(0)
            elif due_ns - now_ns <= SPIN_NS:
                ready = poll(0)
            else:
                ready = poll(self._sleep_s(now_ns, due_ns))
            if ready and not self._handle(kernel, ready, until_ns):
                return False
            if now_ns - self._idle_ns >= _IDLE_EVERY_NS:
                self._maybe_idle(kernel, now_ns)
        return False

    def _serve(self, kernel: Kernel, now_ns: int) -> bool:
        """Run all events due by `now_ns`, each at its own instant, and stand there."""
        due_ns = kernel.next_ns()
        while due_ns is not None and due_ns <= now_ns:
            late_ns = max(0, self.clock_ns() - due_ns)
            self.lateness.add(late_ns)
            if late_ns > LATE_LIMIT_NS and self._record is not None:
                self._record(Late(due_ns, _PLACE, late_ns))
            if not kernel.run_to(due_ns):
                return False
            due_ns = kernel.next_ns()
        self._idle_owed = True
        return kernel.run_to(now_ns)

    def _handle(self, kernel: Kernel, ready: list[tuple[int, int]], until_ns: int) -> bool:
        for fd, mask in ready:
            # An earlier handler of this batch may have forgotten this descriptor.
            readable, writable = self._handlers.get(fd, _NOBODY)
            # Hang-ups and errors come unasked: the read, or else the write, finds out which.
            handler = readable if readable is not None and mask != select.EPOLLOUT else writable
            if handler is None:
                continue
            now_ns = self.clock_ns()
            if now_ns >= until_ns:
                return True  # the descriptor stays ready for the next run
            if not self._serve(kernel, now_ns):
                return False
            handler(now_ns)
            if not kernel.run_to(now_ns):
                return False
        return True

    def _sleep_s(self, now_ns: int, due_ns: int) -> float:
        idle_every_ns = _IDLE_EVERY_NS if self._idle_owed else _IDLE_AT_LEAST_NS
        idle_ticks = -((now_ns - self._idle_ns - idle_every_ns) // _NS_PER_TICK)
        due_ticks = (due_ns - SPIN_NS - now_ns) // _NS_PER_TICK
        return max(0, min(idle_ticks, due_ticks)) / 1000

    def _maybe_idle(self, kernel: Kernel, now_ns: int) -> None:
        due_ns = kernel.next_ns()
        quiet = due_ns is None or due_ns - now_ns > QUIET_NS
        if (quiet and self._idle_owed) or now_ns - self._idle_ns >= _IDLE_AT_LEAST_NS:
            self._idle_ns = now_ns
            self._idle_owed = False
            if self._idle is not None:
                self._idle()


@contextlib.contextmanager
def _collection_frozen() -> Iterator[None]:
    was_enabled = gc.isenabled()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()
