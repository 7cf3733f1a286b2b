# SPDX-License-Identifier: Apache-2.0
"""One end of a framed serial interface: framer and codec in one, for devices and controllers.

What is wrong on the wire becomes a `Rejected` trace record, never an exception. Messages that the
other end may not send are rejected too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from hil.part import Output
from hil.trace.events import TRACE, Connection, Framed, Message, Rejected
from interfaces.codec.message import MessageCodec
from interfaces.errors import CodecError
from interfaces.framing.cobs import CobsFramer
from interfaces.framing.contract import Cut
from interfaces.spec.model import Icd
from interfaces.wire import Burst, Direction, Down, Frame, Record, Transmit, Up

_MICROSECONDS = 1 << 32


class Received(Record, frozen=True):
    """A message as it came: engineering values, and the instants of its frame's first and last bit."""

    name: str
    fields: dict[str, Any]
    start_ns: int
    end_ns: int


class MessagePort:
    """`place` and `port` name the end in the trace; `role` says which messages are its own.

    Header fields named by role are filled in when they are not given: the sequence counter counts
    what this end sends, the time tag is the bench's microsecond counter (modulo 2**32).
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
        self._records: list[Output] = []

    def receive(self, now_ns: int, item: Any) -> Sequence[Received]:
        """Take what the link gave; returns the good messages it completes."""
        if isinstance(item, Burst):
            return self._sort(now_ns, self._framer.receive(now_ns, item))
        if isinstance(item, Down):
            self._note(now_ns, Connection(now_ns, self._place, self._port, False, item.reason))
            return self._sort(now_ns, self._framer.finish())
        if isinstance(item, Up):
            self._note(now_ns, Connection(now_ns, self._place, self._port, True, item.peer))
        return ()

    def expire(self, now_ns: int) -> Sequence[Received]:
        """Nothing is ever due; here for the one face."""
        return ()

    def send(self, now_ns: int, name: str, fields: Mapping[str, Any]) -> list[Output]:
        """The outputs that send a message. Raises `CodecError` when a value does not fit."""
        full = dict(fields)
        if self._counter is not None and self._counter.name not in full:
            full[self._counter.name] = self._sequence
            self._sequence = (self._sequence + 1) % (1 << self._counter.bits)
        if self._time_tag is not None and self._time_tag.name not in full:
            full[self._time_tag.name] = now_ns // 1000 % _MICROSECONDS
        payload = self._codec.encode(name, full)
        return [
            (TRACE, Message(now_ns, self._place, self._port, Direction.SENT, name, full)),
            (self._port, Transmit(self._framer.encode(payload))),
        ]

    def take(self) -> list[Output]:
        """The trace records since the last call."""
        records, self._records = self._records, []
        return records

    def _note(self, now_ns: int, record: Any) -> None:
        self._records.append((TRACE, record))

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
        self._note(now_ns, Framed(now_ns, place, port, Direction.RECEIVED, frame.start_ns, frame.end_ns, payload))
        self._note(now_ns, Message(now_ns, place, port, Direction.RECEIVED, decoded.message, decoded.fields))
        return Received(decoded.message, decoded.fields, frame.start_ns, frame.end_ns)

    def _reject(self, now_ns: int, start_ns: int, end_ns: int, reason: str, data: bytes) -> None:
        self._note(now_ns, Rejected(now_ns, self._place, self._port, start_ns, end_ns, reason, data.hex()))
