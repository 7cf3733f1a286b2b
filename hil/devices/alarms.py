# SPDX-License-Identifier: Apache-2.0
"""Named instants at which a device wants to be woken; the next one is kept at hand."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Alarms(Generic[Key]):
    """One instant a key; setting a key again moves it."""

    __slots__ = ("_at_ns", "deadline_ns")

    def __init__(self) -> None:
        self._at_ns: dict[Key, int] = {}
        self.deadline_ns: int | None = None

    def set(self, key: Key, at_ns: int) -> None:
        """Wake for `key` at `at_ns`."""
        self._at_ns[key] = at_ns
        self.deadline_ns = min(self._at_ns.values())

    def clear(self, key: Key) -> None:
        """Do not wake for `key`; an unset one is ignored."""
        if self._at_ns.pop(key, None) is not None:
            self.deadline_ns = min(self._at_ns.values(), default=None)

    def pop(self, now_ns: int) -> Key | None:
        """Take the earliest key that is due, None when there is none; ties go by order of setting."""
        if self.deadline_ns is None or self.deadline_ns > now_ns:
            return None
        key = min(self._at_ns, key=self._at_ns.__getitem__)
        self.clear(key)
        return key
