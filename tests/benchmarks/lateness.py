# SPDX-License-Identifier: Apache-2.0
"""How late the real clock serves an event, beside a C program that sleeps until 1 ms before it and spins.

Rounds are taken in turn: a host that is busy for a moment makes whoever runs then late by milliseconds.
"""

from __future__ import annotations

import statistics
import subprocess
from pathlib import Path

from hil.clocks.real import RealClock
from hil.kernel import Kernel
from interfaces.wire import NS_PER_US
from tests.benchmarks.measure import Row, compile_c

COUNT, PERIOD_US, ROUNDS = 150, 5_000, 7


class Beat:
    """Fires every period."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel, self._left = kernel, COUNT

    def fire(self, item: None) -> None:
        self._left -= 1
        if self._left:
            self._kernel.at(self._kernel.now_ns + PERIOD_US * NS_PER_US, self.fire)
        else:
            self._kernel.stop()


def ours() -> tuple[float, float]:
    kernel = Kernel()
    kernel.at(PERIOD_US * NS_PER_US, Beat(kernel).fire)
    with RealClock() as clock:
        clock.run(kernel)
        return clock.lateness.p50_ns / NS_PER_US, clock.lateness.p99_ns / NS_PER_US


def c_program(program: Path) -> tuple[float, float]:
    command = [str(program), str(COUNT), str(PERIOD_US)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    late_us = sorted(int(line) / NS_PER_US for line in answer.stdout.split())
    return statistics.median(late_us), late_us[len(late_us) * 99 // 100]


def median_of(rounds: list[tuple[float, float]]) -> tuple[float, float]:
    """The median round's p50, and p99."""
    return statistics.median(p50 for p50, _ in rounds), statistics.median(p99 for _, p99 in rounds)


def rows() -> list[Row]:
    program = compile_c("lateness")
    pairs = [(ours(), c_program(program)) for _ in range(ROUNDS)]
    our_p50, our_p99 = median_of([one for one, _ in pairs])
    c_p50, c_p99 = median_of([one for _, one in pairs])
    return [
        Row("event lateness, p50", f"{our_p50:.2f} us", f"C: {c_p50:.2f} us", "50 us"),
        Row("event lateness, p99", f"{our_p99:.2f} us", f"{our_p99 / c_p99:.1f} x C's {c_p99:.2f} us", "2 x C"),
    ]
