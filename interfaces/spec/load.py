# SPDX-License-Identifier: Apache-2.0
"""Loads an ICD: its structure, then the cross-checks; every mistake of the file at once.

Where a section does not fit, the cross-checks run on the others, and no reference into it counts
as a mistake.
"""

from __future__ import annotations

import hashlib
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from interfaces.errors import BenchError
from interfaces.spec import source
from interfaces.spec.check import mistakes
from interfaces.spec.model import Icd

FOLDER = Path(__file__).parent.parent / "icd"
_HEAD = {"icd": 1, "name": "head", "title": "Head", "revision": "1", "notice": "None."}


def load(path: Path) -> Icd:
    """Load the ICD at `path`. Raises `InputError` with all its findings."""
    read = source.read(path)
    icd = read.parse((), Icd)
    if icd is None:
        checked, unfit = _sound(read.data)
    else:
        checked, unfit = icd, frozenset()
    found = mistakes(checked, unfit)
    for keys, rule, mend in islice(found, source.MAX_FINDINGS):
        read.add(keys, rule, mend)
    if any(True for _ in found):
        read.add((), f"more than {source.MAX_FINDINGS} mistakes between sections", "mend those first")
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


def _sound(data: Any) -> tuple[Icd, frozenset[str]]:
    """An ICD of the sections that fit, each by itself, and the names of those that do not."""
    sections: dict[str, Any] = data if isinstance(data, dict) else {}
    fit: dict[str, Any] = dict(_HEAD)
    unfit = set(_HEAD).difference(sections)
    for name, value in sections.items():
        try:
            msgspec.convert({**_HEAD, name: value}, Icd)
        except msgspec.ValidationError:
            unfit.add(name)
        else:
            fit[name] = value
    return msgspec.convert(fit, Icd), frozenset(unfit)
