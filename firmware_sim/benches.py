# SPDX-License-Identifier: Apache-2.0
"""The RTL's benches: which design each runs on, for tests and for coverage."""

from __future__ import annotations

from pathlib import Path

from firmware_sim.simulate import Run, run_cocotb
from firmware_sim.simulators import Design
from firmware_sim.sources import WAIVERS, read_files
from interfaces.wire import Record

_PACKAGE = "firmware_sim.bench"


class RtlBench(Record, frozen=True):
    """A cocotb module on a module of the RTL. `both` runs on Icarus too.

    `placed` benches put registers where no history leads: the assertions, which look at it, are left out.
    """

    module: str
    top: str
    parameters: dict[str, int | str] = {}
    both: bool = False
    placed: bool = False

    @property
    def name(self) -> str:
        return "-".join([self.module, *(f"{name}_{value}" for name, value in self.parameters.items())])

    @property
    def design(self) -> Design:
        return Design(self.top, (WAIVERS, *read_files()), dict(self.parameters), {"NO_SVA": "1"} if self.placed else {})

    def run(
        self,
        folder: Path,
        design: Design | None = None,
        simulator: str = "verilator",
        seed: int = 1,
        coverage: Path | None = None,
        variables: dict[str, str] | None = None,
    ) -> Run:
        told = {f"HIL_{name}": str(value) for name, value in self.parameters.items()}
        return run_cocotb(
            design or self.design,
            f"{_PACKAGE}.{self.module}",
            folder,
            simulator=simulator,
            seed=seed,
            coverage=coverage,
            variables=told | (variables or {}),
        )


BENCHES = (
    RtlBench("bench_debounce", "debounce", {"DebounceClocks": 4}, both=True),
    RtlBench("bench_debounce", "debounce", {"DebounceClocks": 200}),
    RtlBench("bench_interlock", "interlock"),
    RtlBench("bench_uart_rx", "uart_rx", both=True),
    RtlBench("bench_uart_rx", "uart_rx", {"BitRateBps": 115_200}),
    RtlBench("bench_uart_rx", "uart_rx", {"BitRateBps": 921_600}),
    RtlBench("bench_uart_tx", "uart_tx", both=True),
    RtlBench("bench_uart_tx", "uart_tx", {"BitRateBps": 115_200}),
    RtlBench("bench_uart_tx", "uart_tx", {"BitRateBps": 921_600}),
    RtlBench("bench_frame_rx", "frame_rx", both=True),
    RtlBench("bench_frame_tx", "frame_tx", both=True),
    RtlBench("bench_command_decoder", "command_decoder", {"KeepBytes": 7}, both=True),
    RtlBench("bench_sequencer", "sequencer", both=True, placed=True),
    RtlBench("bench_watchdog", "watchdog", both=True),
    RtlBench("bench_remainder", "remainder", {"Modulus": 1000}, both=True),
    RtlBench("bench_remainder", "remainder", {"Modulus": 1_000_000}),
)
