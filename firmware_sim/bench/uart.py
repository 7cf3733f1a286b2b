# SPDX-License-Identifier: Apache-2.0
"""The ends of an asynchronous line: `UartSource` drives a pin, `UartMonitor` judges one and drives nothing.

A UART has no way to hold its sender back, so a monitor is all the sink there is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from fractions import Fraction

import cocotb
from cocotb.handle import LogicObject
from cocotb.queue import Queue
from cocotb.task import Task
from cocotb.triggers import Event, ValueChange

from firmware_sim.bench.characters import Character, FalseStart, Outgoing, UartConfig, wave
from firmware_sim.bench.clock import now_ps, until_ps
from firmware_sim.bench.judge import Heard, Judge
from interfaces.wire import Record


class Sent(Record, frozen=True):
    """A character that was sent: where its start edge and the end of its last stop bit stood (floored to 1 ps)."""

    item: Outgoing
    start_ps: int
    end_ps: int


class UartSource:
    """Sends what is put into it, back to back unless told otherwise. The pin is high from the beginning on."""

    def __init__(self, pin: LogicObject, config: UartConfig) -> None:
        self.config = config
        self.sent: list[Sent] = []
        self._pin = pin
        self._waiting: deque[Outgoing] = deque()
        self._more, self._done = Event(), Event()
        self._task: Task[None] | None = None
        self._end_ps = Fraction(0)
        pin.value = 1

    def start(self) -> None:
        if self._task is not None:
            raise RuntimeError("the source is started already")
        self._task = cocotb.start_soon(self._run())

    def stop(self) -> None:
        """Fall silent at once, in the middle of a character too; what still waited is forgotten."""
        if self._task is None:
            raise RuntimeError("the source is not started")
        self._task.cancel()
        self._task = None
        self._waiting.clear()
        self._end_ps = Fraction(0)
        self._pin.value = 1
        self._done.set()

    def put(self, items: bytes | Iterable[Outgoing]) -> None:
        """To be sent after what waits already."""
        self._waiting.extend(Outgoing(item) if isinstance(item, int) else item for item in items)
        self._done.clear()
        self._more.set()

    async def send(self, items: bytes | Iterable[Outgoing]) -> tuple[Sent, ...]:
        """Put, wait until the last stop bit ended, and tell where each character stood."""
        before = len(self.sent) + len(self._waiting)
        self.put(items)
        count = len(self.sent) + len(self._waiting) - before
        await self.drained()
        return tuple(self.sent[before : before + count])

    async def drained(self) -> None:
        """Wait until nothing is left to be sent."""
        if self._waiting:
            await self._done.wait()

    async def _run(self) -> None:
        while True:
            while not self._waiting:
                self._done.set()
                self._more.clear()
                await self._more.wait()
            await self._send(self._waiting[0])
            self._waiting.popleft()

    async def _send(self, item: Outgoing) -> None:
        free_ps = max(self._end_ps, Fraction(now_ps()))
        start_ps = max(free_ps + item.gap_bits * self.config.bit_ps, Fraction(item.not_before_ps))
        shape = wave(self.config, item, start_ps)
        for edge in shape.edges:
            await until_ps(edge.at_ps)
            self._pin.value = edge.level
        await until_ps(int(shape.end_ps))
        self._end_ps = shape.end_ps
        self.sent.append(Sent(item, int(start_ps), int(shape.end_ps)))


class UartMonitor:
    """Characters from a pin, in `characters` as long as the bench lasts and one by one from `receive`."""

    def __init__(self, pin: LogicObject, config: UartConfig, tolerance_ps: int | None = None) -> None:
        self.config = config
        self.characters: list[Character] = []
        self.false_starts: list[FalseStart] = []
        self._pin = pin
        self._tolerance_ps = tolerance_ps
        self._queue: Queue[Character] = Queue()
        self._listeners: list[Callable[[Character], None]] = []
        self._armed_ps: int | None = None
        self._task: Task[None] | None = None

    def start(self) -> None:
        if self._task is not None:
            raise RuntimeError("the monitor is started already")
        self._armed_ps = None
        self._judge = Judge(self.config, self._tolerance_ps, self._level())
        self._task = cocotb.start_soon(self._run())

    def stop(self) -> None:
        if self._task is None:
            raise RuntimeError("the monitor is not started")
        self._task.cancel()
        self._task = None

    def subscribe(self, listener: Callable[[Character], None]) -> None:
        """Have each character told as it is heard."""
        self._listeners.append(listener)

    async def receive(self, count: int = 1) -> tuple[Character, ...]:
        """The next characters, waited for."""
        return tuple([await self._queue.get() for _ in range(count)])

    async def _run(self) -> None:
        change = ValueChange(self._pin)
        while True:
            await change
            self._take(self._judge.receive(now_ps(), self._level()))

    async def _expire(self, deadline_ps: int) -> None:
        await until_ps(deadline_ps)
        if self._task is not None:
            self._take(self._judge.expire(now_ps()))

    def _level(self) -> int | None:
        value = self._pin.value
        return int(value) if value.is_resolvable else None

    def _take(self, heard: list[Heard]) -> None:
        for one in heard:
            if isinstance(one, FalseStart):
                self.false_starts.append(one)
                continue
            self.characters.append(one)
            self._queue.put_nowait(one)
            for listener in self._listeners:
                listener(one)
        deadline_ps = self._judge.deadline_ps
        if deadline_ps is not None and deadline_ps != self._armed_ps:
            # One that an edge made meaningless finds nothing due when it comes.
            self._armed_ps = deadline_ps
            cocotb.start_soon(self._expire(deadline_ps))
