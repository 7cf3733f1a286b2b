# SPDX-License-Identifier: Apache-2.0
"""Two traces are compared by what interceptors and cells did: each kind of difference is found, and nothing else."""

from __future__ import annotations

import pytest

from hil.trace.compare import compare
from hil.trace.events import Answer, AnyEvent, Edge, Note, State

CELL = "land1.cell1"
EVENTS: list[AnyEvent] = [
    Edge(100, CELL, "ready", True),
    State(100, CELL, "sequencer", "armed", "step_power", "fire"),
    Answer(100, CELL, "fire", "done"),
    Edge(900, CELL, "ready", False),
    Edge(900, "land1.cell2", "power", True),
]


def test_same() -> None:
    """Other records, and the order between places, make no difference."""
    other = [EVENTS[4], Note(50, CELL, "of no account"), *EVENTS[:4]]
    comparison = compare(EVENTS, other)
    assert comparison.differences == []
    assert comparison.counts == {"edge of ready": 2, "state": 1, "answer": 1, "edge of power": 1}


@pytest.mark.parametrize(
    ("index", "event", "words"),
    [
        (
            3,
            Edge(1000, CELL, "ready", False),
            "land1.cell1 edge of ready 2: inactive at 900 ns against inactive at 1000 ns",
        ),
        (1, State(100, CELL, "sequencer", "armed", "safe", "abort"), "armed to step_power by fire"),
        (2, Answer(100, CELL, "fire", "late"), "fire done at 100 ns against fire late at 100 ns"),
        (4, None, "land1.cell2 edge of power 1: active at 900 ns against nothing"),
    ],
)
def test_difference(index: int, event: AnyEvent | None, words: str) -> None:
    """The first of each place, in words."""
    other = [*EVENTS[:index], *([event] if event is not None else []), *EVENTS[index + 1 :]]
    (difference,) = compare(EVENTS, other).differences
    assert words in str(difference)
