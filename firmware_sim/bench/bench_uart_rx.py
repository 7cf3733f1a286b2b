# SPDX-License-Identifier: Apache-2.0
"""`uart_rx` behind a source whose edges are exact; run from pytest."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import cocotb
from cocotb.triggers import ReadOnly, RisingEdge

from firmware_sim.bench.characters import Glitch, Outgoing, UartConfig
from firmware_sim.bench.clock import now_ps, until_ps
from firmware_sim.bench.modules import PERIOD_PS, Bench, discrete, draws, parameter
from firmware_sim.bench.uart import UartSource
from interfaces.wire import Record

PIN_CLOCKS = 4  # synchroniser and filter
FLAGS = ("parity_error", "framing", "break", "overrun")


class Got(Record, frozen=True):
    edge: int
    data: int
    flags: frozenset[str]


class Receiver:
    """A source, the receiver, and what it said."""

    def __init__(self, dut: Any) -> None:
        self.config = UartConfig.at(parameter("BitRateBps", 1_000_000), parity="even")
        self.bench = Bench(dut, ready_i=1)
        self.source = UartSource(dut.rx_i, self.config)
        self.got: list[Got] = []

    async def start(self) -> None:
        await self.bench.start()
        await self.idle(12)
        self.source.start()
        cocotb.start_soon(self._collect())

    async def idle(self, bits: int = 2) -> None:
        await until_ps(now_ps() + self.config.offset_ps(bits))

    async def heard(self, *items: Outgoing) -> list[Got]:
        """Send, wait a little, and tell what came."""
        before = len(self.got)
        await self.source.send(items)
        await self.idle()
        return self.got[before:]

    async def works(self) -> None:
        """Not stuck: a good character is read as itself."""
        await self.idle(12)
        (got,) = await self.heard(Outgoing(0x5A))
        assert (got.data, got.flags - {"overrun"}) == (0x5A, frozenset())

    async def _collect(self) -> None:
        dut = self.bench.dut
        while True:
            await RisingEdge(dut.valid_o)
            await ReadOnly()
            flags = frozenset(flag for flag in FLAGS if getattr(dut, f"{flag}_o").value == 1)
            self.got.append(Got(now_ps() // PERIOD_PS, int(dut.data_o.value), flags))


async def receiver(dut: Any) -> Receiver:
    found = Receiver(dut)
    await found.start()
    return found


@cocotb.test()
async def all_bytes_at_their_clock(dut: Any) -> None:
    """Back to back, each byte once; valid stands `PIN_CLOCKS` after the stop bit's centre, to one clock."""
    end = await receiver(dut)
    sent = await end.source.send(bytes(range(256)))
    await end.idle()
    assert [(one.data, one.flags) for one in end.got] == [(value, frozenset()) for value in range(256)]
    exact = end.config.bit_ps % PERIOD_PS == 0
    for one, got in zip(sent, end.got, strict=True):
        centre = (one.end_ps - end.config.offset_ps(Fraction(1, 2))) // PERIOD_PS
        assert abs(got.edge - centre - PIN_CLOCKS) <= (0 if exact else 1), (one, got)


@cocotb.test()
async def each_flaw_is_told(dut: Any) -> None:
    """Parity, stop bit, break: told once, and the next character is good."""
    end = await receiver(dut)
    for item, flags in (
        (Outgoing(0x31, parity_flipped=True), {"parity_error"}),
        (Outgoing(0x31, stop_low=0), {"framing"}),
        (Outgoing(break_bits=11), {"framing", "break"}),
        (Outgoing(break_bits=200), {"framing", "break"}),
    ):
        got = await end.heard(Outgoing(0x11), item, Outgoing(0x22))
        assert [one.flags for one in got] == [frozenset(), flags, frozenset()], item
        assert [got[0].data, got[2].data] == [0x11, 0x22]


