# SPDX-License-Identifier: Apache-2.0
"""What a UART reads of characters whose sender falls idle, clock by clock: a plain model that bodies are held to."""

from __future__ import annotations

from typing import NamedTuple

from interfaces.wire import Flaw, Mark

BIT_CLOCKS = 10
CHAR_BITS = 11
CHAR_CLOCKS = BIT_CLOCKS * CHAR_BITS


class Reading(NamedTuple):
    """The characters, and the clock at which it is known that no more follow."""

    data: bytes
    marks: tuple[Mark, ...]
    over_clock: int


def read(data: bytes, sent_clocks: int) -> Reading:
    """Characters sent from clock 0 on by a sender that falls idle at `sent_clocks`; each bit is taken at its centre."""
    levels = [bit for byte in data for bit in _bits(byte) for _ in range(BIT_CLOCKS)][:sent_clocks]
    levels += [1] * 2 * CHAR_CLOCKS
    found, at = bytearray(), 0
    marks: list[Mark] = []
    while levels[at] == 0:
        start, *bits = levels[at + BIT_CLOCKS // 2 : at + CHAR_CLOCKS : BIT_CLOCKS]
        if start:
            return Reading(bytes(found), tuple(marks), at + BIT_CLOCKS // 2)
        if sum(bits[:9]) % 2:
            marks.append(Mark(len(found), Flaw.PARITY))
        found.append(sum(bit << place for place, bit in enumerate(bits[:8])))
        at += CHAR_CLOCKS
    return Reading(bytes(found), tuple(marks), at)


def _bits(byte: int) -> list[int]:
    """Start, data least significant bit first, even parity, stop."""
    data = [byte >> place & 1 for place in range(8)]
    return [0, *data, sum(data) % 2, 1]
