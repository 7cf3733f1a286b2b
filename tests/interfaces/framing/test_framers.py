# SPDX-License-Identifier: Apache-2.0
"""The framer suite over every framer, RTU both with exact and with uncertain stamps."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interfaces.framing.cobs import CobsFramer
from interfaces.framing.contract import Framer
from interfaces.framing.mbap import MbapFramer
from interfaces.framing.rtu import RtuFramer
from interfaces.modbus.lengths import request_length, response_length
from interfaces.wire import NS_PER_MS, NS_PER_S, Burst
from tests.suites.framers import CHECKS, Case

BIT_RATE, CHAR_BITS = 19200, 11
SILENCE_NS = 3 * NS_PER_MS  # longer than t3.5 at this rate

UNITS = st.integers(1, 247)
READS = st.builds(
    lambda function, rest: bytes((function,)) + rest, st.integers(1, 6), st.binary(min_size=4, max_size=4)
)
ANSWERS = st.binary(max_size=250).map(lambda data: bytes((3, len(data))) + data)


def line(pieces: Sequence[Sequence[bytes]], silence_ns: int, late_ns: int) -> list[Burst]:
    """Each item's pieces back to back, items apart by `silence_ns`."""
    bursts, start_ns = [], NS_PER_S
    for item in pieces:
        for piece in item:
            bursts.append(Burst(start_ns, piece, BIT_RATE, CHAR_BITS, (), late_ns))
            start_ns = bursts[-1].end_ns
        start_ns += silence_ns
    return bursts


class RtuExact:
    units = UNITS
    transactions = st.just(0)
    payloads = st.binary(min_size=1, max_size=253)
    garbage = st.binary(min_size=1, max_size=3)

    def make(self) -> Framer:
        return RtuFramer(BIT_RATE, CHAR_BITS)

    def bursts(self, items: Sequence[Sequence[bytes]]) -> list[Burst]:
        return line(items, SILENCE_NS, 0)


class RtuGlued:
    """A pty: no silence is seen between frames, and stamps may be 1 ms late."""

    units = UNITS
    transactions = st.just(0)
    payloads = READS | ANSWERS
    # No function code of ours is in it, so no frame can begin in it.
    garbage = st.binary(min_size=1, max_size=40).map(lambda data: bytes(0x40 | byte & 0x3F for byte in data))

    def make(self) -> Framer:
        return RtuFramer(BIT_RATE, CHAR_BITS, (request_length, response_length))

    def bursts(self, items: Sequence[Sequence[bytes]]) -> list[Burst]:
        return line(items, 0, NS_PER_MS)


class Mbap:
    units = st.integers(0, 255)
    transactions = st.integers(0, 0xFFFF)
    payloads = st.binary(min_size=1, max_size=253)
    # Without a zero it holds no protocol identifier, so it cannot pass for a header.
    garbage = st.binary(min_size=6, max_size=40).map(lambda data: bytes(byte or 1 for byte in data))

    def make(self) -> Framer:
        return MbapFramer()

    def bursts(self, items: Sequence[Sequence[bytes]]) -> list[Burst]:
        return [Burst(index, piece) for index, piece in enumerate(piece for item in items for piece in item)]


class Cobs:
    units = st.just(-1)
    transactions = st.just(0)
    payloads = st.binary(min_size=1, max_size=250)
    garbage = st.binary(min_size=1, max_size=40).filter(lambda data: data.strip(b"\0") != b"")

    def __init__(self, crc_name: str) -> None:
        self.crc_name = crc_name

    def make(self) -> Framer:
        return CobsFramer(self.crc_name, 250)

    def bursts(self, items: Sequence[Sequence[bytes]]) -> list[Burst]:
        return line(items, 0, 0)


CASES = {
    "rtu-exact": RtuExact(),
    "rtu-glued": RtuGlued(),
    "mbap": Mbap(),
    "cobs-xmodem": Cobs("crc16_xmodem"),
    "cobs-ibm-3740": Cobs("crc16_ibm_3740"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("check", CHECKS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_framer(check: Callable[[Case, st.DataObject], None], case: Case, data: st.DataObject) -> None:
    """Every framer keeps every rule of the contract's suite."""
    check(case, data)


@pytest.mark.parametrize("pieces", [1, 2, 8])
def test_frame_instants_are_those_of_its_bytes(pieces: int) -> None:
    """Start and end come from the line's rate, whether the frame came whole or in pieces."""
    data = RtuFramer(BIT_RATE, CHAR_BITS).encode(bytes.fromhex("0300010002"), 1)
    size = len(data) // pieces
    bursts = [
        Burst(NS_PER_S + at * CHAR_BITS * NS_PER_S // BIT_RATE, data[at : at + size], BIT_RATE, CHAR_BITS)
        for at in range(0, len(data), size)
    ]
    framer = RtuFramer(BIT_RATE, CHAR_BITS)
    for burst in bursts:
        framer.receive(burst.end_ns, burst)
    deadline_ns = framer.deadline_ns
    assert deadline_ns is not None
    (frame,) = framer.expire(deadline_ns)
    assert frame.start_ns == NS_PER_S
    assert abs(frame.end_ns - (NS_PER_S + 8 * CHAR_BITS * NS_PER_S // BIT_RATE)) <= 1
