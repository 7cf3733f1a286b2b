# SPDX-License-Identifier: Apache-2.0
"""Both clocks pass the suite of clocks; what only the real one does is tested here."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.clocks.lateness import Lateness
from hil.clocks.real import LATE_LIMIT_NS, RealClock
from hil.clocks.virtual import VirtualClock
from hil.kernel import Kernel
from hil.trace.events import Event, Late
from interfaces.wire import NS_PER_MS, NS_PER_S
from tests.suites.clocks import CHECKS, Clock


@pytest.fixture
def clock() -> Iterator[RealClock]:
    with RealClock() as real:
        yield real


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe2(os.O_NONBLOCK)
    yield reading, writing
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
class TestConformance:
    def test_virtual(self, check: Callable[[Clock], None]) -> None:
        """At once."""
        check(VirtualClock())

    def test_real(self, clock: RealClock, check: Callable[[Clock], None]) -> None:
        """On the machine's clock."""
        check(clock)


class Reader:
    """Reads a descriptor and keeps the kernel's time, the handler's and the bytes."""

    def __init__(self, kernel: Kernel, fd: int) -> None:
        self.kernel, self.fd = kernel, fd
        self.seen: list[tuple[int, int, bytes]] = []

    def __call__(self, now_ns: int) -> None:
        self.seen.append((self.kernel.now_ns, now_ns, os.read(self.fd, 100)))


class TestDescriptors:
    def test_input_is_seen_at_the_actual_instant(self, clock: RealClock, pipe: tuple[int, int]) -> None:
        """The kernel stands at the instant the handler gets; what it schedules for now runs at that instant."""
        kernel = Kernel()
        reader = Reader(kernel, pipe[0])
        ran: list[int] = []
        clock.watch(pipe[0], lambda now_ns: (reader(now_ns), kernel.soon(lambda _: ran.append(kernel.now_ns)))[0])
        kernel.at(3 * NS_PER_MS, lambda _: os.write(pipe[1], b"x"))
        assert clock.run(kernel, 10 * NS_PER_MS)
        ((kernel_ns, now_ns, data),) = reader.seen
        assert data == b"x"
        assert kernel_ns == now_ns > 3 * NS_PER_MS
        assert ran == [now_ns]

    def test_events_due_come_before_input(self, clock: RealClock, pipe: tuple[int, int]) -> None:
        """Time in the kernel never runs backwards, however input and events mix, also on a clock that is behind."""
        kernel = Kernel()
        times: list[int] = []

        def tick(due_ns: int) -> None:
            assert kernel.now_ns == due_ns
            times.append(kernel.now_ns)
            os.write(pipe[1], b"x")
            kernel.at(due_ns + 20_000, tick, due_ns + 20_000)

        def read(now_ns: int) -> None:
            os.read(pipe[0], 1)
            times.append(kernel.now_ns)

        clock.watch(pipe[0], read)
        kernel.at(1000, tick, 1000)
        clock.run(kernel, 5 * NS_PER_MS)
        assert times == sorted(times)
        assert len(times) > 250  # all 250 ticks, and input was not starved

    def test_input_is_seen_while_it_spins(self, clock: RealClock, pipe: tuple[int, int]) -> None:
        """With an event always less than 1 ms ahead, a byte still reaches its handler."""
        kernel = Kernel()
        reader = Reader(kernel, pipe[0])
        clock.watch(pipe[0], reader)
        kernel.at(100_000, lambda _: os.write(pipe[1], b"y"))
        kernel.at(900_000, lambda _: reader.seen.append((0, 0, b"next")))
        clock.run(kernel, NS_PER_MS)
        assert sorted(data for _, _, data in reader.seen) == [b"next", b"y"]

    def test_an_unwatched_descriptor_is_left_alone(self, clock: RealClock, pipe: tuple[int, int]) -> None:
        """Unwatched by a handler of the same batch, too; unwatching twice does no harm."""
        kernel = Kernel()
        called: list[int] = []
        twin = os.dup(pipe[0])

        def once(now_ns: int) -> None:
            called.append(now_ns)
            for fd in (twin, pipe[0], pipe[0]):
                clock.unwatch(fd)

        clock.watch(pipe[0], once)
        clock.watch(twin, once)
        os.write(pipe[1], b"x")
        clock.run(kernel, 2 * NS_PER_MS)
        os.close(twin)
        assert len(called) == 1

    def test_paused_reading_sees_only_writable(self, clock: RealClock, pipe: tuple[int, int]) -> None:
        """Without a readable handler input waits."""
        kernel = Kernel()
        reader = Reader(kernel, pipe[0])
        written: list[int] = []

        def writable(now_ns: int) -> None:
            written.append(now_ns)
            clock.unwatch(pipe[1])

        clock.watch(pipe[0], None)
        clock.watch(pipe[1], None, writable)
        os.write(pipe[1], b"x")
        clock.run(kernel, 2 * NS_PER_MS)
        assert (len(written), reader.seen) == (1, [])
        clock.watch(pipe[0], reader)
        clock.run(kernel, clock.clock_ns() + 2 * NS_PER_MS)
        assert len(reader.seen) == 1


