# SPDX-License-Identifier: Apache-2.0
"""The simulators that cocotb benches run under, each as what it needs, how it builds and which words its runs take.

Both go through cocotb's own runners. A build folder keeps what a run starts and nothing else.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from firmware_sim.sources import compiled, include_folders
from firmware_sim.toolchain import CXX_STANDARD, AbsentError, BuildError, run_tool, toolchain
from interfaces.wire import Record

if TYPE_CHECKING:
    from cocotb_tools.runner import Runner

# Bit times are no whole nanoseconds; what a source says of its own time scale stays.
TIMESCALE = ("1ns", "1ps")
ASSERTED = ("--assert", "--no-timing")
# Set by a shell or by pytest, these would change what cocotb does with a run of ours.
_NOT_OURS = re.compile(r"COCOTB_.*|P?Y?GPI_.*|PYTEST_.*|WAVES|GUI|COVERAGE|RANDOM_SEED")


class Design(Record, frozen=True):
    """What is built. `sources` may hold Verilator's waivers (`.vlt`) and headers (`.svh`); `flags` are Verilator's."""

    top: str
    sources: tuple[Path, ...]
    parameters: dict[str, int | str] = {}
    defines: dict[str, str] = {}
    flags: tuple[str, ...] = ASSERTED


class Wanted(Record, frozen=True):
    """What a run writes besides its results: waveforms (FST), counts of lines and toggles."""

    waves: Path | None = None
    coverage: Path | None = None


class Simulator(Protocol):
    """`build` raises `BuildError`; `identity` raises `AbsentError`, and is what decides what sources become."""

    name: str

    def identity(self) -> str: ...

    def build(self, design: Design, wanted: Wanted, folder: Path) -> None: ...

    def test_args(self, wanted: Wanted) -> list[str]: ...

    def plusargs(self, wanted: Wanted) -> list[str]: ...


class Verilator:
    """Compiled; two-valued; runs the assertions."""

    name = "verilator"

    def identity(self) -> str:
        return f"{toolchain().identity}\n{_cocotb()}"

    def build(self, design: Design, wanted: Wanted, folder: Path) -> None:
        traced = ("--trace-fst",) if wanted.waves else ()
        covered = ("--coverage-line", "--coverage-toggle") if wanted.coverage else ()
        arguments = ["--quiet", "-CFLAGS", CXX_STANDARD, *design.flags, *traced, *covered]
        with environment(toolchain().variables()):
            _build(runner(self.name), design, wanted, arguments, folder)
        _keep(folder, design.top)

    def test_args(self, wanted: Wanted) -> list[str]:
        return ["--trace-file", str(wanted.waves.absolute())] if wanted.waves else []

    def plusargs(self, wanted: Wanted) -> list[str]:
        return [f"+verilator+coverage+file+{wanted.coverage.absolute()}"] if wanted.coverage else []


class Icarus:
    """Interpreted; four-valued; takes plain Verilog, as `flatten_for_icarus` writes it. Knows no coverage."""

    name = "icarus"

    def identity(self) -> str:
        if shutil.which("iverilog") is None:
            raise AbsentError("the second simulator is Icarus Verilog (apt-get install iverilog)")
        return f"{run_tool('iverilog -V', ['iverilog', '-V'], Path.cwd()).splitlines()[0]}\n{_cocotb()}"

    def build(self, design: Design, wanted: Wanted, folder: Path) -> None:
        with environment({}):
            _build(runner(self.name), design, wanted, [], folder)
        _keep(folder, "sim.vvp")

    def test_args(self, wanted: Wanted) -> list[str]:
        return []

    def plusargs(self, wanted: Wanted) -> list[str]:
        return [f"+dumpfile_path={wanted.waves.absolute()}"] if wanted.waves else []


SIMULATORS: dict[str, Simulator] = {one.name: one for one in (Verilator(), Icarus())}


def runner(name: str) -> Runner:
    """cocotb's runner of a simulator; imported when asked for, since cocotb is an extra."""
    from cocotb_tools.runner import get_runner

    return get_runner(name)


@contextlib.contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """The process's environment with these variables and without cocotb's: its runners read `os.environ`."""
    before = dict(os.environ)
    for name in filter(_NOT_OURS.fullmatch, before):
        del os.environ[name]
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _build(runs: Runner, design: Design, wanted: Wanted, arguments: list[str], folder: Path) -> None:
    log = folder / "build.log"
    try:
        runs.build(
            sources=[path.absolute() for path in compiled(design.sources)],
            includes=include_folders(design.sources),
            hdl_toplevel=design.top,
            parameters=design.parameters,
            defines=design.defines,
            build_args=arguments,
            build_dir=folder,
            timescale=TIMESCALE,
            waves=wanted.waves is not None,
            log_file=log,
            always=True,
        )
    except RuntimeError as error:
        raise BuildError(f"{design.top} does not build", log.read_text(errors="replace")) from error


def _keep(folder: Path, name: str) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != name:
            path.unlink()


def _cocotb() -> str:
    """cocotb's version and where its libraries lie, which are linked by path."""
    spec = importlib.util.find_spec("cocotb_tools")
    if spec is None:
        raise AbsentError("RTL benches need cocotb (pip install 'hil-bench[rtl]')")
    from find_libpython import find_libpython

    if find_libpython() is None:
        mend = "apt-get install libpython3-dev, or a Python built with --enable-shared"
        raise AbsentError(f"cocotb needs Python as a shared library ({mend})")
    return f"cocotb {importlib.metadata.version('cocotb')} {spec.origin}"
