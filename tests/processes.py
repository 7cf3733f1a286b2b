# SPDX-License-Identifier: Apache-2.0
"""Programs that tests start: `hil` as a user starts it, ended by id whatever happens."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

START_LIMIT_S = 20.0
END_LIMIT_S = 10.0


class Served:
    """A running `hil serve`: its ports by line name, as its ready line gave them."""

    def __init__(self, process: subprocess.Popen[str], ready: str) -> None:
        self.process = process
        self.ports = dict(word.split("=", 1) for word in ready.split()[1:])

    def tcp_port(self, line: str) -> int:
        return int(self.ports[line].rpartition(":")[2])

    def stop(self, number: int = signal.SIGTERM) -> tuple[str, str]:
        """End it as a user would; returns what it still printed."""
        self.process.send_signal(number)
        return self.process.communicate(timeout=END_LIMIT_S)


@contextlib.contextmanager
def serve(arguments: Sequence[str | Path], folder: Path | None = None) -> Iterator[Served]:
    """`hil serve` with these arguments, from its ready line to its end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "hil", "serve", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
    )
    try:
        yield Served(process, _ready_line(process))
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.communicate(timeout=END_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def _ready_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    deadline = time.monotonic() + START_LIMIT_S
    readable, _, _ = select.select([process.stdout], [], [], deadline - time.monotonic())
    line = process.stdout.readline() if readable else ""
    if not line.startswith("ready "):
        process.kill()
        _, errors = process.communicate()
        raise AssertionError(f"hil serve did not become ready: {line!r}\n{errors}")
    return line


def need(condition: bool, what: str, package: str) -> None:
    """Skip where an outside tool is absent; under CI it must be there."""
    if condition:
        return
    message = f"{what} is not installed (Debian package {package})"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
