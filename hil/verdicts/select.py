# SPDX-License-Identifier: Apache-2.0
"""Selectors compiled: whether a trace record is one that a requirement speaks of."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from fnmatch import fnmatchcase
from typing import Any, TypeAlias

import msgspec

from hil.trace import events
from hil.trace.events import Event
from hil.verdicts.model import Condition, Selector
from interfaces.wire import NS_PER_MS, NS_PER_S

Test: TypeAlias = Callable[[Any], bool]

TYPES: Mapping[str, type[Event]] = {
    "state": events.State,
    "message": events.Message,
    "register": events.Register,
    "edge": events.Edge,
    "answer": events.Answer,
    "world": events.World,
    "frame": events.Framed,
    "reject": events.Rejected,
    "wire": events.Wire,
    "connection": events.Connection,
    "disturb": events.Disturbed,
    "note": events.Note,
}
_NAMED_BY: Mapping[type[Event], str] = {  # of several things at one place, which one a record is of
    events.State: "machine",
    events.Message: "message",
    events.Register: "name",
    events.Edge: "line",
    events.Answer: "command",
    events.World: "what",
    events.Connection: "port",
    events.Disturbed: "what",
}
CONDITION_KEYS = {"min", "max", "in", "not", "any"}
ABSENT = object()  # the value of a name that a record does not have


class Matcher:
    """A selector, ready for one record after the other; its `event_type` is the only type to offer."""

    def __init__(self, selector: Selector) -> None:
        self.event_type = TYPES[selector.kind]
        self._place = selector.place
        self._any_place = selector.place == "*"
        self._pattern = "*" in selector.place
        self._is_place: dict[str, bool] = {}  # of the places met so far
        self._tests = compile_where(selector.where)
        self._after_ns = seconds_ns(selector.after_s)
        self.before_ns = None if selector.before_s is None else seconds_ns(selector.before_s)

    def matches(self, event: Event) -> bool:
        """Whether an event of `event_type` is selected."""
        if not self.is_place(event.place):
            return False
        for path, test in self._tests:
            if not test(value_at(event, path)):
                return False
        if event.time_ns < self._after_ns:
            return False
        return self.before_ns is None or event.time_ns < self.before_ns

    def is_place(self, place: str) -> bool:
        """Whether records of this place can be selected."""
        if self._any_place:
            return True
        known = self._is_place.get(place)
        if known is None:
            known = fnmatchcase(place, self._place) if self._pattern else place == self._place
            self._is_place[place] = known
        return known


def thing(event: Event) -> tuple[str, str]:
    """What a record tells a value of: its place, and there the machine, register, line... that it names."""
    name = _NAMED_BY.get(type(event))
    return event.place, getattr(event, name) if name is not None else ""


def seconds_ns(seconds: float) -> int:
    """Exact for what the file's decimal text says."""
    return int(Decimal(str(seconds)) * NS_PER_S)


def milliseconds_ns(milliseconds: float) -> int:
    """Exact for what the file's decimal text says."""
    return int(Decimal(str(milliseconds)) * NS_PER_MS)


def value_at(event: Event, path: Sequence[str]) -> Any:
    """The value of a dotted name: an attribute, then keys; a name of its own where there is none."""
    value: Any = getattr(event, path[0], ABSENT)
    return _stored(_below(value, path[1:]) if len(path) > 1 else value)


def _below(value: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        value = value.get(key, ABSENT) if isinstance(value, Mapping) else ABSENT
    return value


def _stored(value: Any) -> Any:
    """The value as a stored trace gives it back, so that judging a live run is no different."""
    kind = type(value)
    if kind is str or kind is int or kind is bool:
        return value
    if isinstance(value, Enum):
        return value.value
    if kind is float:
        return value if math.isfinite(value) else None  # JSON has no NaN
    if isinstance(value, tuple | list):
        return [_stored(element) for element in value]
    if isinstance(value, Mapping):
        return {key: _stored(below) for key, below in value.items()}
    return value


def named(wanted: Any) -> list[Any]:
    """The values that a condition names."""
    if not isinstance(wanted, Mapping):
        return [wanted]
    several = wanted.get("in", ())
    return [*(several if isinstance(several, list | tuple) else ()), *([wanted["not"]] if "not" in wanted else ())]


def compile_where(where: Mapping[str, Any]) -> list[tuple[tuple[str, ...], Test]]:
    """Each dotted name with the test of its value."""
    return [(tuple(name.split(".")), _test(wanted)) for name, wanted in where.items()]


def _test(wanted: Any) -> Test:
    if isinstance(wanted, Mapping) and wanted and set(wanted) <= CONDITION_KEYS:
        return _Conditional(msgspec.convert(wanted, Condition), "not" in wanted).test
    return _Equal(wanted).test


class _Equal:
    def __init__(self, wanted: Any) -> None:
        self._wanted = wanted

    def test(self, value: Any) -> bool:
        return bool(value == self._wanted)


class _Conditional:
    def __init__(self, condition: Condition, negated: bool) -> None:
        self._one, self._negated = condition, negated
        self._any = compile_where(condition.any) if condition.any is not None else None

    def test(self, value: Any) -> bool:
        one = self._one
        if value is ABSENT:
            return False
        if self._any is not None:
            return isinstance(value, list) and any(self._element(element) for element in value)
        if one.one_of is not None and value not in one.one_of:
            return False
        if self._negated and value == one.other_than:
            return False
        if one.min is None and one.max is None:
            return True
        if not isinstance(value, int | float):
            return False
        return (one.min is None or value >= one.min) and (one.max is None or value <= one.max)

    def _element(self, element: Any) -> bool:
        assert self._any is not None
        return isinstance(element, Mapping) and all(test(_below(element, path)) for path, test in self._any)
