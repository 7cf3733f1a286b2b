# SPDX-License-Identifier: Apache-2.0
"""`watchdog` at its limits; counters are put close to them; run from pytest."""

from __future__ import annotations

from typing import Any

import cocotb

from firmware_sim.bench.modules import Bench, clocks_of, draws, started

LEFT = 5  # clocks to the limit where a counter is put


async def _near(bench: Bench, counter: str, timing: str, feed: str) -> None:
    """As if the cause's effect had been at an edge that lies the limit less `LEFT` clocks back."""
    bench.drive(**{feed: 1})
    await bench.step()
    bench.drive(**{feed: 0})
    getattr(bench.dut, counter).value = clocks_of(timing) - LEFT
    await bench.settle()
    assert bench.read(counter) == clocks_of(timing) - LEFT


@cocotb.test()
async def link_silence_to_the_clock(dut: Any) -> None:
    """INT-011: the effect is the clock after the output, so that it rises one before the limit; it lasts."""
    bench = await started(dut, feed_i=0, start_i=0)
    await _near(bench, "link_q", "link_silence", "feed_i")
    seen = []
    for _ in range(LEFT + 5):
        await bench.step()
        seen.append(bench.read("link_lost_o"))
    assert seen == [0] * (LEFT - 2) + [1] * 7, "limit - 1, limit, limit + 1"


@cocotb.test()
async def feed_at_the_limit(dut: Any) -> None:
    """A message whose effect is in the very clock of the limit, or one before, keeps the link; one after is late."""
    bench = await started(dut, feed_i=0, start_i=0)
    for at in (LEFT - 2, LEFT - 1, LEFT):
        await _near(bench, "link_q", "link_silence", "feed_i")
        await bench.step(at)
        lost = bench.read("link_lost_o")
        bench.drive(feed_i=1)
        await bench.settle()
        assert not bench.read("link_lost_o")
        await bench.step()
        bench.drive(feed_i=0)
        assert (at, lost) in ((LEFT - 2, 0), (LEFT - 1, 1), (LEFT, 1))
        await bench.step(3)
        assert bench.read("link_q") == 3
        assert not bench.read("link_lost_o")


@cocotb.test()
async def sequence_limit_to_the_clock(dut: Any) -> None:
    """INT-012: counted from the first step; feeding does not help, a new start does."""
    bench = await started(dut, feed_i=0, start_i=0)
    await _near(bench, "sequence_q", "sequence_limit", "start_i")
    seen = []
    for at in range(LEFT + 5):
        bench.drive(feed_i=at % 2)
        await bench.step()
        seen.append(bench.read("sequence_stuck_o"))
    assert seen == [0] * (LEFT - 2) + [1] * 7
    bench.drive(start_i=1)
    await bench.step()
    assert not bench.read("sequence_stuck_o")


@cocotb.test()
async def random_feeds(dut: Any) -> None:
    """Both counters against plain counting, from a place near the limits."""
    bench, drawn = await started(dut, feed_i=0, start_i=0), draws(dut)
    last = {"link_q": clocks_of("link_silence") - 1, "sequence_q": clocks_of("sequence_limit") - 1}
    count = dict.fromkeys(last, 0)
    for _ in range(600):
        if drawn.random() < 0.05:
            name = drawn.choice(list(last))
            if count[name] != last[name]:  # what is over its limit stays there until its cause is over
                count[name] = last[name] - drawn.randint(1, 8)
                getattr(bench.dut, name).value = count[name]
        inputs = {"link_q": int(drawn.random() < 0.05), "sequence_q": int(drawn.random() < 0.05)}
        bench.drive(feed_i=inputs["link_q"], start_i=inputs["sequence_q"])
        await bench.settle()
        assert bench.read("link_lost_o") == (count["link_q"] == last["link_q"] and not inputs["link_q"])
        assert bench.read("sequence_stuck_o") == (count["sequence_q"] == last["sequence_q"])
        count = {name: 0 if inputs[name] else min(now + 1, last[name]) for name, now in count.items()}
        await bench.step()
