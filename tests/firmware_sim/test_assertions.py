# SPDX-License-Identifier: Apache-2.0
"""The RTL's assertions are alive: of every kind in use, one that is violated makes the Verilated run fail."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from firmware_sim.cache import built, content_key
from firmware_sim.sources import RTL, read_files, source_parts
from firmware_sim.toolchain import CXX_STANDARD, Command, run_tool, toolchain
from tests.firmware_sim.tools import DESIGNS, need

BENCH = DESIGNS / "assertions_tb.sv"
# What is forced, and whether there is power, by the kind of assertion that it violates, and the assertion.
PLANTS = {
    "plain": ("rest", True, "a_below"),
    "disable iff": ("rest", True, "a_below"),
    "|->": ("line", True, "a_idle_high"),
    "|=>": ("line", False, "a_unpowered_silent"),
    "$stable": ("level", False, "a_quiet"),
    "$past": ("level", False, "a_counted"),
    "$rose": ("release", True, "a_release_in_order"),
}
_KIND = re.compile(
    r"\|->|\|=>|disable iff|\$\w+|#-#|#=#|##|\b(?:throughout|within|s_\w+|until\w*|always|eventually|nexttime)\b"
)

LIBRARY = """
import sys
from pathlib import Path
from firmware_sim.model import library
from firmware_sim.pins import Pins
from firmware_sim.sources import read_files
from interfaces.spec.load import shipped
sources = read_files(Path(sys.argv[1]))
library.read_files = lambda: sources
icd = shipped("interceptor")
library.Cell(icd, Pins(icd)).run(1000)
"""


def executable() -> Path:
    """The bench, Verilated with assertions; quickly built, and once for each content."""
    tools = toolchain()
    sources = (*read_files(), BENCH)

    def build(folder: Path) -> None:
        options = ["--binary", "--quiet", "--timing", "--assert", "-Wno-fatal", "-O1", "--top-module", BENCH.stem]
        make = ["-CFLAGS", f"-O0 {CXX_STANDARD}", "-MAKEFLAGS", "OPT_FAST=-O0 OPT_GLOBAL=-O0 CXX=g++ LINK=g++"]
        command: Command = [tools.verilator, *options, *make, "--Mdir", folder, "-o", "bench", *sources]
        run_tool("the bench does not build", command, folder, tools.variables())

    key = content_key((Path(__file__).read_bytes(), tools.identity, *source_parts(sources)))
    return built("assertions", key, build) / "bench"


def run(plant: str, power: bool, *more: str) -> subprocess.CompletedProcess[str]:
    words = [str(executable()), f"+plant={plant}", *(["+power"] if power else []), *more]
    return subprocess.run(words, capture_output=True, encoding="utf-8", timeout=60, check=False)


@pytest.fixture(autouse=True)
def tools() -> None:
    need(toolchain)


def test_every_kind_is_planted() -> None:
    """A kind of assertion that comes into use wants a plant here."""
    blocks = [
        block
        for path in read_files()
        for block in re.findall(r"`ifndef NO_SVA(.*?)`endif", path.read_text(), re.DOTALL)
    ]
    assertions = [one for block in blocks for one in re.findall(r"assert property \((.*?)\);", block, re.DOTALL)]
    assert len(assertions) == sum(block.count("assert") for block in blocks), "none that this test does not read"
    kinds = {kind for one in assertions for kind in _KIND.findall(one)}
    if any("|->" not in one and "|=>" not in one for one in assertions):
        kinds.add("plain")
    assert kinds == set(PLANTS)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("power", [False, True])
def test_without_a_plant_the_run_passes(power: bool) -> None:
    done = run("", power)
    assert done.returncode == 0, done.stdout
    assert "over" in done.stdout


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", PLANTS)
def test_planted_violation_fails_the_run(kind: str) -> None:
    """It ends there and then, with an exit code; left to run on, it tells of the assertion by name."""
    plant, power, name = PLANTS[kind]
    done = run(plant, power)
    assert done.returncode != 0
    assert "Assertion failed" in done.stdout + done.stderr
    assert "over" not in done.stdout
    every = run(plant, power, "+verilator+error+limit+1000")
    assert f".{name}" in every.stdout + every.stderr


@pytest.mark.timeout(300)
def test_disabled_while_in_reset() -> None:
    """`disable iff`: the same violation without power is none."""
    assert run("rest", False).returncode == 0


@pytest.mark.timeout(300)
def test_the_library_of_the_bench_tells_of_it(tmp_path: Path) -> None:
    """An assertion that fails behind ctypes is an error of Python's, and named."""
    shutil.copytree(RTL, tmp_path / "rtl")
    path = tmp_path / "rtl" / "uart_tx.sv"
    healthy = "tx_q    <= 1'b1;"
    assert path.read_text().count(healthy) == 1
    path.write_text(path.read_text().replace(healthy, "tx_q    <= 1'b0;"))
    words = [sys.executable, "-c", LIBRARY, str(tmp_path / "rtl" / "files.f")]
    done = subprocess.run(words, capture_output=True, encoding="utf-8", timeout=250, check=False)
    assert "AssertionFailedError" in done.stderr
    assert "Assertion failed in" in done.stdout + done.stderr
    assert re.search(r"\.a_\w+", done.stdout + done.stderr)
