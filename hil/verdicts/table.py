# SPDX-License-Identifier: Apache-2.0
"""Verdicts for people and for machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hil.verdicts.model import Verdict

_HEAD = ("requirement", "outcome", "figure", "limit", "text")


def as_table(verdicts: Sequence[Verdict]) -> str:
    """Aligned columns, one verdict a line."""
    rows = [_HEAD, *((v.requirement, v.outcome.value, v.figure, v.limit, v.text) for v in verdicts)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD) - 1)]
    lines = []
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=True)]
        lines.append("  ".join([*cells, row[-1]]).rstrip())
    return "\n".join(lines)


def as_dict(verdict: Verdict) -> dict[str, Any]:
    """For JSON."""
    return {
        "requirement": verdict.requirement,
        "outcome": verdict.outcome.value,
        "limit": verdict.limit,
        "figure": verdict.figure,
        "evidence": list(verdict.evidence),
        "text": verdict.text,
    }