@cocotb.test()
async def glitches_about_the_filter(dut: Any) -> None:
    """One sample low in the idle line or anywhere in a character is nothing; low to the start's centre is a start."""
    end = await receiver(dut)
    bit_clocks = end.config.bit_ps / PERIOD_PS
    for clocks in (1, 2, int(bit_clocks / 2) - 1):
        assert await end.heard(Outgoing(break_bits=Fraction(clocks) / bit_clocks)) == [], clocks
        await end.works()
    for at in range(11):
        centre = end.config.offset_ps(at + Fraction(1, 2))
        (got,) = await end.heard(Outgoing(0x69, glitch=Glitch(centre - PERIOD_PS // 2, PERIOD_PS - 1)))
        assert (got.data, got.flags) == (0x69, frozenset()), at


@cocotb.test()
async def rates_that_are_off(dut: Any) -> None:
    """Two per cent are read; from eight on something is flagged, wrong or lost; it is never stuck."""
    end, drawn = await receiver(dut), draws(dut)
    for per_cent in (-20, -8, -5, -2, -1, 1, 2, 5, 8, 20):
        values = [1 + drawn.randrange(255) for _ in range(16)] + [0x80, 0x01, 0x55, 0xAA]
        got = await end.heard(*(Outgoing(value, rate_ppm=10_000 * per_cent) for value in values))
        good = [one.data for one in got] == values and not any(one.flags for one in got)
        if abs(per_cent) <= 2:
            assert good, per_cent
        elif abs(per_cent) >= 5:
            assert not good, per_cent
        await end.works()


@cocotb.test()
async def half_a_character(dut: Any) -> None:
    """The sender dies in each bit: what comes out is one character at most, and the next one is good."""
    end, drawn = await receiver(dut), draws(dut)
    for bits in range(11):
        before = len(end.got)
        end.source.put([Outgoing(drawn.randrange(256))])
        await until_ps(now_ps() + end.config.offset_ps(bits + Fraction(1, 3)))
        end.source.stop()
        end.source.start()
        await end.idle(12)
        assert len(end.got) - before <= 1
        await end.works()


@cocotb.test()
async def overrun(dut: Any) -> None:
    """What finds the last one standing is lost, and the next one taken says so, once."""
    end = await receiver(dut)
    end.bench.drive(ready_i=0)
    await end.source.send(b"\x01\x02")
    await end.idle()
    assert (end.bench.read("data_o"), end.bench.read("valid_o"), end.bench.read("overrun_o")) == (1, 1, 1)
    end.bench.drive(ready_i=1)
    got = await end.heard(Outgoing(3), Outgoing(4))
    assert [one.data for one in got] == [3, 4]
    assert "overrun" not in got[1].flags


@cocotb.test()
async def deaf_until_idle(dut: Any) -> None:
    """Out of reset within a character it hears nothing before a whole character's time of idle."""
    end = await receiver(dut)
    for bits in (10, 12):
        dut.rst_ni.value = 0
        await end.idle(3)
        dut.rst_ni.value = 1
        await end.idle(bits)
        got = await end.heard(Outgoing(0xFF))
        assert len(got) == (bits == 12)
        await end.works()


@cocotb.test()
async def noise(dut: Any) -> None:
    """Edges at random: whatever comes out, afterwards it works; a legal line is never stuck."""
    end, drawn = await receiver(dut), draws(dut)
    end.source.stop()
    for _ in range(400):
        dut.rx_i.value = drawn.randrange(2)
        await until_ps(now_ps() + drawn.randrange(1, 30 * PERIOD_PS))
    dut.rx_i.value = 1
    end.source.start()
    await end.works()


@cocotb.test()
async def unknown_level(dut: Any) -> None:
    """Neither high nor low on the pin (four-valued simulators): a reset is enough to work again."""
    end = await receiver(dut)
    if cocotb.SIM_NAME.lower().startswith("verilator"):
        return
    end.source.stop()
    dut.rx_i.value = "X"
    await end.idle(30)
    dut.rx_i.value = 1
    await end.bench.settle()
    dut.rst_ni.value = 0
    await end.idle(3)
    dut.rst_ni.value = 1
    end.source.start()
    await end.works()
    assert discrete().synchroniser_clocks == 2
