# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.benchmarks [--write]`: every benchmark in one run, as a table; `--write` puts it into docs/."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from tests.benchmarks import engagement, kernel, lateness, modbus_tcp, rtu
from tests.benchmarks.measure import Row

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "docs" / "benchmarks.md"
BENCHMARKS = (kernel, engagement, lateness, modbus_tcp, rtu)
NEEDED = ("gcc", "taskset")


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| what | figure | beside | aim |", "| --- | ---: | --- | --- |"]
    return "\n".join([*lines, *(f"| {row.what} | {row.figure} | {row.ratio} | {row.aim} |" for row in rows)])


def page(text: str) -> str:
    """The document: figures with what they were made of and with."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    host = f"{platform.system()} on {os.cpu_count()} CPUs, Python {platform.python_version()}"
    return (
        "# Benchmarks\n\n"
        "Made by `make full` (`python -m tests.benchmarks --write`); do not edit. The host is shared and noisy:\n"
        "judge by the ratios, which are of figures taken in turn within one run.\n\n"
        f"Commit {commit.stdout.strip()}; {host}.\n\n{text}\n"
    )


def main() -> int:
    """Run them all; what needs an absent tool says so and the rest goes on."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {TARGET.relative_to(ROOT)}")
    options = parser.parse_args()
    missing = [tool for tool in NEEDED if shutil.which(tool) is None]
    if missing:
        print(f"{', '.join(missing)} not installed (Debian packages gcc, util-linux)", file=sys.stderr)
        return 2
    rows: list[Row] = []
    for benchmark in BENCHMARKS:
        print(f"{benchmark.__name__.rpartition('.')[2]}...", file=sys.stderr)
        rows += benchmark.rows()
    print(table(rows))
    if options.write:
        TARGET.write_text(page(table(rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
