# SPDX-License-Identifier: Apache-2.0
"""One end of a framed serial interface: framer and codec in one, for devices and controllers.

What is wrong on the wire becomes a `Rejected` trace record, never an exception. Messages that the
other end may not send are rejected too. A sent frame is recorded when the link says when it ended.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from hil.part import Output
from hil.trace.events import TRACE, Connection, Event, Framed, Message, Note, Rejected
from interfaces.codec.message import MessageCodec
from interfaces.errors import CodecError
from interfaces.framing.cobs import CobsFramer
from interfaces.framing.contract import Cut
from interfaces.spec.model import Icd
from interfaces.wire import NS_PER_US, Burst, Direction, Down, Frame, Full, Ready, Record, Sent, Transmit, Up

SENT_MAX = 64  # frames that wait for their `Sent`; an owner that passes none on loses these records alone


class _Sending(Record, frozen=True, gc=False):
    """A frame handed to the link."""

    from_ns: int
    payload: bytes


class Received(Record, frozen=True):
    """A message as it came: engineering values, and the instants of its frame's first and last bit.

    `missed` is how many messages are missing before it, by its sequence counter.
    """

    name: str
    fields: dict[str, Any]
    start_ns: int
    end_ns: int
    missed: int = 0


class MessagePort:
    """`place` and `port` name the end in the trace; `role` says which messages are its own.

    Header fields named by role are filled in when they are not given: the sequence counter counts
    what this end sends, the time tag is the bench's microsecond counter. A jump of the other end's
    counter is noted.
    """

    deadline_ns: int | None = None  # COBS frames end at a delimiter, not in time

    def __init__(self, place: str, port: str, icd: Icd, role: Literal["device", "controller"]) -> None:
        if icd.messages is None:
            raise ValueError(f"the ICD {icd.name} has no messages")
        self._place, self._port, self._role = place, port, role
        framing = icd.messages.framing
        self._framer = CobsFramer(framing.crc, framing.max_payload)
        self._codec = MessageCodec(icd.messages, icd.enums)
        roles = {field.role: field for field in icd.messages.header}
        self._counter = roles.get("counter")
        self._time_tag = roles.get("time_tag")
        self._sequence = 0
        self._heard_sequence: int | None = None
        self._sending: deque[_Sending] = deque(maxlen=SENT_MAX)
        self._sent_ns = 0
        self._full = False
        self._records: list[Output] = []

    def receive(self, now_ns: int, item: Any) -> Sequence[Received]:
        """Take what the link gave; returns the good messages it completes."""
        if isinstance(item, Burst):
            return self._sort(now_ns, self._framer.receive(now_ns, item))
        if isinstance(item, Sent):
            self._on_sent(now_ns, item)
        elif isinstance(item, Down):
            return self._on_down(now_ns, item)
        elif isinstance(item, Up):
            self._note(Connection(now_ns, self._place, self._port, True, item.peer))
        elif isinstance(item, Full | Ready):
            self._full = isinstance(item, Full)
        return ()

    def expire(self, now_ns: int) -> Sequence[Received]:
        """Nothing is ever due; here for the one face."""
        return ()

    def send(self, now_ns: int, name: str, fields: Mapping[str, Any]) -> list[Output]:
        """The outputs that send a message. Raises `CodecError` when a value does not fit."""
        full = dict(fields)
        counter, time_tag = self._counter, self._time_tag
        if time_tag is not None and time_tag.name not in full:
            full[time_tag.name] = now_ns // NS_PER_US % (1 << time_tag.bits)
        counting = counter is not None and counter.name not in full
        if counter is not None and counting:
            full[counter.name] = self._sequence
        payload = self._codec.encode(name, full)
        if counter is not None and counting:  # only now: a message that is not sent leaves no gap
            self._sequence = (self._sequence + 1) % (1 << counter.bits)
        if not self._full:  # the link drops it, and says so
            self._sending.append(_Sending(now_ns, payload))
        return [
            (TRACE, Message(now_ns, self._place, self._port, Direction.SENT, name, full)),
            (self._port, Transmit(self._framer.encode(payload))),
        ]

    def take(self) -> list[Output]:
        """The trace records since the last call."""
        records, self._records = self._records, []
        return records

    def _note(self, record: Event) -> None:
        self._records.append((TRACE, record))

    def _on_sent(self, now_ns: int, sent: Sent) -> None:
        if self._sending:
            sending = self._sending.popleft()
            # Frames go out back to back: it began when it was handed over, or behind the one before it.
            start_ns = max(sending.from_ns, self._sent_ns)
            payload = sending.payload.hex()
            self._note(Framed(now_ns, self._place, self._port, Direction.SENT, start_ns, sent.end_ns, payload))
        self._sent_ns = sent.end_ns

    def _on_down(self, now_ns: int, down: Down) -> Sequence[Received]:
        self._note(Connection(now_ns, self._place, self._port, False, down.reason))
        received = self._sort(now_ns, self._framer.finish())
        self._sending.clear()
        self._heard_sequence = None
        return received

    def _sort(self, now_ns: int, cuts: Sequence[Cut]) -> list[Received]:
        received = []
        for cut in cuts:
            if not isinstance(cut, Frame):
                self._reject(now_ns, cut.start_ns, cut.end_ns, cut.reason.value, cut.data)
                continue
            message = self._decode(now_ns, cut)
            if message is not None:
                received.append(message)
        return received

    def _decode(self, now_ns: int, frame: Frame) -> Received | None:
        try:
            decoded = self._codec.decode(frame.payload)
        except CodecError as error:
            self._reject(now_ns, frame.start_ns, frame.end_ns, str(error), frame.payload)
            return None
        if self._codec.message(decoded.message).sender == self._role:
            self._reject(now_ns, frame.start_ns, frame.end_ns, f"{decoded.message} is ours to send", frame.payload)
            return None
        place, port, payload = self._place, self._port, frame.payload.hex()
        self._note(Framed(now_ns, place, port, Direction.RECEIVED, frame.start_ns, frame.end_ns, payload))
        self._note(Message(now_ns, place, port, Direction.RECEIVED, decoded.message, decoded.fields))
        missed = self._missed(now_ns, decoded.fields) if self._counter is not None else 0
        return Received(decoded.message, decoded.fields, frame.start_ns, frame.end_ns, missed)

    def _missed(self, now_ns: int, fields: Mapping[str, Any]) -> int:
        """How far the other end's counter jumped."""
        assert self._counter is not None
        before, heard = self._heard_sequence, fields[self._counter.name]
        self._heard_sequence = heard
        missed: int = (heard - before - 1) % (1 << self._counter.bits) if before is not None else 0
        if missed:
            self._note(Note(now_ns, self._place, f"{self._port}: {self._counter.name} {heard} after {before}"))
        return missed

    def _reject(self, now_ns: int, start_ns: int, end_ns: int, reason: str, data: bytes) -> None:
        self._note(Rejected(now_ns, self._place, self._port, start_ns, end_ns, reason, data.hex()))
