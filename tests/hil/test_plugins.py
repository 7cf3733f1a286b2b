# SPDX-License-Identifier: Apache-2.0
"""Classes that others bring: found by entry point, module or file; what can't be had is told with the mend."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hil.devices.radar import Radar
from hil.plugins import PluginError, find, names


@pytest.fixture(autouse=True)
def _path_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_entry_points() -> None:
    """The shipped devices and bodies are there by name."""
    assert {"radar", "launcher", "generic"} <= set(names("hil.devices"))
    assert names("hil.interceptors") == ["rtl", "twin"]
    assert names("hil.no_such_group") == []
    assert find("hil.devices", "radar") is Radar


def test_module() -> None:
    """`module:Class`, whatever the group."""
    assert find("hil.controllers", "hil.devices.radar:Radar") is Radar


def test_file(tmp_path: Path) -> None:
    """`file.py:Class` from the base's folder; files beside it can be imported; the second time it is the same class."""
    (tmp_path / "beside_it.py").write_text("NUMBER = 7\n")
    (tmp_path / "mine.py").write_text("from beside_it import NUMBER\nclass Mine:\n    number = NUMBER\n")
    mine = find("hil.controllers", "mine.py:Mine", tmp_path)
    assert mine.number == 7
    assert find("hil.controllers", f"{tmp_path}/mine.py:Mine") is mine


def test_two_files_of_one_name(tmp_path: Path) -> None:
    """Each file gives its own class, though folder and file are called alike."""
    for parent, number in (("one", 1), ("two", 2)):
        folder = tmp_path / parent / "same"
        folder.mkdir(parents=True)
        (folder / "mine.py").write_text(f"class Mine:\n    number = {number}\n")
    found = [find("g", "same/mine.py:Mine", tmp_path / parent).number for parent in ("one", "two", "one")]
    assert found == [1, 2, 1]


@pytest.mark.parametrize(
    ("name", "tells"),
    [
        ("rader", "there is no 'rader'; did you mean 'radar'?"),
        ("weather", "there is no 'weather'; known: generic, launcher, radar"),
        ("", "there is no ''"),
        ("no_such_module:Radar", "No module named 'no_such_module'"),
        ("hil.devices.radar:Rader", "Rader"),
        ("absent.py:Mine", "absent.py"),
        (":Mine", "cannot be imported"),
        ("hil.devices.radar:", "cannot be imported"),
        ("folder.py:Mine", "folder.py"),
        ("broken.py:Mine", "line 2"),
        ("raises.py:Mine", "ZeroDivisionError: division by zero, line 2"),
        ("ends.py:Mine", "SystemExit"),
    ],
)
def test_what_cannot_be_had(tmp_path: Path, name: str, tells: str) -> None:
    """One error for all, which names what was asked for and why it can't be had."""
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "broken.py").write_text("x = 1\nclass Mine(:\n")
    (tmp_path / "raises.py").write_text("def f(n):\n    return 1 / n\nf(0)\n")
    (tmp_path / "ends.py").write_text("raise SystemExit(0)\n")
    with pytest.raises(PluginError) as caught:
        find("hil.devices", name, tmp_path)
    assert tells in str(caught.value)


def test_half_a_module_is_forgotten(tmp_path: Path) -> None:
    """A file that raised on import raises again, until it is mended."""
    path = tmp_path / "mine.py"
    path.write_text("class Mine: pass\nraise ValueError\n")
    for _ in range(2):
        with pytest.raises(PluginError):
            find("g", "mine.py:Mine", tmp_path)
    path.write_text("class Mine: pass  # mended\n")
    assert find("g", "mine.py:Mine", tmp_path).__name__ == "Mine"
