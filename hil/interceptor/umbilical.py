# SPDX-License-Identifier: Apache-2.0
"""Messages of the interceptor's end of the umbilical, to and from characters on the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hil.part import Output
from hil.trace.events import TRACE, Framed, Message
from interfaces.codec.message import MessageCodec
from interfaces.errors import CodecError
from interfaces.framing.cobs import CobsFramer
from interfaces.spec.model import Icd
from interfaces.wire import Burst, Direction, Frame

UMBILICAL = "umbilical"


class Umbilical:
    """What any body needs to hand over what it said. Nothing in it changes."""

    __slots__ = ("_codec", "_crc", "_max_payload", "_place")

    def __init__(self, place: str, icd: Icd) -> None:
        assert icd.messages is not None
        self._place = place
        self._codec = MessageCodec(icd.messages, icd.enums)
        self._crc, self._max_payload = icd.messages.framing.crc, icd.messages.framing.max_payload

    def encode(self, message: str, fields: Mapping[str, Any]) -> bytes:
        """The characters of a message, delimiters included. Raises `CodecError` when a value does not fit."""
        return CobsFramer(self._crc, self._max_payload).encode(self._codec.encode(message, fields))

    def spoken(self, now_ns: int, burst: Burst) -> list[Output]:
        """The burst of one frame whose last stop bit ends now, with its records before it.

        What was cut is no frame; whoever hears it will say so.
        """
        out: list[Output] = []
        for cut in CobsFramer(self._crc, self._max_payload).receive(now_ns, burst):
            if isinstance(cut, Frame):
                out += self._records(now_ns, cut)
        return [*out, (UMBILICAL, burst)]

    def _records(self, now_ns: int, frame: Frame) -> Sequence[Output]:
        payload = frame.payload
        try:
            decoded = self._codec.decode(payload)
        except CodecError:  # a body gone wrong: the receiver's end rejects it, with the reason
            return ()
        place, sent = self._place, Direction.SENT
        return (
            (TRACE, Framed(now_ns, place, UMBILICAL, sent, frame.start_ns, frame.end_ns, payload.hex())),
            (TRACE, Message(now_ns, place, UMBILICAL, sent, decoded.message, decoded.fields)),
        )
