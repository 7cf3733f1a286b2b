# SPDX-License-Identifier: Apache-2.0
"""Loads an ICD: structure first, then the cross-checks; every mistake of the file at once."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from interfaces.errors import BenchError
from interfaces.spec import source
from interfaces.spec.model import Icd

FOLDER = Path(__file__).parent.parent / "icd"


def load(path: Path) -> Icd:
    """Load the ICD at `path`. Raises `InputError` with all its findings."""
    read = source.read(path)
    icd = read.parse((), Icd)
    read.raise_if_findings()
    assert icd is not None
    return icd


def shipped_names() -> list[str]:
    """The ICDs that come with the package."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


@cache
def shipped(name: str) -> Icd:
    """A shipped ICD by its name."""
    path = FOLDER / f"{name}.yaml"
    if name not in shipped_names():
        raise BenchError(f"there is no shipped ICD {name!r}; there are {', '.join(shipped_names())}")
    return load(path)


def icd_hash(path: Path) -> str:
    """SHA-256 of the file, for the trace's head."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
