# SPDX-License-Identifier: Apache-2.0
"""When the umbilical may be spoken on, and the replies that wait for it (INT-013, INT-015).

A slot's frames are composed a little before it begins and leave at its begin. Whatever moves the
begin in between (a load of the counter, another slot, a break) drops what was composed; the replies
themselves stay queued until they have left, and that one was lost is told until it was.
"""

from __future__ import annotations

from typing import Any

from hil.interceptor.timebase import Timebase
from interfaces.spec.model import Icd, Slot
from interfaces.wire import Record


class Reply(Record, frozen=True):
    """A message that waits for the slot."""

    message: str
    fields: dict[str, Any]


class StatusSlot:
    """The assigned slot, its next begin, and what will leave then."""

    __slots__ = (
        "_begin_clock",
        "_composed",
        "_composed_lost",
        "_limit",
        "_prepare_clock",
        "_prepare_us",
        "_replies",
        "_slots",
        "replies_lost",
        "slot",
    )

    def __init__(self, icd: Icd, slots: Slot) -> None:
        self._slots = slots
        self._prepare_us = icd.constant("prepare_us")
        self._limit = icd.constant("reply_queue")
        self._replies: list[Reply] = []
        self._composed: tuple[Reply, ...] = ()
        self._composed_lost = False  # what is composed tells of a lost reply
        self._prepare_clock: int | None = None
        self._begin_clock: int | None = None
        self.slot = icd.constant("default_slot")
        self.replies_lost = False

    @property
    def due_clock(self) -> int | None:
        """When to compose, or when to send what is composed."""
        return self._begin_clock if self._composed else self._prepare_clock

    def is_prepare(self, clock: int) -> bool:
        """Whether the frames are to be composed at `clock`."""
        return not self._composed and clock == self._prepare_clock

    def is_begin(self, clock: int) -> bool:
        """Whether the slot begins at `clock` and what is composed leaves."""
        return bool(self._composed) and clock == self._begin_clock

    def answer(self, reply: Reply) -> None:
        """Queue a reply; one too many is lost, and the next status says so."""
        if len(self._replies) < self._limit:
            self._replies.append(reply)
        else:
            self.replies_lost = True

    def compose(self, status: Reply) -> None:
        """Fix what leaves at the begin: the status, then the replies queued so far."""
        self._composed = (status, *self._replies)
        self._composed_lost, self.replies_lost = self.replies_lost, False

    def take(self) -> tuple[Reply, ...]:
        """What leaves now."""
        composed, self._composed = self._composed, ()
        del self._replies[: len(composed) - 1]
        return composed

    def stop(self) -> None:
        """Nobody to speak to: no slot until `plan`."""
        self._drop()
        self._prepare_clock = self._begin_clock = None

    def plan(self, timebase: Timebase, clock: int) -> None:
        """Find the next slot after `clock` anew and drop what was composed."""
        self._drop()
        cycle_us = self._slots.cycle_us
        self._prepare_clock = timebase.clock_of(clock, (self._begin_us - self._prepare_us) % cycle_us, cycle_us)

    def plan_begin(self, timebase: Timebase, clock: int) -> None:
        """Find the begin of the slot that is composed."""
        self._begin_clock = timebase.clock_of(clock, self._begin_us, self._slots.cycle_us)

    def follow(self, timebase: Timebase, clock: int) -> None:
        """The counter's pace changed at `clock`: what is still to come moves with it."""
        if self._composed and self._begin_clock != clock:
            self.plan_begin(timebase, clock)
        elif not self._composed and self._prepare_clock is not None:
            self.plan(timebase, clock)

    def begin_time_us(self, timebase: Timebase, clock: int, wrap_us: int) -> int:
        """What the counter will read when the slot now being composed begins."""
        return (timebase.now_us(clock) + self._prepare_us) % wrap_us

    def _drop(self) -> None:
        if self._composed:
            self._composed = ()
            self.replies_lost = self.replies_lost or self._composed_lost

    @property
    def _begin_us(self) -> int:
        return self._slots.first_us + self.slot * self._slots.pitch_us
