# SPDX-License-Identifier: Apache-2.0
"""What is built is built once, and is whole or not there."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest

from firmware_sim import cache
from firmware_sim.cache import CacheError, built, cache_folder, content_key

PROCESSES = 4


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIL_BUILD_DIR", str(tmp_path / "cache"))


def leftovers() -> list[str]:
    return [path.name for path in (cache_folder() / "kind").iterdir() if path.suffix != ".lock"]


def test_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`HIL_BUILD_DIR`, else the user's cache folder; a relative XDG_CACHE_HOME is ignored."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "cache"
    monkeypatch.delenv("HIL_BUILD_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    assert cache_folder() == tmp_path / "user" / "hil-bench"
    for unset in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", unset)
        assert cache_folder() == tmp_path / ".cache" / "hil-bench"


def test_key_knows_where_parts_end() -> None:
    """Parts that are the same text when joined are different keys; bytes and text are not."""
    assert content_key(["ab", "c"]) != content_key(["a", "bc"]) != content_key(["abc"])
    assert content_key(["ab"]) == content_key([b"ab"])


def test_second_time_nothing_is_built() -> None:
    """The folder is the same, with what the first build put there."""
    first = built("kind", "key", lambda folder: (folder / "it").touch())
    second = built("kind", "key", lambda folder: pytest.fail("built again"))
    assert first == second
    assert (second / "it").is_file()


def test_failed_build_leaves_nothing() -> None:
    """What it raised comes through; the next one builds."""

    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise ValueError("planted")

    with pytest.raises(ValueError, match="planted"):
        built("kind", "key", fail)
    assert leftovers() == []
    assert list(built("kind", "key", lambda folder: None).iterdir()) == []


def test_what_a_killed_build_left_is_not_used() -> None:
    """Half a folder is thrown away before the next build."""
    part = cache_folder() / "kind" / "key.part"
    part.mkdir(parents=True)
    (part / "half").touch()
    assert list(built("kind", "key", lambda folder: (folder / "it").touch()).iterdir()) == [part.with_suffix("") / "it"]


def _build_slowly(log: Path) -> Path:
    def build(folder: Path) -> None:
        with log.open("a") as file:
            file.write("built\n")
        (folder / "it").write_text(str(os.getpid()))

    return built("kind", "key", build)


def test_several_processes_build_once(tmp_path: Path) -> None:
    """All of them get the one folder that one of them built."""
    log = tmp_path / "log"
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        folders = pool.map(_build_slowly, [log] * 4 * PROCESSES, chunksize=1)
    assert set(folders) == {cache_folder() / "kind" / "key"}
    assert log.read_text() == "built\n"


def test_what_was_not_used_for_longest_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many are kept; one that is used counts as new."""
    monkeypatch.setattr(cache, "KEPT", 2)
    for age, key in enumerate(("one", "two")):
        folder = built("kind", key, lambda folder: None)
        os.utime(folder, ns=(age, age))
    built("kind", "one", lambda folder: pytest.fail("built again"))
    built("kind", "three", lambda folder: None)
    assert sorted(leftovers()) == ["one", "three"]


def test_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line that says what to set."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("HIL_BUILD_DIR", str(tmp_path / "file"))
    with pytest.raises(CacheError, match="set HIL_BUILD_DIR"):
        built("kind", "key", lambda folder: None)
