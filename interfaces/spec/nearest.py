# SPDX-License-Identifier: Apache-2.0
"""The mend for a word that is not known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from itertools import islice

MAX_WORD = 64  # names are no longer; comparing takes a time that grows with the square
MAX_KNOWN = 256
MAX_LISTED = 30


def nearest(word: str, known: Iterable[str]) -> str:
    """A mend that names the nearest right word, or else those that are known."""
    names = list(islice(known, MAX_KNOWN))
    near = difflib.get_close_matches(word, names, 1) if len(word) <= MAX_WORD else []
    if near:
        return f"did you mean {near[0]!r}?"
    more = ", ..." if len(names) > MAX_LISTED else ""
    return f"known: {', '.join(names[:MAX_LISTED]) or 'none'}{more}"
