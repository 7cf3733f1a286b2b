# SPDX-License-Identifier: Apache-2.0
"""Finds requirements that judge nothing, on whatever bench: no record can match, or every run passes.

Each finding is a path below the requirement (or none, for a value), the rule that is broken and the mend.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import msgspec

from hil.verdicts.model import Always, Count, Never, Requirement, Selector
from hil.verdicts.select import CONDITION_KEYS, TYPES, named

Told: TypeAlias = tuple[str, str]
Found: TypeAlias = Iterator[tuple[tuple[str, ...], str, str]]


def of_requirement(one: Requirement) -> Found:
    """What is wrong with a rule's own keys."""
    if isinstance(one, Count):
        if one.max is None and one.min == 0:
            yield ("rule",), "passes whatever is recorded", "give `min` or `max`"
        if one.max is not None and one.max < one.min:
            yield ("max",), "is below `min`", "make it `min` or more"
    elif isinstance(one, Always) and not one.holds:
        yield ("holds",), "passes whatever is recorded", "give the values that hold"
    elif isinstance(one, Never) and one.unless is None:
        for key in ("reset", "same"):
            if getattr(one, key) is not None:
                yield (key,), "says nothing without `unless`", f"give `unless`, or take `{key}` out"


def of_selector(selector: Selector) -> Found:
    """Whether its window is empty."""
    if selector.before_s is not None and selector.before_s <= selector.after_s:
        yield ("before_s",), "leaves no time to come in", f"make it later than `after_s` ({selector.after_s})"


def of_value(kind: str, name: str, wanted: Any) -> Iterator[Told]:
    """Whether a record of this kind can have that value below that name."""
    condition = wanted if isinstance(wanted, Mapping) and CONDITION_KEYS & set(wanted) else {}
    low, high = condition.get("min"), condition.get("max")
    if isinstance(low, int | float) and isinstance(high, int | float) and high < low:
        yield "`max` is below `min`", "make it `min` or more"
    if condition.get("in") == []:
        yield "`in` names no value", "name those that are wanted"
    expected = _ATTRIBUTES[kind].get(name)
    if expected is None:
        return
    words, fits = _EXPECTED[expected]
    for value in named(wanted):
        if not fits(value):
            yield f"{value!r} is no value of {name!r}", f"write {words}"
    if expected is str and {"min", "max"} & set(condition):
        yield f"{name!r} is no number", "take `min` and `max` out"


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _is_truth(value: Any) -> bool:
    return isinstance(value, int) and value in (False, True)


_EXPECTED = {str: ("text", _is_text), int: ("a number", _is_number), bool: ("true or false", _is_truth)}
# What the fields of a record are, where that is plain; below `fields`, `about` and `value` is what an ICD says.
_ATTRIBUTES = {
    kind: {one.name: one.type for one in msgspec.structs.fields(record) if one.type in _EXPECTED}
    for kind, record in TYPES.items()
}
