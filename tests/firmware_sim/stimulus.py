# SPDX-License-Identifier: Apache-2.0
"""Random days in the life of an interceptor, by seed: what happens to several bodies alike, and what each makes of it.

A transaction is one thing that the launcher's side does: a frame (good, stale, wrong, flawed, cut, glued), a wire that
changes or glitches, a pulse, the next step of a launch. Instants fall anywhere between two clock edges.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from typing import Any

from hil.trace.events import Answer, Edge, State
from interfaces.framing.cobs import CobsFramer
from interfaces.spec.model import Icd
from interfaces.wire import NS_PER_MS, NS_PER_S, NS_PER_US, Burst, Flaw, Mark
from tests.suites import interceptor_rig as rig_module
from tests.suites.interceptor_rig import BIT_RATE, CHAR_BITS, INTERLOCKS, Rig

PAUSES_NS = (0, 0, 37, 900, 4_000, 30_000, 30_000, 250_000, NS_PER_MS, 5 * NS_PER_MS, 90 * NS_PER_MS, 130 * NS_PER_MS)
SHORT_PAUSES_NS = (0, 37, 900, 4_000, 30_000, 250_000, 2 * NS_PER_MS)
_LONG_NS = (210 * NS_PER_MS, 480 * NS_PER_MS, 520 * NS_PER_MS, 1_600 * NS_PER_MS, 5_100 * NS_PER_MS, 11 * NS_PER_S)
_LINES = ("power", "umbilical_intact", *INTERLOCKS, "pps", "power_good", "latch_open")
_HELD = ("power", "umbilical_intact", *INTERLOCKS)
_NEXT = {"step_power": "power_good", "step_unlock": "latch_open"}
HISTORY = 25


class Day:
    """One seed. `rigs` hold the bodies that live through it; the first one's state steers what comes next.
    With pauses of your own nothing is waited for long."""

    def __init__(self, icd: Icd, rigs: Sequence[Rig], seed: int, pauses_ns: Sequence[int] = PAUSES_NS) -> None:
        self._rigs, self._pauses_ns = rigs, pauses_ns
        self._random = random.Random(seed)
        self._framer = CobsFramer("crc16_ibm_3740", 32)
        self._sequence = itertools.count(self._random.randrange(256))
        self._wires = {line.name: line.of for line in icd.discrete.lines} if icd.discrete else {}
        self._busy_until_ns = 0
        self._kinds: list[tuple[int, Callable[[], None]]] = [
            (30, self._good_frame),
            (10, self._bad_frame),
            (8, self._wire),
            (6, self._glitch),
            (5, self._pulse),
            (22, self._onward),
            (4, self._restore),
            (int(pauses_ns is PAUSES_NS), self._long),
        ]

    def transactions(self, count: int) -> None:
        """So many; raises AssertionError at the first difference between the bodies."""
        weights = [weight for weight, _ in self._kinds]
        for number in range(count):
            (_, act), *_ = self._random.choices(self._kinds, weights)
            act()
            self._run(self._random.choice(self._pauses_ns) + self._random.randrange(3000))
            if number % 10 == 9:
                self.compare()
        self._run(3 * NS_PER_MS)
        self.compare()

    def compare(self) -> None:
        """What every body told until now, in the order of its instants."""
        histories = [_told(rig) for rig in self._rigs]
        for number, history in enumerate(histories[1:], 1):
            if history != histories[0]:
                raise AssertionError(_parting(histories[0], history, number))
        if len(histories[0]) > 4 * HISTORY:
            since_ns = histories[0][-2 * HISTORY][0]
            for rig in self._rigs:
                _forget(rig, since_ns)

    # -- what happens

    def _good_frame(self) -> None:
        message = self._random.choices(range(1, 7), (4, 4, 1, 12, 2, 4))[0]
        self._say(message, self._content(message))

    def _bad_frame(self) -> None:
        message = self._random.randrange(1, 7)
        content = self._content(message)
        match self._random.randrange(9):
            case 0:
                self._say(message, content, self._random.randrange(256))
            case 1:
                self._say(message, self._random.randbytes(len(content)))
            case 2:
                self._say(self._random.choice((0, 7, 0x81, 0x83, 0xFF)), content)
            case 3:
                self._say(message, content + b"\1" * self._random.randrange(1, 4))
            case 4:
                data = bytearray(self._frame(message, content))
                data[self._random.randrange(len(data))] ^= 1 << self._random.randrange(8)
                self._hear(bytes(data))
            case 5:
                data = self._frame(message, content)
                self._hear(data, (Mark(self._random.randrange(len(data)), Flaw.PARITY),))
            case 6:
                data = self._frame(message, content)
                self._hear(data, (Mark(len(data) - 1, self._random.choice((Flaw.FRAMING, Flaw.BREAK))),))
            case 7:
                data = self._frame(message, content)
                self._hear(data[: self._random.randrange(1, len(data))])
            case _:
                other = self._random.randrange(1, 7)
                self._hear(self._frame(message, content) + self._frame(other, self._content(other)))

    def _wire(self) -> None:
        line = self._random.choice(_LINES)
        wire = self._random.randrange(self._wires[line])
        active = self._random.random() < (0.8 if line in _HELD else 0.5)
        self._each(lambda rig: rig.drive_wire(line, wire, active))

    def _glitch(self) -> None:
        line = self._random.choice(_LINES)
        active = self._random.random() < 0.5
        self._each(lambda rig: rig.drive(line, active=active))
        self._run(self._random.randrange(25_000))
        self._each(lambda rig: rig.drive(line, active=not active))

    def _pulse(self) -> None:
        if self._random.random() < 0.7:  # near the second, as a launcher gives it
            second_ns = (self._now_ns // NS_PER_S + 1) * NS_PER_S
            if second_ns - self._now_ns < 200 * NS_PER_MS and self._pauses_ns is PAUSES_NS:
                self._run(second_ns - self._now_ns + self._random.randrange(2000))
        self._each(lambda rig: rig.drive("pps"))
        self._run(20 * NS_PER_US)
        self._each(lambda rig: rig.drive("pps", active=False))

    def _onward(self) -> None:
        """What a launcher that wants a launch does next."""
        state = self._rigs[0].state
        if state == "safe":
            self._restore()
            self._run(50 * NS_PER_US)
            self._say(rig_module.ARM, rig_module.ARM_CODE)
        elif state == "armed":
            self._each(lambda rig: rig.drive("power_good", "latch_open", active=False))
            self._run(30 * NS_PER_US)
            self._say(rig_module.FIRE, rig_module.FIRE_CODE)
        elif state in _NEXT:
            self._each(lambda rig: rig.drive(_NEXT[state]))
        elif state == "step_release" and self._random.random() < 0.5:
            self._each(lambda rig: rig.drive("umbilical_intact", active=False))
        else:
            self._each(lambda rig: rig.drive("power", active=False))
        self._run(30 * NS_PER_US)

    def _restore(self) -> None:
        self._each(lambda rig: rig.drive(*_HELD))

    def _long(self) -> None:
        wait_ns = self._random.choice(_LONG_NS)
        if self._random.random() < 0.5:
            for _ in range(wait_ns // (100 * NS_PER_MS)):
                self._say(rig_module.HEARTBEAT, b"")
                self._run(100 * NS_PER_MS)
        else:
            self._run(wait_ns)

    # -- means

    @property
    def _now_ns(self) -> int:
        return self._rigs[0].now_ns

    def _each(self, act: Callable[[Rig], object]) -> None:
        for rig in self._rigs:
            act(rig)

    def _run(self, ns: int) -> None:
        self._each(lambda rig: rig.run(ns))

    def _content(self, message: int) -> bytes:
        if message == rig_module.ARM:
            return rig_module.ARM_CODE
        if message == rig_module.FIRE:
            return rig_module.FIRE_CODE
        if message == rig_module.TIME:
            anywhere = self._random.randrange(4_000_000_000)
            at_us = self._random.choice((anywhere, 3_999_999_000, 7_000_000, 4_000_000_000))
            return at_us.to_bytes(4, "big") + bytes([self._random.randrange(9)])
        return b""

    def _frame(self, message: int, content: bytes, sequence: int | None = None) -> bytes:
        number = next(self._sequence) % 256 if sequence is None else sequence
        return self._framer.encode(bytes([message, number]) + content)

    def _say(self, message: int, content: bytes, sequence: int | None = None) -> None:
        self._hear(self._frame(message, content, sequence))

    def _hear(self, data: bytes, marks: tuple[Mark, ...] = ()) -> None:
        """As a line does: behind what is still under way. Often not waited for."""
        if self._busy_until_ns > self._now_ns:
            self._run(self._busy_until_ns - self._now_ns)
        burst = Burst(self._now_ns, data, BIT_RATE, CHAR_BITS, marks)
        low_at_end = any(mark.flaw is not Flaw.PARITY for mark in marks)
        self._busy_until_ns = burst.end_ns + (2 * NS_PER_US if low_at_end else 0)
        self._each(lambda rig: rig.hear(burst))
        if self._random.random() < 0.6:
            self._run(burst.end_ns - self._now_ns)


def _told(rig: Rig) -> list[tuple[int, str]]:
    """Levels, states, answers, edges and bursts; what was heard is a twin's record only."""
    return sorted((at, _words(item)) for at, _, item in rig.log if _counts(item))


