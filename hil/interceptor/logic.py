# SPDX-License-Identifier: Apache-2.0
"""All that loss of power resets: command decoder, sequencer, watchdog, time base and status slot.

`work` does one clock, in the order in which registers would see it: what the slot composes, the
pulse, what the slot sends, then command, watchdog and sequencer. The lines are already those of the clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from hil.devices.message_port import Received
from hil.interceptor.decoder import Decoder
from hil.interceptor.sequencer import Sequencer
from hil.interceptor.status_slot import Reply, StatusSlot
from hil.interceptor.timebase import Timebase
from hil.interceptor.transmitter import Transmitter
from hil.interceptor.umbilical import UMBILICAL, Umbilical
from hil.interceptor.watchdog import Watchdog
from hil.part import Output
from hil.trace.events import TRACE, Answer
from interfaces.spec.model import Discrete, Icd
from interfaces.wire import NS_PER_S, Record

_SEQUENCES = 256  # of the 8-bit sequence field
# Answered by what follows anyway, so that a good one gets no acknowledgement.
_NOT_ACKNOWLEDGED = frozenset({"heartbeat", "status_request"})
_SHOWN_LINES = (
    "arm_enable",
    "fire_enable",
    "key_a",
    "key_b",
    "crew_safe",
    "hatch_open",
    "umbilical_intact",
    "power_good",
    "latch_open",
)


class _Command(Record, frozen=True):
    """A command on its way through the receiver."""

    clock: int
    name: str
    fields: dict[str, Any]


class Logic:
    """The logic from the clock at which power came."""

    __slots__ = (
        "_clock_ns",
        "_command_clocks",
        "_commands",
        "_decoder",
        "_half_bit_ns",
        "_lines",
        "_name",
        "_sequence",
        "_slot",
        "_statuses",
        "_timebase",
        "_transmitter",
        "_umbilical",
        "_watchdog",
        "_wrap_us",
        "sequencer",
    )

    def __init__(
        self,
        name: str,
        icd: Icd,
        discrete: Discrete,
        lines: Mapping[str, bool],
        ends: tuple[Umbilical, Transmitter],
        clock: int,
    ) -> None:
        assert discrete.slots is not None
        self._umbilical, self._transmitter = ends
        self._name = name
        self._lines = lines
        self._clock_ns = NS_PER_S // discrete.clock_hz
        now_ns = clock * self._clock_ns
        self._command_clocks = icd.constant("command_clocks")
        self._half_bit_ns = NS_PER_S // icd.serial[UMBILICAL].bit_rate_bps // 2
        self._wrap_us = icd.constant("time_wrap_us")
        self._commands: deque[_Command] = deque()
        self._decoder = Decoder(icd)
        self._watchdog = Watchdog(icd, now_ns)
        self._timebase = Timebase(icd, discrete.clock_hz, clock)
        self._slot = StatusSlot(icd, discrete.slots)
        self._statuses = 0
        self._sequence = 0
        self.sequencer = Sequencer(name, icd, lines, self._watchdog)
        if lines["umbilical_intact"]:
            self._slot.plan(self._timebase, clock)

    def accept(self, message: Received) -> None:
        """A message whose last stop bit ended now; its effect stands some clocks later."""
        stop_bit_ns = message.end_ns - self._half_bit_ns
        clock = stop_bit_ns // self._clock_ns + self._command_clocks
        self._commands.append(_Command(clock, message.name, message.fields))

    def due_ns(self) -> int | None:
        """The next instant at which something is due, as far as the lines stay as they are."""
        sequencer = self.sequencer
        due = [sequencer.deadline_ns, self._watchdog.due_ns(sequencer.state)]
        if self._commands:
            due.append(self._commands[0].clock * self._clock_ns)
        if self._slot.due_clock is not None:
            due.append(self._slot.due_clock * self._clock_ns)
        return min((at for at in due if at is not None), default=None)

    def power_off(self, now_ns: int) -> list[Output]:
        """The last clock of this logic."""
        return self.sequencer.step_to(now_ns, ["power_lost"])

    def work(self, clock: int, changed: Sequence[str]) -> list[Output]:
        """Do one clock; `changed` are the lines that have a new level in it."""
        now_ns = clock * self._clock_ns
        out: list[Output] = []
        self._work_slot(clock, changed)
        events = [event for line in changed if (event := self.sequencer.event_of(line))]
        if self._commands and self._commands[0].clock <= clock:
            self._obey(clock, self._commands.popleft(), events, out)
        events += self._watchdog.events(now_ns, self.sequencer.state)
        out += self.sequencer.step_to(now_ns, events)
        return out

    def _work_slot(self, clock: int, changed: Sequence[str]) -> None:
        slot, timebase = self._slot, self._timebase
        if "umbilical_intact" in changed:
            if self._lines["umbilical_intact"]:
                slot.plan(timebase, clock)
            else:
                slot.stop()
                self._transmitter.cut(clock)
        if slot.is_prepare(clock):
            self._prepare(clock)
        if "pps" in changed and self._lines["pps"]:
            self._pulse(clock)
        if slot.is_begin(clock):
            self._statuses += 1
            self._transmitter.begin(clock, [self._frame(reply) for reply in slot.take()])
            slot.plan(timebase, clock)

    def _prepare(self, clock: int) -> None:
        if self._transmitter.talks(clock):  # the slot was moved into what is still being said
            self._slot.plan(self._timebase, clock)
        else:
            self._slot.compose(self._status(clock))
            self._slot.plan_begin(self._timebase, clock)

    def _frame(self, reply: Reply) -> bytes:
        fields = {**reply.fields, "sequence": self._sequence}
        self._sequence = (self._sequence + 1) % _SEQUENCES
        return self._umbilical.encode(reply.message, fields)

    def _pulse(self, clock: int) -> None:
        if self._timebase.pulse(clock):
            self._replan(clock)
        else:
            self._slot.follow(self._timebase, clock)

    def _replan(self, clock: int) -> None:
        if self._lines["umbilical_intact"]:
            self._slot.plan(self._timebase, clock)

    def _obey(self, clock: int, command: _Command, events: list[str], out: list[Output]) -> None:
        now_ns, name = clock * self._clock_ns, command.name
        reason = self._refusal(now_ns, command)
        answer = {"command": name, "command_sequence": command.fields["sequence"]}
        if reason is not None:
            self._slot.answer(Reply("refusal", answer | {"reason": reason}))
        elif name not in _NOT_ACKNOWLEDGED:
            self._slot.answer(Reply("ack", answer))
        if reason is not None or name != "heartbeat":
            out.append((TRACE, Answer(now_ns, self._name, name, reason or "done")))
        if reason is None:
            self._carry_out(clock, command, events)

    def _refusal(self, now_ns: int, command: _Command) -> str | None:
        if not self._decoder.accept_sequence(command.fields["sequence"]):
            return "stale_sequence"
        self._watchdog.feed(now_ns)
        if not self._decoder.code_is_right(command.name, command.fields):
            return "wrong_code"
        return self.sequencer.refusal(command.name)

    def _carry_out(self, clock: int, command: _Command, events: list[str]) -> None:
        if command.name in ("arm", "fire", "abort"):
            events.append(command.name)
        elif command.name == "time":
            self._timebase.expect(command.fields["at_pps_us"])
            self._assign(clock, command.fields["slot"])

    def _assign(self, clock: int, slot: int) -> None:
        if slot != self._slot.slot:
            self._slot.slot = slot
            self._replan(clock)

    def _status(self, clock: int) -> Reply:
        sequencer, slot = self.sequencer, self._slot
        fields: dict[str, Any] = {"state": sequencer.state, "step": sequencer.step}
        fields.update((line, self._lines[line]) for line in _SHOWN_LINES)
        fields["spent"] = sequencer.spent
        fields["replies_lost"] = slot.replies_lost
        fields["sync"] = self._timebase.sync(clock)
        fields["last_sequence"] = self._decoder.last_sequence or 0
        fields["counter"] = self._statuses % (1 << 32)
        fields["time_us"] = slot.begin_time_us(self._timebase, clock, self._wrap_us)
        return Reply("status", fields)
