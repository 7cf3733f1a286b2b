# SPDX-License-Identifier: Apache-2.0
"""`remainder` against Python's own; run from pytest."""

from __future__ import annotations

from typing import Any

import cocotb

from firmware_sim.bench.modules import Bench, draws, icd, parameter, started

BYTE_CLOCKS = 8


async def _count(bench: Bench, number: int, spare: int, count: int = 4) -> int:
    """Bytes as close as may be, and `spare` clocks more."""
    for at, byte in enumerate(number.to_bytes(count, "big")):
        bench.drive(valid_i=1, first_i=int(at == 0), byte_i=byte)
        await bench.step()
        bench.drive(valid_i=0, first_i=0, byte_i=0xA5)
        for _ in range(BYTE_CLOCKS - 1):
            assert bench.read("busy_o")
            await bench.step()
        assert bench.read("busy_o")
        await bench.step()
        assert not bench.read("busy_o"), "eight clocks a byte"
        await bench.step(spare)
    return bench.read("rest_o")


@cocotb.test()
async def edges_of_the_range(dut: Any) -> None:
    """About every multiple that matters: 0, the modulus, the counter's wrap and the largest number."""
    bench = await started(dut, valid_i=0, first_i=0, byte_i=0)
    modulus, wrap = parameter("Modulus", 1000), icd().constant("time_wrap_us")
    for about in (1, modulus, 2 * modulus, wrap, (1 << 32) - 2):
        for number in (about - 1, about, about + 1):
            assert await _count(bench, number, 0) == number % modulus, number


@cocotb.test()
async def random_numbers(dut: Any) -> None:
    """Of one to four bytes, with and without clocks to spare."""
    bench, drawn = await started(dut, valid_i=0, first_i=0, byte_i=0), draws(dut)
    modulus = parameter("Modulus", 1000)
    for _ in range(60):
        count = drawn.randint(1, 4)
        number = drawn.getrandbits(8 * count)
        assert await _count(bench, number, drawn.choice((0, 0, 1, 100)), count) == number % modulus, number
