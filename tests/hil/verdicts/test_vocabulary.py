# SPDX-License-Identifier: Apache-2.0
"""The vocabulary of a bench is wide enough for everything that its trace holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hil.plan import read_scenario
from hil.run import Settings, run_scenario
from hil.trace import events
from hil.trace.events import Event
from hil.trace.query import read
from hil.verdicts.check import check
from hil.verdicts.judge import judge
from hil.verdicts.select import TYPES
from hil.verdicts.vocabulary import Described, Vocabulary, vocabulary
from interfaces.spec.load import shipped
from tests.hil.verdicts.records import requirement

FIXTURES = Path(__file__).parents[3] / "fixtures"
NAMES = ("machine", "before", "after", "cause", "message", "name", "source", "command", "result", "line", "what")


def test_a_real_trace_holds_nothing_but_the_vocabulary(tmp_path: Path) -> None:
    """Every name that an engagement records passes the check; and its stored trace gives the verdicts it had live."""
    path = FIXTURES / "scenarios" / "engagement.yaml"
    result = run_scenario(path, Settings(out=tmp_path))
    trace = list(read(tmp_path / "trace.jsonl"))
    plan = read_scenario(path)
    assert judge(plan.requirements, trace, result.end_ns) == result.verdicts
    names = {name for event in trace for name in _names(event)}
    assert len(names) > 100
    tracks = {"radar": range(1, 1001)}
    devices = [
        Described(one.name, one.icd, getattr(one.options, "cells", 0), tracks.get(one.icd.name, ()))
        for one in plan.devices
    ]
    words = vocabulary(devices, [line.name for line in plan.lines], shipped("interceptor"))
    assert [(name, found) for name in sorted(names, key=repr) for found in _wrong(name, words)] == []


def _names(event: Event) -> Iterator[tuple[str, str, Any]]:
    yield "note", "place", event.place
    kind = str(event.__struct_config__.tag)
    if kind in TYPES and kind != "wire":
        yield from ((kind, name, getattr(event, name)) for name in NAMES if hasattr(event, name))
    if isinstance(event, events.Message):
        yield from ((kind, event.message, f"fields.{name}") for name in event.fields)
        yield from (("label", f"fields.{name}", one) for name, one in event.fields.items() if isinstance(one, str))
    if isinstance(event, events.World):
        yield from ((kind, event.what, f"about.{name}") for name in event.about)


def _wrong(name: tuple[str, str, Any], words: Vocabulary) -> list[Any]:
    kind, key, value = name
    if key == "place":
        match = {"kind": kind, "place": value}
    elif kind == "label":
        match = {"kind": "message", "where": {key: value}}
    elif str(value).startswith(("fields.", "about.")):
        match = {"kind": kind, "where": {"message" if kind == "message" else "what": key, value: 1}}
    else:
        match = {"kind": kind, "where": {key: value}}
    return check([requirement("never", match=match)], words)
