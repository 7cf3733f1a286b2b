# SPDX-License-Identifier: Apache-2.0
"""Characters of an asynchronous line: their format, what is sent (wrong on purpose, too) and the edges it makes.

Times are whole picoseconds; a bit's length is an exact fraction of them. The instant of bit k is computed from the
character's own start, so that no rounding adds up, however long a burst is:

    high ----      --------------------      ---- --------
             |start| d0 | d1 | d2 | ...  | p  | stop |
    low      ------ - - - - - - - - - - - - - - - - -
             0     1    2    3          n-2  n-1     n   bits from the start edge
"""

from __future__ import annotations

import enum
from fractions import Fraction
from itertools import pairwise
from typing import Literal, Self

from interfaces.spec.model import Serial
from interfaces.wire import Record

PS_PER_S = 10**12
PS_PER_NS = 1000
PPM = 1_000_000


class UartConfig(Record, frozen=True):
    """The format of characters; `bit_ps` is exact."""

    bit_ps: Fraction
    data_bits: int = 8
    parity: Literal["none", "even", "odd"] = "none"
    stop_bits: int = 1

    @classmethod
    def at(
        cls, bit_rate: int, data_bits: int = 8, parity: Literal["none", "even", "odd"] = "none", stop_bits: int = 1
    ) -> Self:
        """At so many bits a second."""
        return cls(Fraction(PS_PER_S, bit_rate), data_bits, parity, stop_bits)

    @classmethod
    def of(cls, serial: Serial) -> Self:
        """As an ICD has it."""
        return cls.at(serial.bit_rate_bps, serial.data_bits, serial.parity, serial.stop_bits)

    @property
    def char_bits(self) -> int:
        """Bits on the wire for one character, start and stop bits included."""
        return 1 + self.data_bits + (self.parity != "none") + self.stop_bits

    def offset_ps(self, bits: Fraction | int) -> int:
        """So many bits after a start edge, floored to 1 ps."""
        return int(bits * self.bit_ps)

    def parity_of(self, data: int) -> int:
        """The parity bit that goes with the data."""
        return data.bit_count() & 1 ^ (self.parity == "odd")


class Glitch(Record, frozen=True):
    """The line's level inverted for `width_ps`, from `offset_ps` after the start edge on."""

    offset_ps: int
    width_ps: int


class Outgoing(Record, frozen=True):
    """A character to be sent; legal unless asked to be otherwise.

    `gap_bits` is the idle time before it, and it does not begin before `not_before_ps`. `stop_low` is the number of
    the stop bit that is low. A break is so many bits of low in place of a character (less than half a bit makes a
    false start). After either, a bit of high follows, without which no later start could be seen.
    """

    data: int = 0
    gap_bits: Fraction | int = 0
    not_before_ps: int = 0
    parity_flipped: bool = False
    stop_low: int | None = None
    break_bits: Fraction | int = 0
    glitch: Glitch | None = None
    rate_ppm: int = 0  # faster than the format says, by so much


class Edge(Record, frozen=True):
    """The line takes this level at this instant."""

    at_ps: int
    level: int


class Wave(Record, frozen=True):
    """The edges of one character, and the exact instant at which it ends."""

    edges: tuple[Edge, ...]
    end_ps: Fraction


class Wrong(enum.Enum):
    """What can be wrong with a character that was heard."""

    PARITY = "parity"
    FRAMING = "framing"  # a stop bit is low
    BREAK = "break"  # everything is low, stop bits too
    TIMING = "timing"  # an edge where none belongs, or the next start before the last stop bit ends
    UNKNOWN = "unknown"  # neither high nor low (four-valued simulators)


class Character(Record, frozen=True):
    """A character as heard. `end_ps` is where its last stop bit ends; of a break, where the line went high.

    `edge_error_ps` is how far the worst of its edges lies from its bit boundary.
    """

    data: int
    start_ps: int
    end_ps: int
    wrong: frozenset[Wrong] = frozenset()
    edge_error_ps: int = 0


class FalseStart(Record, frozen=True):
    """The line went low, and was high again by the middle of what would have been the start bit."""

    start_ps: int
    width_ps: int


def wave(config: UartConfig, item: Outgoing, start_ps: Fraction) -> Wave:
    """What the line does for a character that begins at an exact instant; it is high before."""
    bit_ps = config.bit_ps * PPM / (PPM + item.rate_ppm)
    segments = _segments(config, item)
    starts, at_ps = [], start_ps
    for _, bits in segments:
        starts.append(at_ps)
        at_ps += bits * bit_ps
    levels = {int(instant): level for instant, (level, _) in zip(starts, segments, strict=True)}
    if item.glitch is not None:
        levels = _disturbed(levels, int(start_ps) + item.glitch.offset_ps, item.glitch.width_ps)
    steps = [Edge(0, 1), *(Edge(instant, levels[instant]) for instant in sorted(levels))]
    edges = tuple(after for before, after in pairwise(steps) if after.level != before.level)
    return Wave(edges, at_ps)


def _segments(config: UartConfig, item: Outgoing) -> list[tuple[int, Fraction | int]]:
    """(level, how many bits long), in order, the last one high."""
    if item.break_bits:
        return [(0, item.break_bits), (1, 1)]
    bits = [0, *(item.data >> index & 1 for index in range(config.data_bits))]
    if config.parity != "none":
        bits.append(config.parity_of(item.data) ^ item.parity_flipped)
    bits += [int(index != item.stop_low) for index in range(config.stop_bits)]
    if item.stop_low is not None:
        bits.append(1)
    return [(bit, 1) for bit in bits]


def _disturbed(levels: dict[int, int], begin_ps: int, width_ps: int) -> dict[int, int]:
    """The levels by instant, inverted for a while."""
    end_ps = begin_ps + width_ps

    def at(instant: int) -> int:
        before = [level for begin, level in sorted(levels.items()) if begin <= instant]
        return (before[-1] if before else 1) ^ (begin_ps <= instant < end_ps)

    return {instant: at(instant) for instant in {*levels, begin_ps, end_ps}}
