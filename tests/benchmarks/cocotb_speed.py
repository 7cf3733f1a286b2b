# SPDX-License-Identifier: Apache-2.0
"""Runs inside the simulator: how many clocks a second, with nothing but the clock, and with UART ends at work."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import cocotb
from cocotb.handle import Immediate
from cocotb.triggers import Timer

from firmware_sim.bench.characters import UartConfig
from firmware_sim.bench.clock import LogicClock
from firmware_sim.bench.uart import UartMonitor, UartSource
from firmware_sim.pins import Pins
from interfaces.framing.cobs import CobsFramer
from interfaces.spec.load import shipped

CLOCKS = 100_000


async def clocks_a_second(clock: LogicClock) -> float:
    begin = time.perf_counter()
    await Timer(CLOCKS * clock.period_ps, "step")
    return CLOCKS / (time.perf_counter() - begin)


@cocotb.test()
async def speed(dut: Any) -> None:
    icd = shipped("interceptor")
    pins, config = Pins(icd), UartConfig.of(icd.serial["umbilical"])
    for pin, level in ((dut.enable_i, 1), (dut.rst_ni, 1), (dut.uart_rx_i, 1), (dut.wires_i, pins.idle_wires)):
        pin[0].set(Immediate(level))
    clock = LogicClock(dut.clk_i)
    await clock.start()
    floor = await clocks_a_second(clock)
    source, monitor = UartSource(dut.uart_rx_i[0], config), UartMonitor(dut.uart_tx_o[0], config)
    source.start()
    monitor.start()
    source.put(CobsFramer("crc16_ibm_3740", 32).encode(b"\x04\x01") * (CLOCKS // 700))
    busy = await clocks_a_second(clock)
    Path(os.environ["HIL_SPEED"]).write_text(f"floor {floor}\nbusy {busy}\n")
