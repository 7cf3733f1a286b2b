# SPDX-License-Identifier: Apache-2.0
"""`frame_rx` byte by byte against the bench's own framer; run from pytest."""

from __future__ import annotations

import random
from typing import Any

import cocotb

from firmware_sim.bench.modules import Bench, draws, icd, started
from interfaces.framing.cobs import CobsFramer
from interfaces.wire import Burst, Flaw, Frame, Mark

KEEP = 8
MAX = 32


class Pair:
    """The RTL and the framer on the same characters."""

    def __init__(self, bench: Bench) -> None:
        messages = icd().messages
        assert messages is not None
        self.bench = bench
        self.framer = CobsFramer(messages.framing.crc, messages.framing.max_payload)
        self.good = self.rejected = 0

    def frame(self, payload: bytes) -> bytes:
        return self.framer.encode(payload)

    async def hear(self, data: bytes, flaws: frozenset[int] = frozenset(), spare: int = 0) -> list[bytes | None]:
        """Each verdict in turn (None: rejected), judged against the framer's."""
        seen: list[bytes | None] = []
        for at, byte in enumerate(data):
            self.bench.drive(valid_i=1, data_i=byte, flaw_i=int(at in flaws))
            await self.bench.step()
            self.bench.drive(valid_i=0, flaw_i=0)
            seen += self._verdict()
            for _ in range(spare):
                await self.bench.step()
                assert not self._verdict()
        marks = tuple(Mark(at, Flaw.PARITY) for at in sorted(flaws))
        cuts = self.framer.receive(0, Burst(0, data, 0, 10, marks))
        expected = [cut.payload if isinstance(cut, Frame) else None for cut in cuts]
        found = [None if one is None else (len(one), one[:KEEP]) for one in seen]
        assert found == [None if one is None else (len(one), one[:KEEP]) for one in expected], (data.hex(), flaws)
        self.good += sum(one is not None for one in expected)
        self.rejected += sum(one is None for one in expected)
        return seen

    def _verdict(self) -> list[bytes | None]:
        if self.bench.read("good_o"):
            length, kept = self.bench.read("length_o"), self.bench.read("payload_o").to_bytes(KEEP, "big")
            return [kept[:length] + bytes(max(0, length - KEEP))]
        return [None] if self.bench.read("reject_o") else []


async def pair(dut: Any) -> Pair:
    return Pair(await started(dut, valid_i=0, data_i=0, flaw_i=0))


@cocotb.test()
async def every_length(dut: Any) -> None:
    """Payloads of 0 to 34 bytes, 32 being the limit; without zeros, of zeros, mixed."""
    both, drawn = await pair(dut), draws(dut)
    for length in range(MAX + 3):
        for payload in (bytes(length), b"\xff" * length, drawn.randbytes(length)):
            (verdict,) = await both.hear(both.frame(payload))
            assert (verdict is not None) == (1 <= length <= MAX), length


@cocotb.test()
async def verdict_stands_one_clock(dut: Any) -> None:
    both = await pair(dut)
    await both.hear(both.frame(b"\x04\x01"), spare=3)
    assert both.good == 1


@cocotb.test()
async def empty_frames_are_nothing(dut: Any) -> None:
    """Zeros, as many as may be; a flawed one is told."""
    both = await pair(dut)
    assert await both.hear(bytes(20)) == []
    assert await both.hear(bytes(3), frozenset({1})) == [None]
    assert len(await both.hear(both.frame(b"\x01\x02\x03"))) == 1


@cocotb.test()
async def every_bit_flipped(dut: Any) -> None:
    """Of a command's frame, one at a time: never good; the next frame always is."""
    both = await pair(dut)
    good = both.frame(bytes.fromhex("01075a17"))
    for bit in range(8, 8 * (len(good) - 1)):
        bad = bytearray(good)
        bad[bit // 8] ^= 1 << bit % 8
        assert not any(await both.hear(bytes(bad))), bit
        assert any(await both.hear(good))


@cocotb.test()
async def every_byte_flawed_or_missing(dut: Any) -> None:
    """The closing zero's flaw counts too; a cut frame's rest belongs to no other."""
    both = await pair(dut)
    good = both.frame(bytes.fromhex("020011c3e4"))
    for at in range(1, len(good)):
        assert await both.hear(good, frozenset({at})) == [None]
        assert any(await both.hear(good))
        cut = good[:at] + good[at + 1 :]
        await both.hear(cut)
        await both.hear(bytes(1))
        assert any(await both.hear(good))


def _disturb(drawn: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(drawn.choice((0, 0, 0, 1, 1, 2))):
        at = drawn.randrange(len(out))
        how = drawn.randrange(4)
        if how == 0:
            out[at] ^= 1 << drawn.randrange(8)
        elif how == 1 and len(out) > 1:
            del out[at]
        elif how == 2:
            out.insert(at, drawn.randrange(256))
        else:
            out[at] = drawn.randrange(256)
    return bytes(out)


@cocotb.test()
async def random_traffic(dut: Any) -> None:
    """Good and disturbed frames and noise, with flaws, in one stream that both cut alike."""
    both, drawn = await pair(dut), draws(dut)
    for _ in range(250):
        payload = bytes(drawn.choice((0, 0, 1, 255, drawn.randrange(256))) for _ in range(drawn.randint(1, 33)))
        data = _disturb(drawn, both.frame(payload)) if drawn.random() < 0.9 else drawn.randbytes(drawn.randint(1, 20))
        data += bytes(1)
        flaws = {drawn.randrange(len(data))} if drawn.random() < 0.1 else set[int]()
        await both.hear(data, frozenset(flaws), drawn.choice((0, 0, 1)))
    assert both.good > 30
    assert both.rejected > 30
