# SPDX-License-Identifier: Apache-2.0
"""Two readers have nothing to say of the RTL, and would have."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from firmware_sim.lint import check
from firmware_sim.sources import RTL, WAIVERS, read_files
from firmware_sim.toolchain import toolchain
from tests.firmware_sim.tools import need

# Verilator lets a signal pass that is called unused.
PLANTS = {
    "width": ("  logic [3:0] planted;\n  assign planted = {left_q, left_q};\n", "WIDTHTRUNC", "width-trunc"),
    "signal": ("  logic planted;\n  assign planted = busy_o;\n", "UNUSEDSIGNAL", "unused-but-set-variable"),
}


@pytest.fixture(autouse=True)
def tools() -> None:
    need(toolchain)
    pytest.importorskip("pyslang")


def test_nothing_is_left_to_say() -> None:
    """No warning but those waived, each with its why; no waiver without use."""
    assert check.check() == []


@pytest.mark.parametrize("plant", PLANTS)
def test_planted_errors_are_found_by_both(tmp_path: Path, plant: str) -> None:
    """A sum that does not fit, and a signal that nobody reads."""
    text, code, name = PLANTS[plant]
    shutil.copytree(RTL, tmp_path / "rtl")
    path = tmp_path / "rtl" / "remainder.sv"
    path.write_text(path.read_text().replace("  assign rest_o ", f"{text}  assign rest_o "))
    sources = read_files(tmp_path / "rtl" / "files.f")
    assert [line for line in check.verilator(sources, WAIVERS) if code in line and "remainder.sv" in line]
    assert [line for line in check.slang(sources)[0] if name in line and "remainder.sv" in line]


def test_waivers_are_judged_too(tmp_path: Path) -> None:
    """One without use, and one without its why."""
    waivers = tmp_path / "waivers.vlt"
    useless = 'lint_off -rule UNUSEDSIGNAL -file "*watchdog.sv"'
    waivers.write_text(f"{WAIVERS.read_text().rstrip()}\n\n{useless}\n")
    said = list(check.stale_waivers(read_files(), waivers))
    assert [line.split(": ")[1] for line in said] == ["no comment says why", "nothing to waive"]
    assert all(useless in line for line in said)
