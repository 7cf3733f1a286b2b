# SPDX-License-Identifier: Apache-2.0
"""Events a second of the kernel, beside simpy's, both with timers that set themselves again."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

import simpy

from hil.kernel import Kernel
from tests.benchmarks.measure import Row, interleaved

TIMERS, EVENTS_EACH, ROUNDS = 50, 4_000, 5


class Timer:
    """Fires every 10 ns."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel, self._left = kernel, EVENTS_EACH

    def fire(self, item: None) -> None:
        self._left -= 1
        if self._left:
            self._kernel.at(self._kernel.now_ns + 10, self.fire)


def ours() -> float:
    kernel = Kernel()
    for number in range(TIMERS):
        kernel.at(number + 1, Timer(kernel).fire)
    begin = time.perf_counter()
    kernel.run_to(20 * EVENTS_EACH + TIMERS)
    return TIMERS * EVENTS_EACH / (time.perf_counter() - begin)


def _timer(environment: simpy.Environment) -> Generator[Any, None, None]:
    for _ in range(EVENTS_EACH):
        yield environment.timeout(10)


def simpys() -> float:
    environment = simpy.Environment()
    for _ in range(TIMERS):
        environment.process(_timer(environment))
    begin = time.perf_counter()
    environment.run()
    return TIMERS * EVENTS_EACH / (time.perf_counter() - begin)


def rows() -> list[Row]:
    figures = interleaved({"ours": ours, "simpy": simpys}, ROUNDS)
    ratio = figures["ours"] / figures["simpy"]
    return [
        Row("kernel, events/s", f"{figures['ours']:,.0f}", f"{ratio:.2f} x simpy", "2 x simpy"),
        Row("simpy, events/s", f"{figures['simpy']:,.0f}"),
    ]
