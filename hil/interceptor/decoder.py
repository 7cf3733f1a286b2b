# SPDX-License-Identifier: Apache-2.0
"""What is checked of a command before the sequencer sees it: a fresh sequence number, then its code (INT-010)."""

from __future__ import annotations

from typing import Any

from interfaces.spec.model import Icd

_MODULUS = 256  # of the 8-bit sequence field


class Decoder:
    """Remembers the last fresh sequence number since power came."""

    __slots__ = ("_codes", "_window", "last_sequence")

    def __init__(self, icd: Icd) -> None:
        self._codes = {"arm": icd.constant("arm_code"), "fire": icd.constant("fire_code")}
        self._window = icd.constant("sequence_window")
        self.last_sequence: int | None = None

    def accept_sequence(self, sequence: int) -> bool:
        """Whether the number is fresh; a fresh one is remembered, whatever becomes of its command."""
        last = self.last_sequence
        if last is not None and not 1 <= (sequence - last) % _MODULUS <= self._window:
            return False
        self.last_sequence = sequence
        return True

    def code_is_right(self, command: str, fields: dict[str, Any]) -> bool:
        """True too for a command that has no code."""
        return command not in self._codes or fields["code"] == self._codes[command]
