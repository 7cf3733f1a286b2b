# SPDX-License-Identifier: Apache-2.0
"""Single faults, drawn by a seed from all there are, each put into a copy of the tree whose tests must then fail.

The tree is that of a commit, so that the figures belong to it. Each mutant's verdict is appended to a file of the
cache folder as it comes: a run that was stopped goes on where it stood. `python -m firmware_sim.mutate --help`.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from firmware_sim import mutation_page
from firmware_sim.cache import cache_folder, content_key
from firmware_sim.mutation_verdict import ASSERTION, REFUSED, SAME, SURVIVED, TEST, TIMEOUT, Verdict
from firmware_sim.mutations import Mutation, draw
from firmware_sim.sources import read_files
from firmware_sim.toolchain import BuildError, Command, run_tool, toolchain

BENCHES = ("tests/firmware_sim/test_body.py", "tests/firmware_sim/test_lockstep.py")
_HOME = Path(__file__).parents[1]
_PROVE = "firmware_sim/formal/prove.py"
_SHARED = ("hil", "interfaces", "tests", "fixtures", "pyproject.toml")
_LIMIT_S = 300
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
_ASSERTED = re.compile(r"Assertion failed in (\S+)")
_RUNNING = re.compile(r'File ".*?/(tests/\S+\.py)", line \d+ in (test_\w+)')


class Trees:
    """A commit's tree, and copies of it that share all but `firmware_sim`."""

    def __init__(self, commit: str, folder: Path) -> None:
        self.commit = _git("rev-parse", "--short", commit).strip()
        self._base = folder / "base"
        self._base.mkdir()
        archive = folder / "tree.tar"
        _git("archive", "-o", str(archive), self.commit)
        shutil.unpack_archive(archive, self._base, filter="data")
        self.rtl = self._base / "firmware_sim" / "rtl"
        self.sources = read_files(self.rtl / "files.f")
        self._plain = self._model(self._base)

    @contextlib.contextmanager
    def mutant(self, mutation: Mutation) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(dir=self._base.parent) as name:
            tree = Path(name)
            shutil.copytree(self._base / "firmware_sim", tree / "firmware_sim")
            for shared in _SHARED:
                (tree / shared).symlink_to(self._base / shared)
            build = tree / "firmware_sim" / "build.py"  # run for seconds, and built for each
            build.write_text(build.read_text().replace('_OPTIMISE = "-O3"', '_OPTIMISE = "-O1"'))
            mutation.apply(tree / "firmware_sim" / "rtl")
            yield tree

    def is_same(self, tree: Path) -> bool:
        """Verilator makes the same model of it: no test can tell."""
        return self._model(tree) == self._plain

    def _model(self, tree: Path) -> str:
        tools, rtl = toolchain(), tree / "firmware_sim" / "rtl"
        options = ["--cc", "--quiet", "--no-timing", "-Wno-fatal", "--Mdir", "model", "--top-module", "interceptor_top"]
        command: Command = [tools.verilator, *options, "counters.vlt", *(path.name for path in self.sources)]
        run_tool("Verilator refused", command, rtl, tools.variables())
        made = sorted((*(rtl / "model").glob("*.cpp"), *(rtl / "model").glob("*.h")))
        key = content_key(part for path in made for part in (path.name, path.read_bytes()))
        shutil.rmtree(rtl / "model")
        return key


def judge(trees: Trees, mutation: Mutation) -> Verdict:
    """The benches' word on one mutant."""
    begin = time.monotonic()
    with trees.mutant(mutation) as tree:
        how, by = _judged(trees, tree)
    return Verdict(mutation, how, by, trees.commit, round(time.monotonic() - begin, 1))


def _judged(trees: Trees, tree: Path) -> tuple[str, str]:
    try:
        if trees.is_same(tree):
            return SAME, ""
    except BuildError as error:
        return REFUSED, str(error).splitlines()[-1]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-s", "-p", "no:cacheprovider", "--tb=line", *BENCHES]
    code, output = _run(command, tree)
    if code is None:
        return TIMEOUT, ", ".join(BENCHES)
    if asserted := _ASSERTED.search(output):
        return ASSERTION, asserted[1].rstrip(":").removeprefix("TOP.")
    if "BuildError" in output:
        return REFUSED, ""
    if code == 0:
        return SURVIVED, ""
    found = _FAILED.search(output)
    running = _RUNNING.search(output)
    return TEST, found[1] if found else "::".join(running.groups()) if running else f"exit code {code}"


