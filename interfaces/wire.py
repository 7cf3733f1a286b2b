# SPDX-License-Identifier: Apache-2.0
"""The words that parts of a bench share about a wire: bursts, frames, rejects, connections.

All times are integer nanoseconds on the bench's clock. Records are immutable and may be shared
between parts and by copies of a bench.
"""

from __future__ import annotations

import enum
from typing import Any, Self

import msgspec

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000
NS_PER_US = 1_000


class Record(msgspec.Struct, frozen=True):
    """Base of everything that flows; a copied bench shares its records instead of copying them."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


class Direction(enum.Enum):
    """Of a frame or message, as seen from the place that records it."""

    RECEIVED = "received"
    SENT = "sent"


class Flaw(enum.Enum):
    """What a UART saw wrong with one character."""

    PARITY = "parity"
    FRAMING = "framing"
    BREAK = "break"


class Mark(Record, frozen=True, gc=False):
    """A flaw of the character at `index` of a burst."""

    index: int
    flaw: Flaw


class Burst(Record, frozen=True, gc=False):
    """Characters that arrived back to back; a gap ends a burst.

    A character's instant is computed from the rate, never stored. `bit_rate` 0 means a medium
    without line timing (TCP, UDP): all bytes arrive at `start_ns`. `late_ns` bounds how late the
    stamp may be (0 on virtual and rtl clocks).
    """

    start_ns: int
    data: bytes
    bit_rate: int = 0
    char_bits: int = 10
    marks: tuple[Mark, ...] = ()
    late_ns: int = 0

    def char_start_ns(self, index: int) -> int:
        """The instant the start bit of character `index` begins (floor to 1 ns)."""
        if self.bit_rate == 0:
            return self.start_ns
        return self.start_ns + index * self.char_bits * NS_PER_S // self.bit_rate

    @property
    def end_ns(self) -> int:
        """The instant the last stop bit ends."""
        return self.char_start_ns(len(self.data))


class Transmit(Record, frozen=True, gc=False):
    """Bytes that a part hands to its link, to be sent back to back as soon as the link is free.

    `late_ns` bounds how much earlier they may have been meant to begin: not 0 for what came from outside.
    """

    data: bytes
    late_ns: int = 0


class Sent(Record, frozen=True, gc=False):
    """The link's answer to `Transmit`: the last stop bit ended (or, on TCP, left) at `end_ns`."""

    end_ns: int


class Up(Record, frozen=True, gc=False):
    """A connection opened; `peer` names who is at the other end."""

    peer: str


class Down(Record, frozen=True, gc=False):
    """A connection closed, and why."""

    reason: str


class Full(Record, frozen=True, gc=False):
    """The link takes no more; what is transmitted before `Ready` is dropped and recorded."""


class Ready(Record, frozen=True, gc=False):
    """The link takes data again."""


class RejectReason(enum.Enum):
    """Why a framer threw bytes away."""

    CRC = "crc"
    SHORT = "short"
    LONG = "long"
    GAP = "gap"
    PARITY = "parity"
    FRAMING = "framing"
    BREAK = "break"
    LENGTH = "length"
    PROTOCOL = "protocol"
    ENCODING = "encoding"
    TRUNCATED = "truncated"


class Frame(Record, frozen=True, gc=False):
    """A good frame, freed of its framing (CRC, MBAP header, COBS).

    `unit` is the Modbus unit (-1 where the protocol has none), `transaction` the MBAP transaction
    identifier, `payload` the Modbus PDU or the message. `doubtful_gap` says that a gap was out of
    limits by no more than the stamps' own error: the frame counts, the gap is inconclusive.
    """

    start_ns: int
    end_ns: int
    payload: bytes
    unit: int = -1
    transaction: int = 0
    doubtful_gap: bool = False


class Reject(Record, frozen=True, gc=False):
    """Bytes that are no frame, with the reason; wire misbehaviour is a record, not an exception."""

    start_ns: int
    end_ns: int
    reason: RejectReason
    data: bytes
