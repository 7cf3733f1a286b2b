# SPDX-License-Identifier: Apache-2.0
"""Freshness of 16-bit sequence numbers (ICD LCH-011): serial-number arithmetic, as RFC 1982 has it."""

from __future__ import annotations


class Freshness:
    """Keeps the last number used; one that is not ahead of it, modulo 65536, is stale."""

    __slots__ = ("_span", "last")

    def __init__(self, span: int) -> None:
        self._span = span
        self.last = 0

    def use(self, number: int) -> bool:
        """Use `number` up if it is fresh; False says that it is stale."""
        fresh = 1 <= (number - self.last) % 65_536 <= self._span
        if fresh:
            self.last = number
        return fresh
