# SPDX-License-Identifier: Apache-2.0
"""What a launcher cell and an interceptor body say to each other.

A body is a `Part` with two ports: `lines` (`Level` both ways) and `umbilical` (`Burst` both ways). It has the UART and
takes the line's time itself: a burst is handed to it when its first start bit begins, and it hands one over, a frame
each, when the last stop bit has ended. A launcher has the same two ports for each cell: `lines.<cell>` and
`umbilical.<cell>`, the latter with `Transmit` and `Sent` of the line between them. Names, polarity, voting and
latencies stand in the `interceptor` ICD.
"""

from __future__ import annotations

from typing import Protocol

from hil.part import Part
from interfaces.spec.model import Icd
from interfaces.wire import Record


class Level(Record, frozen=True, gc=False):
    """One wire of a discrete line took a logical level (its polarity already taken into account)."""

    line: str
    active: bool
    wire: int = 0


class BodyClass(Protocol):
    """How a bench makes a body: `name` is the place (`land1.cell3`), the seed feeds its own stream."""

    def __call__(self, name: str, icd: Icd, seed: int) -> Part: ...
