# SPDX-License-Identifier: Apache-2.0
"""`uart_tx`: every edge to the clock, over characters back to back; run from pytest."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import Any

import cocotb

from firmware_sim.bench.characters import UartConfig
from firmware_sim.bench.modules import PERIOD_PS, Bench, draws, parameter, started

_IDLE = {"stop_i": 0, "valid_i": 0, "data_i": 0}


def config() -> UartConfig:
    return UartConfig.at(parameter("BitRateBps", 1_000_000), parity="even")


def bits_of(data: bytes) -> list[int]:
    """The line, bit by bit."""
    form = config()
    line: list[int] = []
    for byte in data:
        line += [0, *(byte >> at & 1 for at in range(8)), form.parity_of(byte), 1]
    return line


def level_at(data: bytes, clock: int) -> int:
    """Of the line, so many clocks after the first start bit: bit k begins with clock ceil(k * clock / rate)."""
    line = bits_of(data)
    at = int(Fraction(clock * PERIOD_PS) / config().bit_ps)
    while at + 1 <= len(line) and ceil((at + 1) * config().bit_ps / PERIOD_PS) <= clock:
        at += 1
    return line[at] if at < len(line) else 1


async def speak(bench: Bench, data: bytes, clocks: int) -> list[int]:
    """Offer the bytes as they are taken; the pin after each edge, from the first start bit on."""
    seen: list[int] = []
    at = 0
    bench.drive(valid_i=1, data_i=data[0])
    while len(seen) < clocks:
        await bench.settle()
        taken = bench.read("ready_o") and at < len(data)
        await bench.step()
        seen.append(bench.read("tx_o"))
        if taken:
            at += 1
            bench.drive(valid_i=int(at < len(data)), data_i=data[at] if at < len(data) else 0)
    return seen


@cocotb.test()
async def thirty_characters_back_to_back(dut: Any) -> None:
    """Every bit's edge at its own clock: no error adds up; then idle."""
    bench, drawn = await started(dut, **_IDLE), draws(dut)
    data = bytes([0x00, 0xFF, 0x55, *drawn.randbytes(27)])
    total = ceil(len(bits_of(data)) * config().bit_ps / PERIOD_PS)
    seen = await speak(bench, data, total + 20)
    assert seen == [level_at(data, clock) for clock in range(total + 20)]
    assert not bench.read("busy_o")


@cocotb.test()
async def busy_ends_with_the_stop_bit(dut: Any) -> None:
    """One clock less it is busy still; at the limit and after it is not."""
    bench = await started(dut, **_IDLE)
    total = ceil(11 * config().bit_ps / PERIOD_PS)
    await speak(bench, b"\x0f", total)
    assert bench.read("busy_o"), "limit - 1"
    await bench.step()
    assert not bench.read("busy_o"), "limit"
    await bench.step()
    assert not bench.read("busy_o"), "limit + 1"


@cocotb.test()
async def with_gaps(dut: Any) -> None:
    """A character that finds the line idle begins at the next edge, after any gap."""
    bench, drawn = await started(dut, **_IDLE), draws(dut)
    total = ceil(11 * config().bit_ps / PERIOD_PS)
    for gap in (0, 1, 2, 3, *(drawn.randrange(40) for _ in range(6))):
        data = drawn.randbytes(1)
        seen = await speak(bench, data, total + 1)
        assert seen == [level_at(data, clock) for clock in range(total + 1)]
        for _ in range(gap):
            await bench.step()
            assert bench.read("tx_o") == 1


@cocotb.test()
async def stop_at_any_clock(dut: Any) -> None:
    """High with the next edge, nothing taken meanwhile, and whole characters afterwards."""
    bench, drawn = await started(dut, **_IDLE), draws(dut)
    total = ceil(11 * config().bit_ps / PERIOD_PS)
    for clocks in (1, 2, *(drawn.randrange(3, total + 5) for _ in range(20))):
        await speak(bench, b"\x00\x00", clocks)
        bench.drive(stop_i=1, valid_i=1)
        await bench.settle()
        assert not bench.read("ready_o")
        for _ in range(3):
            await bench.step()
            assert bench.read("tx_o") == 1
            assert not bench.read("busy_o")
        bench.drive(stop_i=0, valid_i=0)
        await bench.step()
        data = drawn.randbytes(2)
        assert await speak(bench, data, 2 * total) == [level_at(data, clock) for clock in range(2 * total)]
        await bench.step(4)