def _forget(rig: Rig, since_ns: int) -> None:
    """All that was told before an instant, but for the state."""
    states = [entry for entry in rig.log if isinstance(entry[2], State)][-1:]
    rig.log[:] = [*(entry for entry in states if entry[0] < since_ns), *(one for one in rig.log if one[0] >= since_ns)]


def _counts(item: Any) -> bool:
    return isinstance(item, Answer | Edge | State | Burst)


def _words(item: Any) -> str:
    if isinstance(item, Burst):
        flaws = ", ".join(f"{mark.index}:{mark.flaw.value}" for mark in item.marks)
        return f"burst from {item.start_ns}: {item.data.hex(' ')} {flaws}".rstrip()
    return str(item)


def _parting(one: list[tuple[int, str]], other: list[tuple[int, str]], number: int) -> str:
    at = next((at for at, (mine, theirs) in enumerate(zip(one, other, strict=False)) if mine != theirs), None)
    at = min(len(one), len(other)) if at is None else at
    first = max(0, at - HISTORY)
    lines = [f"body {number} parts from body 0 at entry {at}", "body 0:"]
    lines += [f"  {time_ns:>12} ns  {what}" for time_ns, what in one[first : at + 3]]
    lines += [f"body {number}:", *(f"  {time_ns:>12} ns  {what}" for time_ns, what in other[first : at + 3])]
    return "\n".join(lines)
