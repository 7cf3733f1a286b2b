# SPDX-License-Identifier: Apache-2.0
"""What the cross-checks share: the ICD under check, a mistake, and the commonest of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple, TypeAlias

from interfaces.spec.model import Field, Icd, Message
from interfaces.spec.nearest import nearest
from interfaces.spec.plain import Keys

Section: TypeAlias = Literal["enums", "timings", "serial", "messages", "machines", "discrete"]


class Mistake(NamedTuple):
    """What is wrong at a place of the ICD."""

    keys: Keys
    rule: str
    mend: str


class Draft(NamedTuple):
    """An ICD under check. Its `unfit` sections are empty here, and say nothing of what they hold."""

    icd: Icd
    unfit: frozenset[str]

    @property
    def messages(self) -> Mapping[str, Message]:
        return self.icd.messages.messages if self.icd.messages is not None else {}

    def field_lists(self) -> Iterator[tuple[Keys, tuple[Field, ...]]]:
        """The header's fields and each message's, then those of the groups in them."""
        if self.icd.messages is None:
            return
        waiting: list[tuple[Keys, tuple[Field, ...]]] = [(("messages", "header"), self.icd.messages.header)]
        waiting += [(("messages", "messages", name, "fields"), one.fields) for name, one in self.messages.items()]
        for keys, fields in waiting:  # grows while it is walked
            yield keys, fields
            waiting += [((*keys, at, "fields"), one.fields) for at, one in enumerate(fields) if one.fields]

    def refer(self, section: Section, keys: Keys, name: str | None, known: Collection[str]) -> Iterator[Mistake]:
        """A mistake where `name` is none of the names that a section knows."""
        if name is not None and name not in known and section not in self.unfit:
            yield Mistake(keys, f"{name!r} is not in `{section}`", nearest(name, known))


Check: TypeAlias = Callable[[Draft], Iterator[Mistake]]


def twice(places: Iterable[tuple[Keys, Hashable]], what: str) -> Iterator[Mistake]:
    """A mistake for each place whose value an earlier one has."""
    seen: set[Hashable] = set()
    for keys, value in places:
        if value in seen:
            yield Mistake(keys, f"{what} {value!r} is there already", "give each its own")
        seen.add(value)
