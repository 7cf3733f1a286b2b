# SPDX-License-Identifier: Apache-2.0
"""Finds requirements that could never be judged: names that no record of this bench can hold.

A `never` over a name that is written wrong would pass for ever.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from hil.verdicts import vacuous
from hil.verdicts.model import Always, Requirement, Selector
from hil.verdicts.select import CONDITION_KEYS, TYPES, compile_where, named
from hil.verdicts.vocabulary import Vocabulary
from interfaces.spec.nearest import nearest
from interfaces.wire import Direction

Path: TypeAlias = tuple[str | int, ...]

_DIRECTIONS = tuple(one.value for one in Direction)
_SOURCES = ("peer", "device")
_BELOW = ("fields", "about", "value")  # values that have names of their own below them


class Mistake(msgspec.Struct, frozen=True):
    """Where in the list of requirements, which rule is broken, and the mend."""

    path: Path
    rule: str
    mend: str


def check(requirements: Sequence[Requirement], vocabulary: Vocabulary) -> list[Mistake]:
    """Every mistake of the requirements, in their order."""
    mistakes: list[Mistake] = []
    first: dict[str, int] = {}
    for index, one in enumerate(requirements):
        if first.setdefault(one.id, index) != index:
            rule = f"is the id of requirement {first[one.id] + 1} too"
            mistakes.append(Mistake((index, "id"), rule, "give each requirement an id of its own"))
        for path, rule, mend in _Checker(vocabulary).of(one):
            mistakes.append(Mistake((index, *path), rule, mend))
    return mistakes


Found: TypeAlias = Iterator[tuple[Path, str, str]]


class _Checker:
    """The checks of one requirement; paths are below it."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._words = vocabulary

    def of(self, one: Requirement) -> Found:
        yield from vacuous.of_requirement(one)
        for path, selector in _selectors(one):
            if not self._words.has_place(selector.place):
                yield (*path, "place"), "is no place of this bench", _nearest_place(selector.place, self._words)
            yield from (((*path, *below), rule, mend) for below, rule, mend in vacuous.of_selector(selector))
            yield from self._where((*path, "where"), selector, selector.where)
        if isinstance(one, Always):
            yield from self._where(("holds",), one.of, one.holds)
        same = getattr(one, "same", None)
        if same is not None:  # every record of the rule must have that value
            for _, selector in _selectors(one):
                yield from ((("same",), rule, mend) for rule, mend in self._name(selector, same))

    def _where(self, path: Path, selector: Selector, where: Mapping[str, Any], above: str = "") -> Found:
        for key, wanted in where.items():
            at, name = (*path, key), f"{above}{key}"
            yield from ((at, rule, mend) for rule, mend in self._name(selector, name))
            yield from ((at, rule, mend) for rule, mend in _condition(wanted))
            if isinstance(wanted, Mapping) and isinstance(wanted.get("any"), Mapping):
                yield from self._where((*at, "any"), selector, wanted["any"], f"{name}.")
            told = list(self._values(selector, name, wanted)) or vacuous.of_value(selector.kind, name, wanted)
            yield from ((at, rule, mend) for rule, mend in told)

    def _name(self, selector: Selector, dotted: str) -> Iterator[tuple[str, str]]:
        """Whether records of this kind have a value of that name."""
        name, _, below = dotted.partition(".")
        known = TYPES[selector.kind].__struct_fields__
        if name not in known:
            yield f"a record of kind {selector.kind} has no {name!r}", nearest(name, known)
        elif below and name not in _BELOW:
            yield f"{name!r} has no names below it", f"write {name!r}"
        elif below and name != "value" and not self._words.is_foreign(selector.place):
            fields = self._fields(selector)
            if below not in fields:
                yield f"there is no {below!r} in {name}", nearest(below, sorted(fields))

    def _fields(self, selector: Selector) -> set[str]:
        """The names below `fields` or `about`, of the messages or events that are selected."""
        if selector.kind == "message":
            chosen, every = selector.where.get("message"), self._words.messages
        else:
            chosen, every = selector.where.get("what"), self._words.world
        return {one for name in _chosen(chosen, every) or every for one in every[name]}

    def _values(self, selector: Selector, name: str, wanted: Any) -> Iterator[tuple[str, str]]:
        """Whether the names that are wanted of a value exist."""
        if selector.kind == "message" and name.startswith("fields."):
            what, known = self._labels(selector, name.partition(".")[2])
            values = [value for value in named(wanted) if isinstance(value, str)]  # a device may send codes
        else:
            what, known = self._known(selector, name)
            values = named(wanted)
        if known is None:
            return
        for value in values:
            if value not in known:
                yield f"{value!r} is no {what}", nearest(str(value), known)

    def _known(self, selector: Selector, name: str) -> tuple[str, Collection[str] | None]:
        words, key = self._words, (selector.kind, name)
        if name == "direction":
            return "direction", _DIRECTIONS
        if words.is_foreign(selector.place):
            return "", None
        if key in (("state", "before"), ("state", "after")):
            return self._of_machines("state", selector, words.machines)
        if key == ("state", "cause"):
            return self._of_machines("cause of a move", selector, words.causes)
        table: Mapping[tuple[str, str], tuple[str, Collection[str]]] = {
            ("state", "machine"): ("machine of these ICDs", words.machines),
            ("message", "message"): ("message of these ICDs", words.messages),
            ("register", "name"): ("register of these ICDs", words.registers),
            ("register", "source"): ("source of a register's value", _SOURCES),
            ("answer", "command"): ("command of these ICDs", words.commands),
            ("answer", "result"): ("result of a command of these ICDs", words.results),
            ("edge", "line"): ("discrete line of these ICDs", words.discretes),
            ("world", "what"): ("event of the world", words.world),
        }
        return table.get(key, ("", None))

    def _of_machines(
        self, word: str, selector: Selector, every: Mapping[str, Collection[str]]
    ) -> tuple[str, Collection[str]]:
        """What the machines that are selected have of something, or else all machines."""
        names = _chosen(selector.where.get("machine"), every)
        known = dict.fromkeys(one for name in names or every for one in sorted(every[name]))
        return f"{word} of {' or '.join(names) or 'a machine of these ICDs'}", known

    def _labels(self, selector: Selector, path: str) -> tuple[str, Collection[str] | None]:
        """The labels of a field, or None where it is no enumeration in some message that is selected."""
        words = self._words
        if words.is_foreign(selector.place):
            return "", None
        names = _chosen(selector.where.get("message"), words.messages) or words.messages
        having = [name for name in names if path in words.messages[name]]
        if not having or any((name, path) not in words.labels for name in having):
            return "", None
        return f"label of {path}", dict.fromkeys(label for name in having for label in words.labels[name, path])


