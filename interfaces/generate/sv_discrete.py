# SPDX-License-Identifier: Apache-2.0
"""The lines of a clocked interface as structures, a bit a line or a wire."""

from __future__ import annotations

from collections.abc import Sequence

from interfaces.generate.sv_text import Member, camel, number, pattern, struct, word
from interfaces.spec.model import DiscreteLine, Icd

_BIT = "logic"


def lines_heard(icd: Icd) -> list[str]:
    """What the launcher drives: voted levels, wires, and how a line is made of its wires."""
    lines = driven_by(icd, "launcher")
    if not lines:
        return []
    # A line of one wire is a vector too, so that wires are counted alike.
    wires = [Member(f"logic [{line.of - 1}:0]", word(line.name)) for line in lines]
    return [
        *struct("lines_t", [Member(_BIT, word(line.name)) for line in lines]),
        *struct("wires_t", wires),
        *pattern("wires_t", "WiresActiveLow", {word(line.name): f"'{_low(line)}" for line in lines}),
        *(one for line in lines for one in _voting(line)),
    ]


def lines_driven(icd: Icd) -> list[str]:
    """What the interceptor drives; when it does, each machine's `_outputs` says."""
    lines = driven_by(icd, "interceptor")
    if not lines:
        return []
    return [
        *struct("outputs_t", [Member(_BIT, word(line.name)) for line in lines]),
        *pattern("outputs_t", "OutputsActiveLow", {word(line.name): f"1'b{_low(line)}" for line in lines}),
    ]


def driven_by(icd: Icd, driver: str) -> Sequence[DiscreteLine]:
    """The lines of one end, in the ICD's order."""
    return [line for line in icd.discrete.lines if line.driver == driver] if icd.discrete is not None else []


def _voting(line: DiscreteLine) -> list[str]:
    facts = {"debounce_clocks": line.debounce_clocks, "wires": line.of, "need": line.need}
    return [number(camel(line.name, fact), value) for fact, value in facts.items()]


def _low(line: DiscreteLine) -> int:
    return int(line.active == "low")
