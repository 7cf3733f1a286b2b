# SPDX-License-Identifier: Apache-2.0
"""The shipped benches, scenarios and controllers in a folder of the test's own, to be spoilt there."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parents[2] / "fixtures"

Edit = Callable[[str, str, str], Path]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A copy of the fixtures."""
    folder = tmp_path / "fixtures"
    for name in ("benches", "scenarios", "controllers"):
        shutil.copytree(FIXTURES / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture
def edit(files: Path) -> Edit:
    """Replaces a text, which must be there, in a file of the copy; returns its path."""

    def replace(name: str, old: str, new: str) -> Path:
        path = files / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        return path

    return replace
