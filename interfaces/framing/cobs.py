# SPDX-License-Identifier: Apache-2.0
"""COBS frames closed by a CRC-16: the framing of our own serial messages.

    00 | COBS(payload, CRC high byte, CRC low byte) | 00

We send a delimiter on both sides, so that garbage before a frame cannot reach into it; empty frames
between delimiters are nothing. A zero inside COBS data cannot be told from a delimiter: whatever it cuts
in two is `TRUNCATED` or `CRC`.
"""

from __future__ import annotations

from collections.abc import Sequence

from cobs import cobs

from interfaces.framing.contract import REASON_OF_FLAW, Cut
from interfaces.framing.crc import crc16_named
from interfaces.wire import Burst, Frame, Reject, RejectReason

_DELIMITER = b"\0"
_CRC_BYTES = 2
_BLOCK_BYTES = 254  # COBS adds one byte for each started block of this size


class CobsFramer:
    """One direction of a serial line. Holds at most one frame between calls."""

    __slots__ = ("_crc", "_flaw", "_held", "_held_ns", "_limit", "_max_payload", "_too_long", "deadline_ns")

    def __init__(self, crc_name: str = "crc16_xmodem", max_payload: int = 250) -> None:
        self.deadline_ns: int | None = None  # the delimiter ends a frame, not time
        self._crc = crc16_named(crc_name)
        self._max_payload = max_payload
        self._limit = max_payload + _CRC_BYTES + (max_payload + _CRC_BYTES) // _BLOCK_BYTES + 1
        self._held = b""
        self._held_ns = 0
        self._flaw: RejectReason | None = None
        self._too_long = False

    def receive(self, now_ns: int, burst: Burst) -> Sequence[Cut]:
        cuts: list[Cut] = []
        data, at = burst.data, 0
        while (end := data.find(_DELIMITER, at)) >= 0:
            self._add(burst, at, end + 1, end)
            self._close(burst.char_start_ns(end + 1), cuts)
            at = end + 1
        if at < len(data):
            self._add(burst, at, len(data), len(data))
            if len(self._held) > self._limit:
                self._too_long = True
                self._close(burst.end_ns, cuts)
                self._too_long = True  # what follows, up to the next delimiter, is the same frame
        return cuts

    def expire(self, now_ns: int) -> Sequence[Cut]:
        return ()

    def finish(self) -> Sequence[Cut]:
        cuts: list[Cut] = []
        if self._held:
            self._flaw = self._flaw or RejectReason.TRUNCATED
            self._close(self._held_ns, cuts)
        self._too_long = False
        return cuts

    def encode(self, payload: bytes, unit: int = -1, transaction: int = 0) -> bytes:
        crc = self._crc(payload).to_bytes(_CRC_BYTES, "big")
        body: bytes = cobs.encode(payload + crc)
        return _DELIMITER + body + _DELIMITER

    def _add(self, burst: Burst, at: int, marks_end: int, end: int) -> None:
        if not self._held:
            self._held_ns = burst.char_start_ns(at)
        self._held += burst.data[at:end]
        for mark in burst.marks:
            if at <= mark.index < marks_end and self._flaw is None:
                self._flaw = REASON_OF_FLAW[mark.flaw]

    def _close(self, end_ns: int, cuts: list[Cut]) -> None:
        data, self._held = self._held, b""
        flaw, self._flaw = self._flaw, None
        too_long, self._too_long = self._too_long or len(data) > self._limit, False
        if not data and flaw is None:
            return
        reason = flaw or (RejectReason.LONG if too_long else None)
        cuts.append(Reject(self._held_ns, end_ns, reason, data) if reason else self._decode(end_ns, data))

    def _decode(self, end_ns: int, data: bytes) -> Cut:
        start_ns = self._held_ns
        try:
            body = cobs.decode(data)
        except cobs.DecodeError:  # the only error left once zeros are cut away: a block's end is missing
            return Reject(start_ns, end_ns, RejectReason.TRUNCATED, data)
        payload, crc = body[:-_CRC_BYTES], body[-_CRC_BYTES:]
        if not payload:
            return Reject(start_ns, end_ns, RejectReason.SHORT, data)
        if len(payload) > self._max_payload:
            return Reject(start_ns, end_ns, RejectReason.LONG, data)
        if self._crc(payload) != crc[0] << 8 | crc[1]:
            return Reject(start_ns, end_ns, RejectReason.CRC, data)
        return Frame(start_ns, end_ns, payload)
