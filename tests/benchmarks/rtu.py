# SPDX-License-Identifier: Apache-2.0
"""RTU over a pty: how late replies are against the instant due, and a whole exchange beside pymodbus's server.

Ours keeps the line's time: request and reply take their characters, and t3.5 lies between them. The
bench's trace says of each reply when it was due and how late it was; the exchange as the client sees
it has both processes' wake-ups on top. pymodbus replies as soon as it can.
"""

from __future__ import annotations

import contextlib
import os
import select
import statistics
import subprocess
import sys
import tempfile
import time
import tty
from collections.abc import Iterator
from pathlib import Path

from hil.run import TRACE_NAME
from hil.trace.events import Late
from hil.trace.query import read
from interfaces.framing.rtu import RtuFramer, silences_ns
from interfaces.modbus.client import read_holding_registers
from interfaces.wire import NS_PER_S, NS_PER_US
from tests.benchmarks.lateness import ROUNDS, c_program, median_of
from tests.benchmarks.measure import Row, compile_c
from tests.processes import serve

ICD = Path(__file__).with_name("hundred.yaml")
BIT_RATE, CHAR_BITS, COUNT, WARM_UP = 115_200, 10, 200, 20
REQUEST = RtuFramer(BIT_RATE, CHAR_BITS).encode(read_holding_registers(0, 10), 1)
REPLY_BYTES = 25
LIMIT_S = 2.0


def exchange(fd: int) -> float:
    """Microseconds from writing the request to having the whole reply."""
    begin_ns = time.monotonic_ns()
    os.write(fd, REQUEST)
    got = 0
    while got < REPLY_BYTES:
        if not select.select([fd], [], [], LIMIT_S)[0]:
            raise TimeoutError("no reply")
        got += len(os.read(fd, REPLY_BYTES - got))
    return (time.monotonic_ns() - begin_ns) / NS_PER_US


def exchanges(fd: int) -> list[float]:
    return sorted([exchange(fd) for _ in range(WARM_UP + COUNT)][WARM_UP:])


@contextlib.contextmanager
def pymodbus_on_a_pty() -> Iterator[int]:
    """The far end of a pty that pymodbus's server has opened."""
    far, near = os.openpty()
    tty.setraw(far)
    tty.setraw(near)
    script = str(Path(__file__).with_name("pymodbus_server.py"))
    process = subprocess.Popen([sys.executable, script, "rtu", os.ttyname(near)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield far
    finally:
        process.kill()
        process.communicate()
        os.close(far)
        os.close(near)


def due_us() -> float:
    """When our reply is whole if nothing is late: both frames' characters and the silence between them."""
    characters_ns = (len(REQUEST) + REPLY_BYTES) * CHAR_BITS * NS_PER_S / BIT_RATE
    return (characters_ns + silences_ns(BIT_RATE, CHAR_BITS)[1]) / NS_PER_US


def late_us(trace: Path) -> list[float]:
    """How late each reply was given to the pty, as the bench recorded it."""
    late = [event for event in read(trace) if isinstance(event, Late) and event.place == "rtu.controller"]
    return sorted(event.late_ns / NS_PER_US for event in late[WARM_UP:])


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        with serve(["--icd", ICD, "--rtu", "pty", "--out", folder]) as running:
            fd = os.open(running.ports["rtu"], os.O_RDWR | os.O_NOCTTY)
            tty.setraw(fd)
            ours = exchanges(fd)
            os.close(fd)
        late = late_us(Path(folder) / TRACE_NAME)
    with pymodbus_on_a_pty() as far:
        theirs = exchanges(far)
    program = compile_c("lateness")
    c_p99 = median_of([c_program(program) for _ in range(ROUNDS)])[1]
    late_p99 = late[len(late) * 99 // 100]
    return [
        Row("RTU reply on a pty, later than due (p50)", f"{statistics.median(late):.0f} us", "", "50 us"),
        Row(
            "RTU reply on a pty, later than due (p99)",
            f"{late_p99:.0f} us",
            f"{late_p99 / c_p99:.1f} x C's sleep and spin, {c_p99:.2f} us",
            "2 x C",
        ),
        Row("RTU exchange on a pty, as the line has it", f"{due_us():.0f} us"),
        Row("RTU exchange on a pty, ours, seen by the client (p50)", f"{statistics.median(ours):.0f} us"),
        Row("RTU exchange on a pty, pymodbus, not paced (p50)", f"{statistics.median(theirs):.0f} us"),
    ]
