# SPDX-License-Identifier: Apache-2.0
"""Libraries of Verilated designs, flat Verilog and lists of sources: made once, refused in the compiler's own words."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest

from firmware_sim import build, flatten
from firmware_sim.build import build_library
from firmware_sim.flatten import flatten_for_icarus, yosys_version
from firmware_sim.simulators import SIMULATORS
from firmware_sim.sources import read_files
from firmware_sim.toolchain import BuildError, run_tool, toolchain
from tests.firmware_sim.tools import DESIGNS, need

COUNT, SHIM = DESIGNS / "count.sv", DESIGNS / "count.cpp"
FLAGS = ("--no-timing",)


def library(width: int) -> Path:
    return build_library("count", "count", [COUNT], SHIM, flags=(*FLAGS, f"-GWidth={width}"))


def never(*words: object) -> str:
    raise AssertionError(f"ran {words}")


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that nobody else builds in meanwhile."""
    monkeypatch.setenv("HIL_BUILD_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def built_in(cache: Path) -> list[str]:
    """All that is there, but for the locks."""
    return [path.name for kind in cache.iterdir() for path in kind.iterdir() if path.suffix != ".lock"]


def test_library_runs_and_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two models of one design in one process keep apart; the second time no tool runs."""
    need(toolchain)
    narrow, wide = library(4), library(8)
    assert narrow != wide
    assert [ctypes.CDLL(str(path)).count_of(21) for path in (narrow, wide)] == [5, 21]
    monkeypatch.setattr(build, "run_tool", never)
    assert library(4) == narrow


def test_changed_content_is_built_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Source, shim, a header beside it and flags count, each by content; where they lie does not."""
    need(toolchain)
    known = library(4)
    monkeypatch.setattr(build, "run_tool", never)
    source, shim = tmp_path / COUNT.name, tmp_path / SHIM.name
    source.write_bytes(COUNT.read_bytes())
    shim.write_bytes(SHIM.read_bytes())
    flags = (*FLAGS, "-GWidth=4")
    assert build_library("count", "count", [source], shim, flags=flags) == known
    for change in (source, shim, tmp_path / "new.h"):
        before = change.read_bytes() if change.exists() else b""
        change.write_bytes(before + b"\n// changed\n")
        with pytest.raises(AssertionError, match="ran"):
            build_library("count", "count", [source], shim, flags=flags)
        change.write_bytes(before) if before else change.unlink()
    assert build_library("count", "count", [source], shim, flags=flags) == known


def test_broken_source_is_refused(tmp_path: Path, own_cache: Path) -> None:
    """With file and line, and nothing half-built is left."""
    need(toolchain)
    broken = tmp_path / "count.sv"
    broken.write_text(COUNT.read_text().replace("count_q + ", "count_r + "))
    with pytest.raises(BuildError, match=r"count\.sv:\d+:\d+: Can't find definition of variable: 'count_r'"):
        build_library("count", "count", [broken], SHIM, flags=FLAGS)
    assert built_in(own_cache) == []


def test_broken_shim_is_refused(tmp_path: Path, own_cache: Path) -> None:
    """In the compiler's words."""
    need(toolchain)
    broken = tmp_path / "count.cpp"
    broken.write_text(SHIM.read_text().replace("count_o", "count_x"))
    with pytest.raises(BuildError, match=r"has no member named .count_x."):
        build_library("count", "count", [COUNT], broken, flags=FLAGS)
    assert built_in(own_cache) == []


def test_absent_source_is_named(tmp_path: Path) -> None:
    """Not a traceback."""
    need(toolchain)
    with pytest.raises(BuildError, match=r"gone\.sv:\ncannot be read: No such file"):
        build_library("count", "count", [tmp_path / "gone.sv"], SHIM)


def test_warnings_are_errors_when_asked_for(tmp_path: Path) -> None:
    """`-Wall`, and a waivers' file among the sources takes one back."""
    need(toolchain)
    source, waivers = tmp_path / "odd.sv", tmp_path / "waivers.vlt"
    source.write_text("module odd (input logic spare_i, output logic odd_o);\n  assign odd_o = 1'b1;\nendmodule\n")
    waivers.write_text('`verilator_config\nlint_off -rule UNUSEDSIGNAL -file "*odd.sv"\n')
    shim = tmp_path / "odd.cpp"
    shim.write_text('#include "Vodd.h"\nextern "C" int odd() { return 1; }\n')
    with pytest.raises(BuildError, match="UNUSEDSIGNAL"):
        build_library("odd", "odd", [source], shim, flags=("-Wall",))
    assert build_library("odd", "odd", [waivers, source], shim, flags=("-Wall",)).is_file()


def test_flat_verilog_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parameters are in it; the second time Yosys does not run."""
    need(yosys_version)
    flat = flatten_for_icarus([COUNT], "count", {"Width": 6})
    assert "output [5:0] count_o" in flat.read_text()
    monkeypatch.setattr(flatten, "run_tool", never)
    assert flatten_for_icarus([COUNT], "count", {"Width": 6}) == flat


def test_flat_verilog_of_several_files(tmp_path: Path) -> None:
    """Headers are found, waivers are left out, and the same name in two folders is two files."""
    need(yosys_version)
    texts = {
        "inc/width.svh": "`define WIDTH 3\n",
        "waivers.vlt": "`verilator_config\n",
        "a/part.sv": '`include "width.svh"\nmodule low (output logic [`WIDTH-1:0] o);\n  assign o = 5;\nendmodule\n',
        "b/part.sv": "module high (output logic [2:0] o);\n  low low_i (.o);\nendmodule\n",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    flat = flatten_for_icarus([tmp_path / name for name in texts], "high")
    assert "assign o = 3'h5;" in flat.read_text()
    assert [path.name for path in flat.parent.iterdir()] == ["high.v"]


def test_icarus_takes_the_flat_rtl(tmp_path: Path) -> None:
    """No cell is left in it that Verilog has no word for."""
    need(yosys_version, SIMULATORS["icarus"].identity)
    flat = flatten_for_icarus(read_files(), "interceptor_top")
    run_tool("Icarus refused the RTL", ["iverilog", "-g2012", "-t", "null", flat], tmp_path)


def test_flattening_is_refused_in_yosys_own_words(tmp_path: Path, own_cache: Path) -> None:
    need(yosys_version)
    broken = tmp_path / "count.sv"
    broken.write_text(COUNT.read_text().replace("count_q + ", "count_r + "))
    with pytest.raises(BuildError, match="use of undeclared identifier 'count_r'"):
        flatten_for_icarus([broken], "count")
    assert built_in(own_cache) == []


def test_list_of_sources(tmp_path: Path) -> None:
    """One a line, in order, relative to the list; comments and empty lines are none."""
    (tmp_path / "files.f").write_text("// all\n\nb.sv // second\n  a.sv\n")
    assert read_files(tmp_path / "files.f") == (tmp_path / "b.sv", tmp_path / "a.sv")
