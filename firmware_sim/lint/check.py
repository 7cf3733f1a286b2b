# SPDX-License-Identifier: Apache-2.0
"""What two readers of SystemVerilog have to say of the RTL: nothing, but for what is waived with its why.

`python -m firmware_sim.lint.check` prints what is left. Verilator's waivers are `waivers.vlt`, slang's the table here;
one that no longer waives anything is told of too.
"""

from __future__ import annotations

import importlib.util
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from firmware_sim.sources import WAIVERS, read_files
from firmware_sim.toolchain import AbsentError, Command, run_tool, toolchain

TOP = "interceptor_top"
_GENERATED = "generated for every user of the ICD; not each module reads each of it"
_CODES = "a code that is no member is caught on purpose"
# By file and slang's name of the warning: why it is meant so.
SLANG: dict[tuple[str, str], str] = {
    ("icd_pkg.sv", "unused-package-parameter"): _GENERATED,
    ("icd_pkg.sv", "unused-package-typedef"): _GENERATED,
    ("icd_pkg.sv", "case-redundant-default"): _CODES,
    ("icd_pkg.sv", "case-enum-explicit"): "the default is for every state without a limit",
    ("command_decoder.sv", "case-redundant-default"): _CODES,
    ("command_decoder.sv", "case-enum-explicit"): "the default is for every command without a code",
    ("frame_tx.sv", "case-redundant-default"): _CODES,
    ("sequencer.sv", "case-redundant-default"): _CODES,
    ("sequencer.sv", "case-enum-explicit"): "the default is for every command that the lines do not concern",
    ("status_slot.sv", "case-redundant-default"): _CODES,
    ("status_slot.sv", "unused-net"): "the bench's model waits by it (counters.vlt)",
    ("uart_rx.sv", "case-redundant-default"): _CODES,
    ("uart_rx.sv", "arith-op-mismatch"): "constants of elaboration, never negative",
    ("uart_tx.sv", "arith-op-mismatch"): "constants of elaboration, never negative",
    ("frame_rx.sv", "arith-op-mismatch"): "an index below KeepBytes, never negative",
    ("frame_tx.sv", "arith-op-mismatch"): "an index below MessageBytes, never negative",
    ("frame_rx.sv", "sign-conversion"): "an index below KeepBytes, never negative",
    ("frame_tx.sv", "sign-conversion"): "an index below MessageBytes, never negative",
    ("interlock.sv", "sign-compare"): "$countones is an int that is never negative",
    ("timebase.sv", "sign-conversion"): "slices of signed numbers, whose upper bits are known to be the sign",
    ("timebase.sv", "useless-cast"): "says the width where a constant's type could change",
}
_SLANG_LINE = re.compile(r"(?P<file>[^\s/]+\.svh?):\d+:\d+: (?:warning|error): .*?(?:\[-W(?P<code>[\w-]+)\])?$")
# slang's driver prints what it finds, and the exit code is ours to decide.
_SLANG = """
import sys
from pyslang.driver import Driver
driver = Driver()
driver.addStandardArgs()
assert driver.parseCommandLine(sys.argv[1]) and driver.processOptions()
driver.parseAllSources()
compilation = driver.createCompilation()
driver.reportCompilation(compilation, True)
driver.runAnalysis(compilation)
"""
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def check(sources: Sequence[Path] | None = None, waivers: Path = WAIVERS) -> list[str]:
    """What is left to say of the sources (those of `files.f`) and of the waivers."""
    files = read_files() if sources is None else tuple(sources)
    said, waived = slang(files)
    stale = [f"slang: {file}: nothing to waive: {code}" for file, code in SLANG if (file, code) not in waived]
    return [*verilator(files, waivers), *stale_waivers(files, waivers), *said, *stale]


def verilator(sources: Sequence[Path], waivers: Path) -> list[str]:
    """Verilator's warnings that are not waived; raises `BuildError` where it does not understand at all."""
    tools = toolchain()
    options = ["--lint-only", "--quiet", "-Wall", "-Wno-fatal", "--no-timing", "--assert", "--top-module", TOP]
    command: Command = [tools.verilator, *options, waivers.absolute(), *(path.absolute() for path in sources)]
    said = run_tool("Verilator refused the RTL", command, Path.cwd(), tools.variables())
    return [line for line in said.splitlines() if line.startswith("%")]


def stale_waivers(sources: Sequence[Path], waivers: Path) -> Iterator[str]:
    """Waivers that may go, and those that do not say why they are there."""
    lines = waivers.read_text().splitlines()
    with_all = set(verilator(sources, waivers))
    explained = False
    for number, line in enumerate(lines):
        explained = line.startswith("//") or (explained and bool(line.strip()))
        if not line.startswith("lint_off"):
            continue
        if not explained:
            yield f"{waivers.name}:{number + 1}: no comment says why: {line}"
        if set(verilator_without(sources, lines, number)) <= with_all:
            yield f"{waivers.name}:{number + 1}: nothing to waive: {line}"


def verilator_without(sources: Sequence[Path], lines: Sequence[str], number: int) -> list[str]:
    """The warnings with one line of the waivers left out."""
    with tempfile.TemporaryDirectory() as name:
        fewer = Path(name) / "waivers.vlt"
        fewer.write_text("\n".join((*lines[:number], *lines[number + 1 :])) + "\n")
        return verilator(sources, fewer)


def slang(sources: Iterable[Path]) -> tuple[list[str], set[tuple[str, str]]]:
    """slang's warnings and errors that are not waived, and the waivers that were of use."""
    left: list[str] = []
    used: set[tuple[str, str]] = set()
    for line in _slang_lines(sources):
        if not (found := _SLANG_LINE.search(line)):
            continue
        waiver = (found["file"], found["code"] or "")
        if waiver in SLANG:
            used.add(waiver)
        else:
            left.append(f"slang: {line[found.start() :]}")
    return left, used


def _slang_lines(sources: Iterable[Path]) -> list[str]:
    if importlib.util.find_spec("pyslang") is None:
        raise AbsentError("the second reader of the RTL needs pyslang (pip install 'hil-bench[lint]')")
    words = [f"slang -Weverything --error-limit 0 --top {TOP}", *(f'"{path.absolute()}"' for path in sources)]
    said = run_tool("slang does not run", [sys.executable, "-c", _SLANG, " ".join(words)], Path.cwd())
    return _COLOURS.sub("", said).splitlines()


def main() -> int:
    left = check()
    for line in left:
        print(line)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
