# SPDX-License-Identifier: Apache-2.0
"""Rows of text as aligned columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

GAP = "  "


def columns(head: Sequence[str], rows: Iterable[Sequence[str]], indent: int = 2) -> list[str]:
    """The lines of a table. A column that is empty in every row is left out; the last one is not padded."""
    body = list(rows)
    kept = [at for at in range(len(head)) if any(row[at] for row in body)]
    table = [[row[at] for at in kept] for row in (head, *body)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [" " * indent + GAP.join(map(str.ljust, row, widths)).rstrip() for row in table]


def section(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table under its title, after an empty line; nothing when it has no rows."""
    body = list(rows)
    return ["", title, *columns(head, body)] if body else []
