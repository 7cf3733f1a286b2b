# SPDX-License-Identifier: Apache-2.0
"""Faults are found in the tree of the sources, drawn by the seed, and judged."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from firmware_sim.mutations import all_mutations, draw
from firmware_sim.sources import RTL, read_files
from firmware_sim.toolchain import toolchain
from tests.firmware_sim.tools import need

SMALL = """module small (input logic a, input logic b, output logic [1:0] c);
  // && is not one, nor is ‾
  always_comb begin
    c = '0;
    if (a && !b) c = 2'd3;
  end
`ifndef NO_SVA
  a_one : assert property (@(posedge a) b == 1);
`endif
endmodule
"""


@pytest.fixture(autouse=True)
def slang() -> None:
    pytest.importorskip("pyslang")


def test_every_site_of_a_small_source(tmp_path: Path) -> None:
    (tmp_path / "small.sv").write_text(SMALL)
    found = {(one.line, one.before, one.after) for one in all_mutations([tmp_path / "small.sv"])}
    assert found == {
        (4, "c = '0;", ";"),
        (4, "'0", "'1"),
        (5, "&&", "||"),
        (5, "!", ""),
        (5, "a && !b", "1'b0"),
        (5, "a && !b", "1'b1"),
        (5, "a && !b", "!(a && !b)"),
        (5, "c = 2'd3;", ";"),
        (5, "2'd3", "2'd0"),
    }


def test_drawn_by_the_seed_alone() -> None:
    assert draw(read_files(), 1) == draw(read_files(), 1)
    assert draw(read_files(), 1) != draw(read_files(), 2)
    names = [one.name for one in draw(read_files(), 1)]
    assert len(set(names)) == len(names)


def test_each_change_fits_its_source(tmp_path: Path) -> None:
    """What is replaced is there, and lines keep their numbers."""
    shutil.copytree(RTL, tmp_path / "rtl")
    for one in draw(read_files(), 1)[::40]:
        path = tmp_path / "rtl" / one.file
        before = path.read_bytes()
        one.apply(tmp_path / "rtl")
        assert path.read_bytes() != before
        assert path.read_bytes().count(b"\n") == before.count(b"\n")
        path.write_bytes(before)


@pytest.mark.timeout(400)
@pytest.mark.volume
def test_three_mutants_are_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the same three the next run knows the verdicts."""
    need(toolchain)
    if not (RTL.parents[1] / ".git").exists():
        pytest.skip("mutants are made of a commit")
    monkeypatch.setenv("HIL_BUILD_DIR", str(tmp_path))
    words = [sys.executable, "-m", "firmware_sim.mutate", "--count", "3", "--seed", "7", "--workers", "2"]
    first, again = (subprocess.run(words, capture_output=True, encoding="utf-8", timeout=350) for _ in range(2))
    assert first.returncode == again.returncode == 0, first.stderr
    assert first.stdout.splitlines()[-1].startswith("3 mutants")
    assert "test " in first.stdout or "assertion " in first.stdout
    assert again.stdout.splitlines() == first.stdout.splitlines()[-1:]
