# SPDX-License-Identifier: Apache-2.0
"""Modbus over TCP: frames by the MBAP header, any split, pipelined requests.

    transaction (2) | protocol = 0 (2) | length = 2..254 (2) | unit (1) | PDU (1..253)

After a header that cannot be one, bytes are dropped up to the next that can; the two zeros of the
protocol identifier are what is looked for. (MODBUS Messaging on TCP/IP V1.0b 3.1.3)
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct

from interfaces.framing.contract import Cut
from interfaces.wire import Burst, Frame, Reject, RejectReason

LENGTH_MIN, LENGTH_MAX = 2, 254  # unit and PDU

_HEADER = Struct(">HHH")
_HEADER_AND_UNIT = Struct(">HHHB")
_PREFIX_BYTES = _HEADER.size  # what the length field does not count


class MbapFramer:
    """One TCP connection's inbound stream. Holds less than one frame between calls."""

    __slots__ = ("_held", "_held_ns", "deadline_ns")

    def __init__(self) -> None:
        self.deadline_ns: int | None = None  # TCP has no silence that means anything
        self._held = b""
        self._held_ns = 0

    def receive(self, now_ns: int, burst: Burst) -> Sequence[Cut]:
        cuts: list[Cut] = []
        held = len(self._held)
        data = self._held + burst.data if held else burst.data
        total, at = len(data), 0
        while total - at >= _PREFIX_BYTES:
            _, protocol, length = _HEADER.unpack_from(data, at)
            if protocol == 0 and LENGTH_MIN <= length <= LENGTH_MAX:
                end = at + _PREFIX_BYTES + length
                if end > total:
                    break
                cuts.append(self._frame(data, at, end, burst, held))
            else:
                end = _next_header(data, at + 1)
                reason = RejectReason.LENGTH if protocol == 0 else RejectReason.PROTOCOL
                start_ns = self._instant(burst, at - held)
                end_ns = max(start_ns, self._instant(burst, end - held))
                cuts.append(Reject(start_ns, end_ns, reason, data[at:end]))
            at = end
        self._held_ns = self._instant(burst, at - held)
        self._held = data[at:]
        return cuts

    def expire(self, now_ns: int) -> Sequence[Cut]:
        return ()

    def finish(self) -> Sequence[Cut]:
        held, self._held = self._held, b""
        return [Reject(self._held_ns, self._held_ns, RejectReason.TRUNCATED, held)] if held else ()

    def encode(self, payload: bytes, unit: int = -1, transaction: int = 0) -> bytes:
        return _HEADER_AND_UNIT.pack(transaction, 0, len(payload) + 1, unit) + payload

    def _frame(self, data: bytes, at: int, end: int, burst: Burst, held: int) -> Frame:
        payload_at = at + _HEADER_AND_UNIT.size
        start_ns, end_ns = self._instant(burst, at - held), burst.char_start_ns(end - held)
        transaction = data[at] << 8 | data[at + 1]
        return Frame(start_ns, end_ns, data[payload_at:end], data[payload_at - 1], transaction)

    def _instant(self, burst: Burst, index: int) -> int:
        return burst.char_start_ns(index) if index >= 0 else self._held_ns


def _next_header(data: bytes, at: int) -> int:
    """Index from `at` on of the first header that can be one, or of the tail too short to tell."""
    total = len(data)
    while True:
        zeros = data.find(b"\0\0", at + 2)
        if zeros < 0 or zeros + 4 > total:
            return max(at, total - _PREFIX_BYTES + 1)
        if data[zeros + 2] == 0 and LENGTH_MIN <= data[zeros + 3] <= LENGTH_MAX:
            return zeros - 2
        at = zeros - 1
