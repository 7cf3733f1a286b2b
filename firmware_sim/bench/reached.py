# SPDX-License-Identifier: Apache-2.0
"""What of the ICD a bench has reached, for functional coverage: lines in `reached.txt`, where the bench runs."""

from __future__ import annotations

from pathlib import Path

FILE = "reached.txt"
_told: set[tuple[str, str]] = set()


def reached(kind: str, what: str) -> None:
    """A state, a transition, a command or a verdict was seen; told once."""
    if (kind, what) not in _told:
        _told.add((kind, what))
        with Path(FILE).open("a") as file:
            file.write(f"{kind}\t{what}\n")
