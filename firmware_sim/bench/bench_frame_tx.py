# SPDX-License-Identifier: Apache-2.0
"""`frame_tx` against the bench's own framer; run from pytest."""

from __future__ import annotations

from typing import Any

import cocotb

from firmware_sim.bench.modules import Bench, draws, icd, started
from interfaces.framing.cobs import CobsFramer

BYTES = 16  # of the longest message
_IDLE = {"stop_i": 0, "valid_i": 0, "message_i": 0, "length_i": 0, "byte_ready_i": 0}


def encoded(payload: bytes) -> bytes:
    messages = icd().messages
    assert messages is not None
    return CobsFramer(messages.framing.crc, messages.framing.max_payload).encode(payload)


def offer(bench: Bench, payload: bytes) -> None:
    message = int.from_bytes(payload.ljust(BYTES, b"\xee"), "big")
    bench.drive(valid_i=1, message_i=message, length_i=len(payload))


async def take(bench: Bench, interval: int, limit: int = 1 << 30) -> tuple[bytes, bool]:
    """Bytes as a transmitter takes them, one each so many clocks; whether the frame was said to be done."""
    out, done = b"", False
    while not done and len(out) < limit:
        bench.drive(byte_ready_i=1)
        await bench.settle()
        assert bench.read("byte_valid_o"), f"a gap behind {out.hex()}"
        out += bytes([bench.read("byte_o")])
        done = bool(bench.read("done_o"))
        await bench.step()
        bench.drive(byte_ready_i=0)
        if done:
            bench.drive(valid_i=0)
        if interval > 1:
            await bench.step(interval - 1)
    return out, done


@cocotb.test()
async def every_length_and_zeros(dut: Any) -> None:
    """One byte to the longest; all zero, none, at random; as slow as a line and as fast as it may be."""
    bench, drawn = await started(dut, **_IDLE), draws(dut)
    for length in range(1, BYTES + 1):
        for payload in (bytes(length), b"\xff" * length, drawn.randbytes(length)):
            for interval in (110, 2 * BYTES + 8):
                offer(bench, payload)
                assert await take(bench, interval) == (encoded(payload), True)
        assert bench.read("quiet_o")


@cocotb.test()
async def first_zero_in_the_clock_of_valid(dut: Any) -> None:
    bench = await started(dut, **_IDLE)
    assert not bench.read("byte_valid_o")
    offer(bench, b"\x83\x01")
    await bench.settle()
    assert bench.read("byte_valid_o")
    assert bench.read("byte_o") == 0
    assert not bench.read("quiet_o")


@cocotb.test()
async def stop_at_any_byte(dut: Any) -> None:
    """The rest is forgotten; the next message is whole."""
    bench, drawn = await started(dut, **_IDLE), draws(dut)
    for limit in range(1, 14):
        offer(bench, drawn.randbytes(12))
        await take(bench, 40, limit)
        bench.drive(stop_i=1, valid_i=0)
        await bench.step()
        bench.drive(stop_i=0)
        await bench.step()
        assert bench.read("quiet_o")
        payload = drawn.randbytes(7)
        offer(bench, payload)
        assert await take(bench, 40) == (encoded(payload), True)


@cocotb.test()
async def random_messages(dut: Any) -> None:
    """With many zeros, at random intervals."""
    bench, drawn = await started(dut, **_IDLE), draws(dut)
    for _ in range(120):
        payload = bytes(drawn.choice((0, 0, drawn.randrange(256))) for _ in range(drawn.randint(1, BYTES)))
        offer(bench, payload)
        assert await take(bench, drawn.randint(2 * BYTES + 8, 120)) == (encoded(payload), True)
