# SPDX-License-Identifier: Apache-2.0
"""A requirement that no record can meet, or that every run meets, is a finding on whatever bench."""

from __future__ import annotations

from typing import Any

import pytest

from tests.hil.verdicts.records import ANSWER, EDGE
from tests.hil.verdicts.words import mistakes, of


@pytest.mark.parametrize(
    ("kind", "where", "rule", "mend"),
    [
        ("edge", {"active": "on"}, "'on' is no value of 'active'", "write true or false"),
        ("edge", {"active": 2}, "2 is no value of 'active'", "write true or false"),
        ("edge", {"active": {"not": "yes"}}, "'yes' is no value of 'active'", "write true or false"),
        ("note", {"text": True}, "True is no value of 'text'", "write text"),
        ("note", {"text": {"in": ["ended", None]}}, "None is no value of 'text'", "write text"),
        ("note", {"text": {"min": 3}}, "'text' is no number", "take `min` and `max` out"),
        ("frame", {"unit": "one"}, "'one' is no value of 'unit'", "write a number"),
        ("frame", {"unit": {"min": 3, "max": 2}}, "`max` is below `min`", "make it `min` or more"),
        ("message", {"fields.sequence": {"min": 3, "max": 2}}, "`max` is below `min`", "make it `min` or more"),
        ("register", {"value": {"in": []}}, "`in` names no value", "name those that are wanted"),
    ],
)
def test_a_value_that_cannot_be(kind: str, where: dict[str, Any], rule: str, mend: str) -> None:
    """No record has it, so that a `never` would pass for ever."""
    assert of(kind, where=where) == [(f"where.{next(iter(where))}", rule, mend)]


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        ("edge", {"active": False}),
        ("edge", {"active": 1}),
        ("frame", {"unit": {"min": 2, "max": 2}, "time_ns": 5.0}),
        ("connection", {"up": {"not": True}, "text": ""}),
        ("register", {"value": {"any": {"low": 1}}}),
    ],
)
def test_a_value_that_can_be(kind: str, where: dict[str, Any]) -> None:
    """No finding; 1 is true."""
    assert of(kind, where=where) == []


def test_a_window_that_is_empty() -> None:
    """`before_s` must be later than `after_s`; nothing comes in between otherwise."""
    for after_s, before_s in ((5, 5), (5, 4.9), (0, 0)):
        (found,) = of("note", after_s=after_s, before_s=before_s)
        assert found == ("before_s", "leaves no time to come in", f"make it later than `after_s` ({after_s})")
    assert of("note", after_s=5, before_s=5.000001) == []
    (found,) = mistakes("order", steps=[EDGE, {**EDGE, "after_s": 2, "before_s": 1}])
    assert found[0] == (0, "steps", 1, "before_s")


@pytest.mark.parametrize(
    ("rule", "keys", "key"),
    [
        ("count", {"match": EDGE}, "rule"),
        ("count", {"match": EDGE, "min": 3, "max": 2}, "max"),
        ("always", {"of": EDGE, "holds": {}}, "holds"),
        ("never", {"match": EDGE, "reset": EDGE}, "reset"),
        ("never", {"match": EDGE, "same": "place"}, "same"),
    ],
)
def test_a_requirement_that_judges_nothing(rule: str, keys: dict[str, Any], key: str) -> None:
    """Its verdict would be the same whatever is recorded, or a key of it does nothing."""
    (found,) = mistakes(rule, **keys)
    assert found[0] == (0, key)


def test_a_requirement_that_judges_something() -> None:
    """The same with what it lacked."""
    for keys in ({"min": 1}, {"max": 0}, {"min": 2, "max": 2}):
        assert mistakes("count", match=EDGE, **keys) == []
    assert mistakes("always", of=EDGE, holds={"active": True}) == []
    assert mistakes("never", match=EDGE, unless=ANSWER, reset=EDGE, same="place") == []
