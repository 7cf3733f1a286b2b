# SPDX-License-Identifier: Apache-2.0
"""What every benchmark shares: rounds taken in turn, medians, and rows for the table."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).parent / "c"


class AbsentError(Exception):
    """What a benchmark needs is not on this machine; the message says what installs it."""


@dataclass(frozen=True)
class Row:
    """One figure. `ratio` compares it to another one, measured in the same run."""

    what: str
    figure: str
    ratio: str = ""
    aim: str = ""


def interleaved(runs: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """The median of each, taken in turn, so that a busy moment of the host meets all of them."""
    figures: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            figures[name].append(run())
    return {name: statistics.median(values) for name, values in figures.items()}


def compile_c(name: str, *flags: str) -> Path:
    """Build one of the C programs into a folder of its own; raises `CalledProcessError` with the compiler's words."""
    demand("gcc", "gcc")
    target = Path(tempfile.mkdtemp(prefix="hil-bench-")) / name
    command = ["gcc", "-O2", "-Wall", "-Wextra", "-o", str(target), str(SOURCES / f"{name}.c"), *flags]
    subprocess.run(command, check=True)
    return target


def demand(program: str, package: str) -> None:
    """Raise `AbsentError` unless a program is installed."""
    if shutil.which(program) is None:
        raise AbsentError(f"{program} is not installed (Debian package {package})")
