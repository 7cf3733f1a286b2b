# SPDX-License-Identifier: Apache-2.0
"""Simulation time moves the bench: the kernel runs inside the simulator, between two edges of the RTL's clock.

Edge n of the RTL is at n periods of the bench. The bench stands in the middle of a cycle: what happened at its edge is
told to the kernel at the edge's instant, then all events of that cycle are run, and the pins that they set are sampled
by the next edge. While every seat is quiet, no simulation time passes: counters are advanced as the library's model
does it (`model/counters.h`), so that waves show what moves and nothing between.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from typing import Any

from cocotb.handle import Immediate
from cocotb.triggers import First, Timer, ValueChange

from firmware_sim.bench.clock import LogicClock, now_ps
from firmware_sim.bench.pins_body import PINS, PinsBody, Seen, Sending
from firmware_sim.model.library import FOREVER, Counters, limits, load
from hil.bench import Bench
from interfaces.errors import BenchError
from interfaces.spec.model import Icd

_COUNTED = (
    ("timer", "u_sequencer", "timer_q"),
    ("link", "u_watchdog", "link_q"),
    ("sequence", "u_watchdog", "sequence_q"),
    ("phase", "u_timebase", "phase_q"),
    ("length", "u_timebase", "length_q"),
    ("us", "u_timebase", "us_q"),
    ("cycle_us", "u_timebase", "cycle_us_q"),
    ("second_us", "u_timebase", "second_us_q"),
    ("slew_us", "u_timebase", "slew_us_q"),
    ("since_pps", "u_timebase", "since_pps_q"),
)
_READ = (
    ("timer_limit", "u_sequencer", "limit_clocks"),
    ("slewing", "u_timebase", "pending_q"),
    ("slot_us", "u_status_slot", "awaited_us"),
    ("slot_waits", "u_status_slot", "awaits"),
)
_RESET_EDGES = 4
# An assertion that looks one clock ahead must have seen that clock stepped.
_CALM = 2


class SeatsTakenError(BenchError):
    """More cells have power at once than the simulation has seats. Whoever chose the number must act."""


class RtlSeat:
    """One instance of the RTL; `body` is who sits in it."""

    def __init__(self, dut: Any, index: int) -> None:
        self._dut, self._index = dut, index
        logic = dut.gen_seat[index].u_interceptor
        self._counted = {name: getattr(getattr(logic, part), signal) for name, part, signal in _COUNTED}
        self._read = {name: getattr(getattr(logic, part), signal) for name, part, signal in _READ}
        self._tx, self._state, self._outputs = dut.uart_tx_o[index], dut.state_o[index], dut.outputs_o[index]
        self._answer, self._quiet = dut.answer_o[index], dut.quiet_o[index]
        self._answering: tuple[int, int | None] | None = None
        self._told = (0, 0, 1)
        self.sampled = False  # every input, as it is
        self._calm = 0  # clocks for which it was quiet
        self.body: PinsBody | None = None
        for pin, level in ((dut.enable_i, 0), (dut.rst_ni, 0), (dut.uart_rx_i, 1)):
            pin[index].set(Immediate(level))

    def set_wires(self, levels: int) -> None:
        self._dut.wires_i[self._index].set(Immediate(levels))
        self.sampled = False

    def set_rx(self, level: int) -> None:
        self._dut.uart_rx_i[self._index].set(Immediate(level))
        self.sampled = False

    def enable(self, on: bool) -> None:
        self._dut.enable_i[self._index].set(Immediate(int(on)))

    def reset(self, on: bool) -> None:
        self._dut.rst_ni[self._index].set(Immediate(int(not on)))

    def changes(self) -> Iterator[ValueChange]:
        """What the bench must not miss."""
        for pin in (self._tx, self._state, self._outputs, self._answer, self._quiet):
            yield ValueChange(pin)

    def look(self, now_ns: int) -> tuple[Sending | None, Seen | None]:
        """What changed at the edge of this instant: the sending pin, and all else."""
        outputs, state, tx = int(self._outputs.value), int(self._state.value), int(self._tx.value)
        answered, self._answering = self._answering, self._pending()
        before, self._told = self._told, (outputs, state, tx)
        sending = Sending(now_ns, tx) if tx != before[2] else None
        seen = None
        if answered is not None or (outputs, state) != before[:2]:
            seen = Seen(now_ns, outputs, state, int(self._dut.cause_o[self._index].value), answered)
        return sending, seen

    def step(self, clocks: int) -> None:
        """So many were stepped, over which `quiet_o` changed at the last one at most."""
        self.sampled = True
        self._calm = 0 if not self.quiet else self._calm + clocks if self._calm else 1

    @property
    def quiet(self) -> bool:
        return bool(int(self._quiet.value))

    def wake(self) -> None:
        """What was quiet until now may not be so in the next clock."""
        self._calm = 0

    def begin(self) -> None:
        """As the pins are now: nothing of it is news."""
        self._told = (int(self._outputs.value), int(self._state.value), int(self._tx.value))

    @property
    def rests(self) -> bool:
        """Whether nothing but counters moves until an input does."""
        return self.sampled and self._calm >= _CALM and self._answering is None and self._tx.value == 1

    def _pending(self) -> tuple[int, int | None] | None:
        """The command that has its effect at the next edge."""
        if not int(self._answer.value):
            return None
        refused = int(self._dut.refused_o[self._index].value)
        reason = int(self._dut.reason_o[self._index].value)
        return int(self._dut.command_o[self._index].value), reason if refused else None

    def counters(self) -> Counters:
        values = {name: int(pin.value) for name, pin in (*self._counted.items(), *self._read.items())}
        values["slewing"] = int(values["slewing"] != 0)
        values["running"] = int(self._dut.powered_o[self._index].value)
        return Counters(**values)

    def deposit(self, counters: Counters) -> None:
        for name, pin in self._counted.items():
            pin.set(Immediate(getattr(counters, name)))


class RtlClock:
    """Moves a bench whose interceptor bodies are `PinsBody`. The simulation must stand at its beginning."""

    def __init__(self, dut: Any, icd: Icd, seats: int) -> None:
        assert icd.discrete is not None
        self._dut = dut
        self._pin_clock = LogicClock(dut.clk_i, icd.discrete.clock_hz)
        self._period_ps = self._pin_clock.period_ps
        self._period_ns = self._period_ps // 1000
        self._limits, self._library = limits(icd), load()
        self._seats = [RtlSeat(dut, index) for index in range(seats)]
        self._clock = 0  # the bench's edge that was last
        self.stepped = 0  # clocks of simulation time, of all seats together

    async def start(self) -> None:
        """The clock begins; the bench stands in the cycle of its edge 0."""
        await self._pin_clock.start()
        await Timer(self._period_ps // 2, "step")

    async def run(self, bench: Bench, until_ns: int) -> None:
        """Run to `until_ns`."""
        kernel = bench.kernel
        bodies = [node for node in bench.nodes.values() if isinstance(node.part, PinsBody)]
        kernel.run_to(min(until_ns, self._cycle_end_ns))
        while kernel.now_ns < until_ns:
            await self._seat(bodies)
            due_ns = kernel.next_ns()
            due = until_ns if due_ns is None else min(due_ns, until_ns)
            ahead = max(due // self._period_ns - self._clock, 1)
            rests = [seat for seat in self._taken if seat.rests]
            skipped = self._skip(rests, ahead) if len(rests) == len(self._taken) else 0
            if not skipped:
                calm = all(seat.quiet for seat in self._taken)
                await self._step(min(ahead, _CALM) if calm else ahead)
                self._tell(bench)
            kernel.run_to(min(until_ns, self._cycle_end_ns))

    @property
    def _cycle_end_ns(self) -> int:
        return (self._clock + 1) * self._period_ns - 1

    @property
    def _taken(self) -> list[RtlSeat]:
        return [seat for seat in self._seats if seat.body is not None]

    def _skip(self, seats: Sequence[RtlSeat], clocks: int) -> int:
        """Advance counters alone, at most so many clocks; returns how many."""
        each = [(seat, seat.counters()) for seat in seats]
        for seat, counters in each:
            horizon = self._library.hil_horizon(self._limits, ctypes.byref(counters))
            if horizon != FOREVER and horizon <= clocks:  # the clock behind it must be stepped
                clocks = horizon
                seat.wake()
        if clocks:
            for seat, counters in each:
                self._library.hil_advance(self._limits, ctypes.byref(counters), clocks)
                seat.deposit(counters)
            self._clock += clocks
            self._dut.bench_clock_i.set(Immediate(self._clock))
        return clocks

    async def _step(self, clocks: int) -> None:
        """Let the RTL run, to the first edge at which something shows."""
        begin_ps = now_ps()
        changes = [change for seat in self._taken for change in seat.changes()]
        await First(Timer(clocks * self._period_ps, "step"), *changes)
        over_ps = (now_ps() - begin_ps + self._period_ps // 2) % self._period_ps
        if over_ps != self._period_ps // 2:  # at the edge: on to the middle of its cycle
            await Timer(self._period_ps // 2, "step")
        stepped = (now_ps() - begin_ps) // self._period_ps
        self._clock += stepped
        self.stepped += stepped
        self._dut.bench_clock_i.set(Immediate(self._clock))
        for seat in self._taken:
            seat.step(stepped)

    def _tell(self, bench: Bench) -> None:
        """What the last edge showed, at its instant."""
        now_ns = self._clock * self._period_ns
        news = []
        for seat in self._taken:
            assert seat.body is not None
            node = bench.nodes[seat.body.name]
            sending, seen = seat.look(now_ns)
            if sending is not None:
                node.receive((PINS, sending))
            if seen is not None:
                news.append((node, seen))
        bench.kernel.run_to(now_ns)
        for node, seen in news:
            node.receive((PINS, seen))
        bench.kernel.run_to(now_ns)

    async def _seat(self, nodes: Sequence[Any]) -> None:
        """Who has got power takes a seat; who has none leaves it, as soon as that has settled."""
        for seat in self._taken:
            body = seat.body
            assert body is not None
            if not body.power and body.history[-1][0] < self._clock - body.settle_clocks and seat.rests:
                seat.enable(False)
                body.seat = seat.body = None
        for node in nodes:
            if node.part.power and node.part.seat is None:
                await self._settle(node.part)

    async def _settle(self, body: PinsBody) -> None:
        """Bring a free seat to where the body's wires have brought it, while all others stand still."""
        seat = next((seat for seat in self._seats if seat.body is None), None)
        if seat is None:
            raise SeatsTakenError(f"{body.name}: all {len(self._seats)} seats are taken; simulate with more")
        for other in self._taken:
            other.enable(False)
        at = self._clock - body.settle_clocks
        first, *later = body.history
        seat.set_wires(first[1])
        seat.set_rx(body.rx)
        seat.reset(True)
        seat.enable(True)
        await Timer(_RESET_EDGES * self._period_ps, "step")
        seat.reset(False)
        await Timer(body.settle_clocks * self._period_ps, "step")  # what it was long ago counts
        for clock, levels in later:
            await self._edges(clock - at)
            at = max(at, clock)
            seat.set_wires(levels)
        await self._edges(self._clock - at)
        seat.begin()
        seat.body, body.seat = body, seat
        for other in self._taken:
            other.enable(True)

    async def _edges(self, count: int) -> None:
        if count > 0:
            await Timer(count * self._period_ps, "step")
