# SPDX-License-Identifier: Apache-2.0
"""Modbus/TCP round trips a second: one C client, one request outstanding, against four servers in turn.

Ours is `hil serve --icd` with its trace written. Client and server share one CPU, then have one each.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.benchmarks.measure import AbsentError, Row, compile_c, demand
from tests.processes import serve

ICD = Path(__file__).with_name("hundred.yaml")
FUNCTIONS = {3: "FC03", 16: "FC16"}
ROUNDS, ROUND_S = 5, 0.5
LIBMODBUS = Path("/usr/include/modbus/modbus.h")


@contextlib.contextmanager
def started(command: list[str]) -> Iterator[tuple[int, int]]:
    """A server that prints its port: its process id and that port."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.pid, int(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


@contextlib.contextmanager
def servers() -> Iterator[dict[str, tuple[int, int]]]:
    """Every server that can be had here, by name: process id and port."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        ours = stack.enter_context(serve(["--icd", ICD, "--tcp", "127.0.0.1:0", "--out", folder]))
        running = {
            "ours": (ours.process.pid, ours.tcp_port("tcp")),
            "pymodbus": stack.enter_context(
                started([sys.executable, str(Path(__file__).with_name("pymodbus_server.py")), "tcp"])
            ),
            "C echo": stack.enter_context(started([str(compile_c("echo_server"))])),
        }
        if LIBMODBUS.exists():
            program = compile_c("libmodbus_server", f"-I{LIBMODBUS.parent}", "-lmodbus")
            running["libmodbus"] = stack.enter_context(started([str(program)]))
        yield running


def round_trips(client: Path, port: int, function: int, cpus: set[int]) -> float:
    """Round trips a second, the client on `cpus`."""
    command = [str(client), str(port), str(function), str(ROUND_S)]
    answer = subprocess.run(
        ["taskset", "-c", ",".join(map(str, sorted(cpus))), *command], capture_output=True, text=True, check=True
    )
    return float(answer.stdout)


def measure(client: Path, running: Mapping[str, tuple[int, int]], function: int, server_cpu: int) -> dict[str, float]:
    """Medians over rounds taken in turn; the client stays on CPU 0."""
    figures: dict[str, list[float]] = {name: [] for name in running}
    for pid, _ in running.values():
        os.sched_setaffinity(pid, {server_cpu})
    for _ in range(ROUNDS):
        for name, (_, port) in running.items():
            figures[name].append(round_trips(client, port, function, {0}))
    return {name: statistics.median(values) for name, values in figures.items()}


def rows() -> list[Row]:
    demand("taskset", "util-linux")
    client, table = compile_c("client"), []
    allowed = os.sched_getaffinity(0)
    if 0 not in allowed:
        raise AbsentError("CPU 0 may not be used here")
    with servers() as running:
        if "libmodbus" not in running:
            table.append(Row("Modbus/TCP, libmodbus", "skipped", "not installed (Debian package libmodbus-dev)"))
        for cpus in (1, 2):
            if cpus - 1 not in allowed:
                table.append(Row(f"Modbus/TCP, {cpus} CPU", "skipped", "there is only one CPU"))
                continue
            for function, name in FUNCTIONS.items():
                figures = measure(client, running, function, cpus - 1)
                for server, figure in figures.items():
                    ratio = "" if server == "ours" else f"ours is {figures['ours'] / figure:.2f} x"
                    aim = {"libmodbus": "0.9 x", "pymodbus": "4 x"}.get(server, "")
                    what = f"Modbus/TCP {name} of 10, {cpus} CPU, {server}, round trips/s"
                    table.append(Row(what, f"{figure:,.0f}", ratio, aim))
    return table