def _chosen(wanted: Any, every: Collection[str]) -> list[str]:
    """The names that a condition restricts a value to; none when it takes others too."""
    return [name for name in named(wanted) if name in every] if _only(wanted) else []


def _selectors(one: Requirement) -> Iterable[tuple[Path, Selector]]:
    for known in msgspec.structs.fields(one):
        value = getattr(one, known.name)
        if isinstance(value, Selector):
            yield (known.encode_name,), value
        elif isinstance(value, tuple):
            yield from (((known.encode_name, index), step) for index, step in enumerate(value))


def _only(wanted: Any) -> bool:
    """Whether a value must be one of those that are named."""
    return isinstance(wanted, str) or (isinstance(wanted, Mapping) and "in" in wanted)


def _condition(wanted: Any) -> Iterator[tuple[str, str]]:
    """Whether a mapping that looks like a condition is one."""
    if not isinstance(wanted, Mapping):
        return
    for key in wanted:
        if CONDITION_KEYS & set(wanted) and key not in CONDITION_KEYS:
            yield f"a condition has no {key!r}", nearest(str(key), sorted(CONDITION_KEYS))
            return
    try:
        compile_where({"value": wanted})
    except msgspec.ValidationError as error:
        yield f"is no condition: {error}", f"a condition has {', '.join(sorted(CONDITION_KEYS))}"


def _nearest_place(pattern: str, words: Vocabulary) -> str:
    # Of a radar's thousand tracks one is enough to show how they are called.
    tracks = (place for place in words.places if ".track" in place)
    return nearest(pattern, [*(place for place in words.places if ".track" not in place), *list(tracks)[:1]])
