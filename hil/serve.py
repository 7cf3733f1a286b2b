# SPDX-License-Identifier: Apache-2.0
"""Emulated hardware on real ports until stopped: a bench for whatever controller is plugged in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from hil.bench import Bench
from hil.clocks.real import RealClock
from hil.compose import TWIN, compose
from hil.devices.generic import Generic, GenericOptions
from hil.plan import DevicePlan, LinePlan, Plan, read_bench, read_scenario
from hil.run import TRACE_NAME, body, head, make_folder, ports, signals
from hil.scenario.load import kind_of
from hil.scenario.model import CONTROLLER, LineDef
from hil.trace.recorder import Recorder
from interfaces.errors import BenchError
from interfaces.spec.load import icd_hash, load

DEVICE = "device"
TCP, RTU = "tcp", "rtu"


class Single(msgspec.Struct, frozen=True, kw_only=True):
    """One device that an ICD alone describes: where it is to be served."""

    icd: Path
    tcp: str | None = None
    rtu: str | None = None
    unit: int | None = None


def plan_of(path: Path, kinds: Mapping[str, str]) -> Plan:
    """The plan of a bench; of a scenario, whose world and timed events then run too."""
    return read_scenario(path, kinds=kinds) if kind_of(path) == "scenario" else read_bench(path, kinds=kinds)


def plan_of_single(single: Single) -> Plan:
    """The plan of one generic device on the ports asked for (loopback, a free port, when none is)."""
    icd = load(single.icd)
    if icd.modbus is None and icd.messages is None:
        raise BenchError(f"{single.icd}: has neither `modbus:` nor `messages:`; there is nothing to serve")
    if icd.modbus is None and (single.tcp is not None or single.unit is not None):
        raise BenchError(f"{single.icd}: has no `modbus:`, so --tcp and --unit say nothing; its messages go over --rtu")
    options = GenericOptions(unit=single.unit or 0)
    device = DevicePlan(DEVICE, Generic, icd, options)
    lines: list[LinePlan] = []
    if icd.modbus is None or single.rtu is not None:
        medium: Literal["serial", "rs485"] = "rs485" if icd.modbus is not None else "serial"
        lines.append(_serial_line(single, device, medium))
    if icd.modbus is not None and (single.tcp is not None or single.rtu is None):
        model = LineDef(medium="tcp", server=f"{DEVICE}.{TCP}", client=f"{CONTROLLER}.{TCP}", port=single.tcp)
        lines.append(LinePlan(TCP, model, None))
    return Plan("", icd.name, 1, [device], lines, {icd.name: icd_hash(single.icd)})


def _serial_line(single: Single, device: DevicePlan, medium: Literal["serial", "rs485"]) -> LinePlan:
    sections = device.icd.serial
    if not sections:
        raise BenchError(f"{single.icd}: has no `serial:` section, so there is no bit rate to serve; add one")
    name, port = (RTU, RTU) if medium == "rs485" else ("serial", "serial")
    taps = (f"{DEVICE}.{port}", f"{CONTROLLER}.{port}")
    return LinePlan(name, LineDef(medium=medium, taps=taps, port=single.rtu), next(iter(sections.values())))


def serve(
    plan: Plan,
    out: Path | None,
    links: Path | None,
    ready: Callable[[dict[str, str]], None],
    interceptor: str = TWIN,
) -> None:
    """Open every port, say so, and run until SIGINT or SIGTERM. Raises `BenchError` when a port can't be had."""
    for folder in (out, links):
        make_folder(folder)
    recorder = Recorder(out / TRACE_NAME if out is not None else None, keep=False)
    recorder.add(head(plan, "real", interceptor))
    bench = compose(plan, recorder, interceptor=body(interceptor), outside=True, links=links)
    with RealClock(recorder.add, recorder.flush) as clock, signals(clock.stop) as caught:
        try:
            bench.open(clock)
            ready(ports(bench))
            while not caught:
                clock.run(bench.kernel)
        finally:
            _close(bench)


def _close(bench: Bench) -> None:
    bench.close()
    bench.recorder.close("stopped", bench.kernel.now_ns)
