# SPDX-License-Identifier: Apache-2.0
"""Measures what this host can judge: ports and permissions, how late an event is served, a compiler.

Each finding says whether it is as it should be, and how to mend it where it is not.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess

import msgspec
from serial.tools import list_ports

from hil.clocks.lateness import Lateness
from hil.clocks.real import RealClock
from hil.kernel import Kernel
from interfaces.wire import NS_PER_MS, NS_PER_US

EVENTS_MS = (1, 2, 5, 50)
ROUNDS = 20
LATE_LIMIT_NS = NS_PER_MS
OUTSIDE_TOOLS = {"g++": "--version", "tshark": "--version", "mbpoll": "-V"}  # each is a Debian package of its name
TOOL_LIMIT_S = 10


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at. `mend` is empty where nothing is wrong."""

    what: str
    value: str
    mend: str = ""


def brief() -> list[Finding]:
    """Host, ports, permissions, lateness, tools; takes about two seconds."""
    return [
        Finding("host", f"{platform.system()} {platform.release()}, Python {platform.python_version()}, {_cpus()}"),
        *_serial_ports(),
        _ptys(),
        _lateness(),
        _scheduling(),
        *(_tool(name, version) for name, version in OUTSIDE_TOOLS.items()),
    ]


def _cpus() -> str:
    return f"{len(os.sched_getaffinity(0))} CPUs, load {os.getloadavg()[0]:.2f}"


def _serial_ports() -> list[Finding]:
    found = sorted(list_ports.comports(), key=lambda port: port.device)
    if not found:
        return [Finding("serial ports", "none", "plug an adapter in, or use a pty")]
    return [_serial_port(port.device, port.description) for port in found]


def _serial_port(device: str, description: str) -> Finding:
    usable = os.access(device, os.R_OK | os.W_OK)
    mend = "" if usable else f"add yourself to the group that owns {device} (usually dialout) and log in again"
    return Finding(f"port {device}", description if usable else f"{description}: no permission", mend)


def _ptys() -> Finding:
    try:
        master, slave = os.openpty()
    except OSError as error:
        return Finding("pty", f"cannot be opened ({error.strerror})", "mount /dev/pts")
    os.close(master)
    os.close(slave)
    return Finding("pty", "can be opened; forces 8N, so parity is stated, not set")


class _Beat:
    """Schedules one event after the other, in the distances of `EVENTS_MS`."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._left = [ms * NS_PER_MS for ms in EVENTS_MS] * ROUNDS

    def go_on(self, item: None) -> None:
        if self._left:
            self._kernel.at(self._kernel.now_ns + self._left.pop(), self.go_on)
        else:
            self._kernel.stop()


def measure_lateness() -> Lateness:
    """How late the real clock served events 1, 2, 5 and 50 ms apart."""
    kernel = Kernel()
    kernel.soon(_Beat(kernel).go_on)
    with RealClock() as clock:
        clock.run(kernel)
        return clock.lateness


def _lateness() -> Finding:
    late = measure_lateness()
    value = (
        f"{late.p50_ns / NS_PER_US:.1f} us (p50), {late.p99_ns / NS_PER_US:.1f} us (p99), "
        f"{late.max_ns / NS_PER_US:.1f} us at most, of {late.count} events"
    )
    mend = "" if late.max_ns <= LATE_LIMIT_NS else "stop other work on this host, or give the bench a CPU of its own"
    return Finding("lateness", value, mend)


def _scheduling() -> Finding:
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    except OSError:
        return Finding(
            "real-time scheduling", "not allowed", "allow it with `ulimit -r` or CAP_SYS_NICE to halve lateness"
        )
    return Finding("real-time scheduling", "allowed")


def _tool(name: str, version: str) -> Finding:
    if shutil.which(name) is None:
        return Finding(name, "absent", f"sudo apt-get install {name}")
    try:
        answer = subprocess.run([name, version], capture_output=True, text=True, timeout=TOOL_LIMIT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return Finding(name, "does not answer", f"sudo apt-get install --reinstall {name}")
    lines = (answer.stdout or answer.stderr).splitlines()
    return Finding(name, lines[0].strip() if lines else "present")
