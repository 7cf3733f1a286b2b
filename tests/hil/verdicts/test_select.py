# SPDX-License-Identifier: Apache-2.0
"""Which records a selector chooses: by kind, place, values and instant."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from hil.trace.events import Edge, Framed, Message, Register
from hil.verdicts.model import Selector
from hil.verdicts.select import TYPES, Matcher
from interfaces.wire import NS_PER_S, Direction


def chosen(event: Any, kind: str, **keys: Any) -> bool:
    matcher = Matcher(msgspec.convert({"kind": kind, **keys}, Selector))
    return isinstance(event, matcher.event_type) and matcher.matches(event)


def message(**fields: Any) -> Message:
    return Message(5, "radar1", "serial", Direction.SENT, "track_report", fields)


def test_every_kind_has_its_record() -> None:
    """Each kind that a selector can name is one kind of record, by that record's own tag or its plain name."""
    kinds = msgspec.json.schema(Selector)["$defs"]["Selector"]["properties"]["kind"]["enum"]
    assert sorted(kinds) == sorted(TYPES)
    assert {kind: one.__struct_config__.tag for kind, one in TYPES.items()} == {kind: kind for kind in kinds}


@pytest.mark.parametrize(
    ("pattern", "place", "wanted"),
    [
        ("*", "radar1.track3", True),
        ("radar1.track*", "radar1.track3", True),
        ("radar1.track*", "radar1", False),
        ("*.cell1", "land1.cell1", True),
        ("*.cell1", "land1.cell10", False),
        ("land1", "land1", True),
        ("land1", "land1.cell1", False),
        ("land?", "land1", False),
        ("LAND*", "land1", False),
    ],
)
def test_places(pattern: str, place: str, wanted: bool) -> None:
    """A name is that place only; a pattern knows `*`, and upper case is not lower case."""
    assert chosen(Edge(0, place, "release", True), "edge", place=pattern) is wanted


@pytest.mark.parametrize(
    ("value", "condition", "wanted"),
    [
        (5, 5, True),
        (5, "5", False),
        (5, {"min": 5}, True),
        (5, {"min": 6}, False),
        (5, {"max": 5}, True),
        (5, {"max": 4}, False),
        (5, {"min": 4, "max": 6, "not": 5}, False),
        ("high", {"in": ["high", "raised"]}, True),
        ("normal", {"in": ["high", "raised"]}, False),
        ("normal", {"not": "high"}, True),
        ("high", {"not": "high"}, False),
        (None, {"not": None}, False),
        (0, {"not": None}, True),
        ("text", {"min": 1}, False),
        ((1, 2), [1, 2], True),
        ([1, 2], [1, 2], True),
        (float("nan"), None, True),
        (float("nan"), {"min": 0}, False),
        (float("inf"), {"min": 0}, False),
        ({"min": 1, "other": 2}, {"min": 1, "other": 2}, True),
    ],
)
def test_values(value: Any, condition: Any, wanted: bool) -> None:
    """Equality, bounds, sets and their opposite; what JSON can't say is judged as the stored trace has it."""
    event = Register(0, "land1", "cells", value, "peer")
    assert chosen(event, "register", where={"value": condition}) is wanted
    stored = msgspec.json.decode(msgspec.json.encode(event), type=Register)
    assert chosen(stored, "register", where={"value": condition}) is wanted


def test_a_name_that_is_not_there_is_never_chosen() -> None:
    """Neither by equality with null nor by `not`."""
    for condition in (None, {"not": 1}, {"not": None}, {"min": 0}, {"any": {"a": 1}}):
        assert not chosen(message(range=5), "message", where={"fields.bearing": condition})
        assert not chosen(message(range=5), "message", where={"fields.range.more": condition})


def test_an_enumeration_is_its_value() -> None:
    """A direction is written as it stands in the trace."""
    frame = Framed(0, "land1", "rtu", Direction.SENT, 0, 1, "03")
    assert chosen(frame, "frame", where={"direction": "sent"})
    assert not chosen(frame, "frame", where={"direction": "received"})


@pytest.mark.parametrize("tracks", [[{"id": 1, "s": {"x": 1}}, {"id": 2, "s": {"x": 5}}], ()])
@pytest.mark.parametrize("sequence", [list, tuple])
def test_any_element_of_a_list(tracks: Any, sequence: type) -> None:
    """`any` wants one element with all the values, deeper ones and conditions too."""
    event = message(tracks=sequence(tracks))
    there = bool(tracks)
    assert chosen(event, "message", where={"fields.tracks": {"any": {"id": 2, "s.x": 5}}}) is there
    assert chosen(event, "message", where={"fields.tracks": {"any": {"s.x": {"min": 2}}}}) is there
    assert not chosen(event, "message", where={"fields.tracks": {"any": {"id": 1, "s.x": 5}}})
    assert not chosen(event, "message", where={"fields.tracks": {"any": {"s.y": 5}}})


@pytest.mark.parametrize("value", ["abc", 5, None, {"id": 1}, [1, 2], ["id"]])
def test_any_of_what_is_no_list_of_groups(value: Any) -> None:
    """It is not chosen, and nothing fails."""
    assert not chosen(message(tracks=value), "message", where={"fields.tracks": {"any": {"id": 1}}})


@pytest.mark.parametrize(("off_ns", "after", "before"), [(-1, False, True), (0, True, False), (1, True, False)])
def test_instants(off_ns: int, after: bool, before: bool) -> None:
    """`after_s` is included, `before_s` is not; both are exact for their decimal text."""
    event = Edge(int(1.1 * NS_PER_S) + off_ns, "land1", "release", True)
    assert chosen(event, "edge", after_s=1.1) is after
    assert chosen(event, "edge", before_s=1.1) is before
