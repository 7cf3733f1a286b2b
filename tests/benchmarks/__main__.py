# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.benchmarks [--write]`: every benchmark in one run, as a table; `--write` puts it into docs/."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from pathlib import Path

from tests.benchmarks import engagement, kernel, lateness, modbus_tcp, rtl, rtu
from tests.benchmarks.measure import AbsentError, Row

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "docs" / "benchmarks.md"
BENCHMARKS = (kernel, engagement, rtl, lateness, modbus_tcp, rtu)
MEASURED = ("hil", "interfaces", "firmware_sim", "fixtures", "tests")


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| what | figure | beside | aim |", "| --- | ---: | --- | --- |"]
    return "\n".join([*lines, *(f"| {row.what} | {row.figure} | {row.ratio} | {row.aim} |" for row in rows)])


def page(text: str) -> str:
    """The document: figures with what they were made of and with."""
    commit = _git("rev-parse", "--short", "HEAD")
    changed = " with uncommitted changes" if _git("status", "--porcelain", "--", *MEASURED) else ""
    host = f"{platform.system()} on {os.cpu_count()} CPUs, Python {platform.python_version()}"
    return (
        "# Benchmarks\n\n"
        "Made by `make full` (`python -m tests.benchmarks --write`); do not edit. The host is shared and noisy:\n"
        "judge by the ratios, which are of figures taken in turn within one run.\n\n"
        f"Commit {commit}{changed}; {host}.\n\n{text}\n"
    )


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def main() -> int:
    """Run them all; what needs an absent tool says so and the rest goes on."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {TARGET.relative_to(ROOT)}")
    options = parser.parse_args()
    rows: list[Row] = []
    for benchmark in BENCHMARKS:
        name = benchmark.__name__.rpartition(".")[2]
        print(f"{name}...", file=sys.stderr)
        try:
            rows += benchmark.rows()
        except AbsentError as error:
            rows.append(Row(name, "skipped", str(error)))
    print(table(rows))
    if options.write:
        TARGET.write_text(page(table(rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