def prove(trees: Trees, mutation: Mutation) -> str:
    """What the proofs say of one mutant; empty where the tree has none."""
    with trees.mutant(mutation) as tree:
        if not (tree / _PROVE).exists():
            return ""
        code, _ = _run([sys.executable, "-m", "firmware_sim.formal.prove"], tree)
    return "held" if code == 0 else "failed"


def _run(command: Sequence[str], tree: Path) -> tuple[int | None, str]:
    """Exit code, None past the limit, and what was printed. Nothing that was started is left behind."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "HIL_BUILD_DIR": str(tree / "build")}
    process = subprocess.Popen(
        command,
        cwd=tree,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=_LIMIT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return None, process.communicate()[0]
    return process.returncode, output


def _git(*words: str) -> str:
    return run_tool("git", ["git", *words], _HOME)


class Results:
    """Verdicts by the mutation's name, kept in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_bytes().splitlines() if path.exists() else []
        read = (msgspec.json.decode(line, type=Verdict) for line in lines)
        self.of = {one.mutation.name: one for one in read}

    def add(self, verdict: Verdict) -> None:
        self.of[verdict.mutation.name] = verdict
        with self.path.open("ab") as file:
            file.write(msgspec.json.encode(verdict) + b"\n")


def run(trees: Trees, results: Results, order: Sequence[Mutation], count: int, workers: int) -> list[Verdict]:
    """The first `count` in that order that change the model and build."""
    pending = iter(one for one in order if one.name not in results.of)
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        while (missing := count - len(counted(results, order)[:count])) > 0:
            batch = [one for _, one in zip(range(min(missing, workers)), pending, strict=False)]
            if not batch:
                break
            for verdict in pool.map(lambda one: judge(trees, one), batch):
                results.add(verdict)
                print(f"{verdict.how:10} {verdict.mutation.name} {verdict.by}", flush=True)
    return counted(results, order)[:count]


def counted(results: Results, order: Iterable[Mutation]) -> list[Verdict]:
    """The verdicts so far that count, in the drawn order, up to the first that is missing."""
    found: list[Verdict] = []
    for one in order:
        if one.name not in results.of:
            break
        verdict = results.of[one.name]
        if verdict.how not in (SAME, REFUSED):
            found.append(verdict)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m firmware_sim.mutate", description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="mutants that change the model (100)")
    parser.add_argument("--seed", type=int, default=1, help="draws them (1)")
    parser.add_argument("--commit", default="HEAD", help="whose tree is judged (HEAD)")
    parser.add_argument("--workers", type=int, default=1, help="mutants at a time (1)")
    parser.add_argument("--again", action="store_true", help="judge survivors once more, by the commit's tests")
    parser.add_argument("--proofs", action="store_true", help="ask the commit's proofs too, where not yet asked")
    parser.add_argument("--write", action="store_true", help="write docs/mutation.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hil-mutants-") as name:
        trees = Trees(options.commit, Path(name))
        order = draw(trees.sources, options.seed)
        key = content_key((str(options.seed), *(path.read_bytes() for path in trees.sources)))
        results = Results(cache_folder() / "mutation" / f"{key}.jsonl")
        verdicts = run(trees, results, order, options.count, options.workers)
        verdicts = _revisit(trees, results, verdicts, options.again, options.proofs)
    if options.write:
        mutation_page.write(options.seed, len(order), verdicts, list(results.of.values()))
    survivors = [one for one in verdicts if one.how == SURVIVED and one.proofs != "failed"]
    print(f"{len(verdicts)} mutants, {len(survivors)} survivors; {results.path}")
    return 0


def _revisit(trees: Trees, results: Results, verdicts: list[Verdict], again: bool, proofs: bool) -> list[Verdict]:
    for verdict in verdicts:
        one = verdict
        if again and one.how == SURVIVED:
            one = msgspec.structs.replace(judge(trees, one.mutation), proofs=one.proofs)
        if proofs and not one.proofs:
            one = msgspec.structs.replace(one, proofs=prove(trees, one.mutation))
        if one != verdict:
            results.add(one)
    return [results.of[one.mutation.name] for one in verdicts]


if __name__ == "__main__":
    sys.exit(main())
