# SPDX-License-Identifier: Apache-2.0
"""Where each wire of the interceptor's ICD stands in the pins of `interceptor_top`, and at which level it is active.

The packed vectors have the ICD's first line at their most significant end, as `icd_pkg.sv` declares them.
"""

from __future__ import annotations

from collections.abc import Iterator

from interfaces.spec.model import DiscreteLine, Icd

LAUNCHER, INTERCEPTOR = "launcher", "interceptor"


class Pins:
    """The bits of `wires_i` by line and wire, and of `outputs_o` by line."""

    __slots__ = ("idle_wires", "outputs", "wires")

    def __init__(self, icd: Icd) -> None:
        assert icd.discrete is not None
        lines = icd.discrete.lines
        self.wires = dict(_wires([line for line in lines if line.driver == LAUNCHER]))
        outputs = [line for line in lines if line.driver == INTERCEPTOR]
        self.outputs = {line.name: (len(outputs) - 1 - at, _low(line)) for at, line in enumerate(outputs)}
        #: every wire inactive
        self.idle_wires = sum(low << bit for bit, low in self.wires.values())

    def active(self, outputs: int) -> dict[str, bool]:
        """The logical levels of the lines in a value of `outputs_o`."""
        return {name: bool(outputs >> bit & 1 ^ low) for name, (bit, low) in self.outputs.items()}


def _wires(lines: list[DiscreteLine]) -> Iterator[tuple[tuple[str, int], tuple[int, int]]]:
    """(line, wire) to (bit, level that is inactive)."""
    bit = sum(line.of for line in lines)
    for line in lines:
        bit -= line.of
        for wire in range(line.of):
            yield (line.name, wire), (bit + wire, _low(line))


def _low(line: DiscreteLine) -> int:
    return int(line.active == "low")
