# SPDX-License-Identifier: Apache-2.0
"""Cuts glued RTU bytes by content: where a PDU's length is known from its first bytes and the CRC agrees.

Used only where stamps are too uncertain for silence to decide. A good frame is stepped over whole, so
what looks like a frame inside another one's data is never taken for one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from interfaces.framing.crc import modbus as crc_modbus
from interfaces.wire import Record

FRAME_MIN, FRAME_MAX = 4, 256  # unit, PDU of 1 to 253 bytes, CRC (MODBUS-SL V1.02 2.5.1)

_UNIT_AND_CRC = 3

# (data, index of the function code) -> bytes of the PDU, None where that cannot be told
LengthOf: TypeAlias = Callable[[bytes, int], int | None]


class Stretch(Record, frozen=True, gc=False):
    """Bytes `start` to `end` (exclusive): one frame with a good CRC, or garbage."""

    start: int
    end: int
    good: bool


def crc_good(data: bytes) -> bool:
    """Whether `data` can be a whole RTU frame: the CRC over a frame and its own CRC is 0."""
    return FRAME_MIN <= len(data) <= FRAME_MAX and crc_modbus(data) == 0


def whole(data: bytes, lengths: Sequence[LengthOf]) -> bool:
    """Whether `data` is nothing but good frames; noise is found out at its first byte."""
    if crc_good(data):
        return True
    at = 0
    while at < len(data):
        end = _frame_end(data, at, lengths)
        if end is None:
            return at > 0 and crc_good(data[at:])
        at = end
    return True


def split(data: bytes, lengths: Sequence[LengthOf]) -> list[Stretch]:
    """All of `data` as stretches in order."""
    if crc_good(data):
        return [Stretch(0, len(data), True)]
    stretches: list[Stretch] = []
    at = garbage = 0
    while at + FRAME_MIN <= len(data):
        end = _frame_end(data, at, lengths)
        if end is None and at == garbage and crc_good(data[at:]):
            end = len(data)  # the rest, right after a good frame: a function whose length nobody knows
        if end is None:
            at += 1
            continue
        if at > garbage:
            stretches.append(Stretch(garbage, at, False))
        stretches.append(Stretch(at, end, True))
        at = garbage = end
    if garbage < len(data):
        stretches.append(Stretch(garbage, len(data), False))
    return stretches


def _frame_end(data: bytes, at: int, lengths: Sequence[LengthOf]) -> int | None:
    """Where the frame that begins at `at` ends; the longest reading wins, a shorter one may lie within it."""
    best: int | None = None
    for length_of in lengths:
        length = length_of(data, at + 1)
        if length is None:
            continue
        end = at + length + _UNIT_AND_CRC
        if end <= len(data) and (best is None or end > best) and crc_good(data[at:end]):
            best = end
    return best
