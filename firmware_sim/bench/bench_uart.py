# SPDX-License-Identifier: Apache-2.0
"""`UartSource` and `UartMonitor` against each other, over a wire from `rx_i` to `tx_o`; run from pytest."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any, Literal

import cocotb

from firmware_sim.bench.characters import Glitch, Outgoing, UartConfig, Wrong
from firmware_sim.bench.clock import now_ps, until_ps
from firmware_sim.bench.uart import UartMonitor, UartSource
from hil.stream import Stream

RATES = (9_600, 115_200, 921_600, 1_000_000, 3_000_000)
PARITIES: tuple[Literal["none", "even", "odd"], ...] = ("none", "even", "odd")
COUNT = 24


class Bench:
    """A source, a wire and a monitor, and draws from the run's seed."""

    def __init__(self, dut: Any, config: UartConfig) -> None:
        self.config = config
        self.draws = Stream(cocotb.RANDOM_SEED, "bench")
        self.source = UartSource(dut.rx_i, config)
        self.monitor = UartMonitor(dut.tx_o, config)

    async def start(self) -> None:
        """Begins once the wire is idle, at an instant that is no whole nanosecond."""
        await until_ps(now_ps() + 1 + self.draws.below(10**6))
        self.monitor.start()
        self.source.start()

    def data(self) -> int:
        """Never all zeroes, which a low stop bit makes a break."""
        return 1 + self.draws.below((1 << self.config.data_bits) - 1)


async def started(dut: Any, config: UartConfig) -> Bench:
    bench = Bench(dut, config)
    await bench.start()
    return bench


@cocotb.test()
async def random_data_at_every_rate_and_format(dut: Any) -> None:
    """What is sent is heard, nothing is wrong, and both tell the same instants to the picosecond."""
    for rate, parity, stop_bits in itertools.product(RATES, PARITIES, (1, 2)):
        config = UartConfig.at(rate, 7 + (rate != 9_600), parity, stop_bits)
        bench = await started(dut, config)
        items = [Outgoing(bench.data(), gap_bits=bench.draws.below(3)) for _ in range(COUNT)]
        sent = await bench.source.send(items)
        heard = await bench.monitor.receive(COUNT)
        assert [one.data for one in heard] == [one.item.data for one in sent]
        assert [one.start_ps for one in heard] == [one.start_ps for one in sent]
        assert not any(one.wrong for one in heard)
        assert not bench.monitor.false_starts
        bench.source.stop()
        bench.monitor.stop()


@cocotb.test()
async def each_wrongness_is_heard_as_that_one(dut: Any) -> None:
    """In the middle of good characters, which stay good."""
    bench = await started(dut, UartConfig.at(1_000_000, parity="even"))
    kinds: list[tuple[Wrong, dict[str, Any]]] = [
        (Wrong.PARITY, {"parity_flipped": True}),
        (Wrong.FRAMING, {"stop_low": 0}),
        (Wrong.BREAK, {"break_bits": 11 + bench.draws.below(20)}),
        (Wrong.TIMING, {"glitch": Glitch(1_300_000 + 1_000_000 * bench.draws.below(8), 50_000)}),
    ]
    for wrong, how in kinds:
        good, bad, after = (bench.data() for _ in range(3))
        await bench.source.send([Outgoing(good), Outgoing(bad, **how), Outgoing(after)])
        heard = await bench.monitor.receive(3)
        assert [one.wrong for one in heard] == [frozenset(), {wrong}, frozenset()], (wrong, heard)
        assert [one.data for one in heard] == [good, 0 if wrong is Wrong.BREAK else bad, after]


@cocotb.test()
async def rates_that_are_off(dut: Any) -> None:
    """One and two per cent are read; from five on, something is said."""
    for rate, per_cent in itertools.product(RATES, (-8, -5, -2, -1, 1, 2, 5, 8)):
        bench = await started(dut, UartConfig.at(rate, parity="odd"))
        # The last ones have edges at the end of a character, where the error is largest.
        values = [bench.data() for _ in range(COUNT)] + [0x80, 0x01, 0x80, 0x01]
        await bench.source.send([Outgoing(value, rate_ppm=10_000 * per_cent) for value in values])
        await until_ps(now_ps() + bench.config.offset_ps(bench.config.char_bits))
        heard = bench.monitor.characters
        if abs(per_cent) <= 2:
            assert [one.data for one in heard] == values
            assert not any(one.wrong for one in heard)
        else:
            assert any(one.wrong for one in heard) or bench.monitor.false_starts
        bench.source.stop()
        bench.monitor.stop()


@cocotb.test()
async def false_starts_are_kept(dut: Any) -> None:
    """A low pulse of a quarter of a bit is no character, and is told with its width."""
    bench = await started(dut, UartConfig.at(1_000_000))
    (pulse, _) = await bench.source.send([Outgoing(break_bits=Fraction(1, 4)), Outgoing(0x42)])
    (heard,) = await bench.monitor.receive()
    assert (heard.data, heard.wrong) == (0x42, frozenset())
    assert [(one.start_ps, one.width_ps) for one in bench.monitor.false_starts] == [(pulse.start_ps, 250_000)]


@cocotb.test()
async def begins_when_told(dut: Any) -> None:
    """Not before its instant; at once when there is nothing to wait for; after the one before it otherwise."""
    bench = await started(dut, UartConfig.at(3_000_000))
    at_ps = now_ps() + 123_457
    first, second = await bench.source.send([Outgoing(1, not_before_ps=at_ps), Outgoing(2, not_before_ps=at_ps)])
    assert first.start_ps == at_ps
    assert second.start_ps == at_ps + 10 * 10**12 // 3_000_000
    now = now_ps() + 999
    await until_ps(now)
    (third,) = await bench.source.send(b"\x03")
    assert third.start_ps == now


@cocotb.test()
async def no_rounding_adds_up(dut: Any) -> None:
    """Two hundred characters at 3 Mbit/s end where exact bits end."""
    bench = await started(dut, UartConfig.at(3_000_000))
    sent = await bench.source.send(bytes(200))
    assert sent[-1].end_ps - sent[0].start_ps == 200 * 10 * 10**12 // 3_000_000
    assert all(one.edge_error_ps <= 1 for one in await bench.monitor.receive(200))


@cocotb.test()
async def a_stopped_source_is_silent(dut: Any) -> None:
    """In the middle of a character too; what waited is forgotten, and it can be started again."""
    bench = await started(dut, UartConfig.at(1_000_000))
    bench.source.put(bytes(5))
    await until_ps(now_ps() + 2_500_000)
    bench.source.stop()
    await until_ps(now_ps() + 100_000_000)
    assert len(bench.monitor.characters) == 1
    assert Wrong.TIMING in bench.monitor.characters[0].wrong
    bench.source.start()
    await bench.source.send(b"\x99")
    await until_ps(now_ps() + 1_000_000)
    assert [one.data for one in bench.monitor.characters[1:]] == [0x99]


@cocotb.test()
async def no_end_is_started_twice(dut: Any) -> None:
    """Nor stopped when it does not run."""
    bench = await started(dut, UartConfig.at(1_000_000))
    for end in (bench.source, bench.monitor):
        for wrong in (end.start, end.stop):
            try:
                wrong()
                wrong()
            except RuntimeError:
                continue
            raise AssertionError("not refused")