class TestStopping:
    def test_a_signal_ends_a_run_without_end(self, clock: RealClock) -> None:
        """The handler wakes a sleeping loop, at once and not at the next event; the next run is unharmed."""
        kernel = Kernel()
        before = signal.signal(signal.SIGALRM, lambda number, frame: clock.stop())
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.02)
            assert not clock.run(kernel)
        finally:
            signal.signal(signal.SIGALRM, before)
        assert 20 * NS_PER_MS <= clock.clock_ns() < NS_PER_S
        assert clock.run(kernel, clock.clock_ns() + NS_PER_MS)

    def test_a_stop_before_the_run_counts(self, clock: RealClock) -> None:
        """A signal between two runs is not lost."""
        clock.stop()
        assert not clock.run(Kernel(), NS_PER_S)

    def test_collection_is_as_before(self, clock: RealClock) -> None:
        """Frozen while it runs, restored behind it, also when a handler fails."""
        kernel = Kernel()
        states: list[bool] = []
        kernel.at(1, lambda _: states.append(gc.isenabled()))
        kernel.at(2, _fail)
        with pytest.raises(ZeroDivisionError):
            clock.run(kernel, NS_PER_MS)
        assert states == [False]
        assert gc.isenabled()
        assert gc.get_freeze_count() == 0

    def test_closing_leaves_nothing(self) -> None:
        """Its epoll and its event descriptor; twice is once."""
        real = RealClock()
        before = os.dup(0)
        real.close()
        real.close()
        after = os.dup(0)
        os.close(before)
        os.close(after)
        assert after < before


def _fail(item: Any) -> None:
    raise ZeroDivisionError


class TestLateness:
    def test_what_is_late_is_recorded_with_the_instant_due(self) -> None:
        """An event that holds the loop for 3 ms makes the next one late; its own instant stays the one due."""
        trace: list[Event] = []
        with RealClock(trace.append) as clock:
            kernel = Kernel()
            ran: list[int] = []

            def hold(item: Any) -> None:
                end_ns = clock.clock_ns() + 3 * NS_PER_MS
                while clock.clock_ns() < end_ns:
                    pass

            kernel.at(NS_PER_MS, hold)
            kernel.at(NS_PER_MS + 1, lambda _: ran.append(kernel.now_ns))
            clock.run(kernel, 5 * NS_PER_MS)
        assert ran == [NS_PER_MS + 1]
        late = [event for event in trace if isinstance(event, Late) and event.time_ns == NS_PER_MS + 1]
        assert len(late) == 1
        assert late[0].late_ns > LATE_LIMIT_NS
        assert clock.lateness.max_ns >= late[0].late_ns
        assert clock.lateness.count == 2

    def test_idle_is_called_when_nothing_is_due_and_at_least_once_a_second(self) -> None:
        """In the silence after an event, not while events follow closely."""
        calls: list[int] = []
        with RealClock(idle=lambda: calls.append(clock.clock_ns())) as clock:
            kernel = Kernel()
            kernel.at(70 * NS_PER_MS, lambda _: None)
            clock.run(kernel, 200 * NS_PER_MS)
        assert any(call_ns > 70 * NS_PER_MS for call_ns in calls)
        assert len(calls) <= 4

    @given(st.lists(st.integers(0, 1 << 40), min_size=1, max_size=200), st.integers(1, 1000))
    def test_quantiles_are_exact_to_a_sixteenth(self, samples: list[int], per_mille: int) -> None:
        """Never below the true sample, and above it by less than a sixteenth."""
        lateness = Lateness()
        for sample in samples:
            lateness.add(sample)
        true = sorted(samples)[-(-len(samples) * per_mille // 1000) - 1]
        assert true <= lateness.quantile_ns(per_mille) <= true + true // 16
        assert (lateness.count, lateness.max_ns) == (len(samples), max(samples))
