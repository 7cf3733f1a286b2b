# SPDX-License-Identifier: Apache-2.0
"""A requirement that names what no record can hold is a finding with the nearest right name, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hil.plan import read_scenario
from hil.run import Settings, run_scenario
from hil.trace import events
from hil.trace.events import Event
from hil.trace.query import read
from hil.verdicts.check import check
from hil.verdicts.judge import judge
from hil.verdicts.select import TYPES
from hil.verdicts.vocabulary import Described, Vocabulary, vocabulary
from interfaces.errors import InputError
from interfaces.spec.load import shipped
from tests.hil.verdicts.records import ANSWER, EDGE, requirement

FIXTURES = Path(__file__).parents[3] / "fixtures"
RADAR, LAUNCHER = shipped("radar"), shipped("launcher")
WORDS = vocabulary(
    [
        Described("radar1", RADAR, tracks=range(1, 1001)),
        Described("land1", LAUNCHER, cells=4),
        Described("mine", LAUNCHER, foreign=True),
    ],
    ["bus"],
    shipped("interceptor"),
)


def mistakes(rule: str, **keys: Any) -> list[tuple[Any, ...]]:
    return [msgspec.structs.astuple(one) for one in check([requirement(rule, **keys)], WORDS)]


def of(kind: str, **keys: Any) -> list[tuple[Any, ...]]:
    """The mistakes of one selector, without the path to it."""
    found = mistakes("never", match={"kind": kind, **keys})
    return [(".".join(map(str, path[2:])), rule, mend) for path, rule, mend in found]


@pytest.mark.parametrize(
    "place",
    [
        *("*", "land1", "land1.cell4", "land1.umbilical1", "*.cell4", "radar1.track7", "radar1.track*"),
        *(
            "radar1.track1000",
            "bus",
            "bus.controller",
            "world",
            "bench",
            "script",
            "clock",
            "controller",
            "l*",
            "*ell*",
        ),
        *("mine", "mine.motor", "mine.*", "min*", "controller.anything"),
    ],
)
def test_a_place_that_can_be(place: str) -> None:
    """Devices, cells, tracks, lines, the bench's own places; below a user's own device anything."""
    assert of("note", place=place) == []


@pytest.mark.parametrize(
    ("place", "mend"),
    [
        ("lnd1", "did you mean 'land1'?"),
        ("land1.cell5", "did you mean 'land1.cell4'?"),
        ("radar1.track1001", "did you mean 'radar1.track1'?"),
        ("radar2.track*", "did you mean 'radar1.track1'?"),
        ("land*.cell9", "did you mean 'land1.cell4'?"),
        ("mine2", "did you mean 'mine'?"),
        ("Land1", "did you mean 'land1'?"),
    ],
)
def test_a_place_that_cannot_be(place: str, mend: str) -> None:
    """The finding names the nearest place; a pattern must match something."""
    assert of("note", place=place) == [("place", "is no place of this bench", mend)]


@pytest.mark.parametrize(
    ("kind", "where", "key", "rule"),
    [
        ("state", {"machine": "lancher"}, "machine", "'lancher' is no machine of these ICDs; did you mean 'launcher'?"),
        ("state", {"machine": 5}, "machine", "5 is no machine of these ICDs"),
        ("state", {"after": "redy"}, "after", "'redy' is no state of a machine of these ICDs; did you mean 'ready'?"),
        (
            "state",
            {"machine": "track", "after": {"in": ["confirmed", "redy"]}},
            "after",
            "'redy' is no state of track; known: coasting, confirmed, dropped, tentative",
        ),
        ("state", {"machine": "radar", "before": {"not": "ready"}}, "before", "'ready' is no state of radar"),
        ("state", {"state": "ready"}, "state", "a record of kind state has no 'state'"),
        ("state", {"after.x": "ready"}, "after.x", "'after' has no names below it; write 'after'"),
        ("message", {"message": "statsu"}, "message", "'statsu' is no message of these ICDs; did you mean 'status'?"),
        ("message", {"direction": "recieved"}, "direction", "'recieved' is no direction; did you mean 'received'?"),
        ("message", {"fields.postur": 1}, "fields.postur", "there is no 'postur' in fields; did you mean 'posture'?"),
        (
            "message",
            {"message": "set_mode", "fields.posture": "high"},
            "fields.posture",
            "there is no 'posture' in fields",
        ),
        (
            "message",
            {"fields.tracks": {"any": {"rnge": {"min": 1}}}},
            "fields.tracks.any.rnge",
            "there is no 'tracks.rnge' in fields; did you mean 'tracks.range'?",
        ),
        ("register", {"name": "stat"}, "name", "'stat' is no register of these ICDs; did you mean 'state'?"),
        ("register", {"source": "wire"}, "source", "'wire' is no source of a register's value"),
        ("answer", {"command": "fyre"}, "command", "'fyre' is no command of these ICDs; did you mean 'fire'?"),
        ("edge", {"line": "relase"}, "line", "'relase' is no discrete line of these ICDs; did you mean 'release'?"),
        ("world", {"what": "apeared"}, "what", "'apeared' is no event of the world; did you mean 'appeared'?"),
        ("world", {"what": "away", "about.result": "hit"}, "about.result", "there is no 'result' in about"),
        ("register", {"value": {"min": 1, "maxx": 2}}, "value", "a condition has no 'maxx'; did you mean 'max'?"),
        ("register", {"value": {"min": "one"}}, "value", "is no condition: Expected"),
        ("register", {"value": {"in": 5}}, "value", "is no condition: Expected"),
    ],
)
def test_a_name_that_cannot_be(kind: str, where: dict[str, Any], key: str, rule: str) -> None:
    """One finding, at the key, with the rule and the nearest right name; at the user's own places none but of form."""
    (found,) = of(kind, where=where)
    assert found[0] == f"where.{key}"
    assert f"{found[1]}; {found[2]}".startswith(rule)


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        ("state", {"machine": "cell", "after": "dud"}),
        ("state", {"machine": "sequencer", "after": {"not": "safe"}}),
        ("state", {"machine": {"in": ["cell", "track"]}, "after": {"in": ["dud", "dropped"]}}),
        ("state", {"machine": {"not": "cell"}, "after": "confirmed"}),
        ("message", {"message": {"in": ["ack", "status"]}, "fields.posture": {"not": "high"}, "fields.sequence": 1}),
        ("message", {"fields.tracks": {"any": {"state": "confirmed", "range": {"max": 5}}}}),
        ("register", {"name": "hold_fire_coil", "value": True, "source": "peer"}),
        ("register", {"name": {"in": ["events", "cell_state", "local_key"]}, "value": {"min": 1, "max": 2}}),
        ("answer", {"command": "set_posture", "result": {"not": "done"}}),
        ("world", {"about.target": "raider"}),
        ("frame", {"direction": "sent", "unit": 1, "start_ns": {"min": 5}}),
        ("disturb", {"what": "anything", "value": [1, 2]}),
    ],
)
def test_names_that_can_be(kind: str, where: dict[str, Any]) -> None:
    """No finding."""
    assert of(kind, where=where) == []


@pytest.mark.parametrize(
    ("kind", "where", "rule", "mend"),
    [
        ("edge", {"active": "on"}, "'on' is no value of 'active'", "write true or false"),
        ("edge", {"active": 2}, "2 is no value of 'active'", "write true or false"),
        ("edge", {"active": {"not": "yes"}}, "'yes' is no value of 'active'", "write true or false"),
        ("state", {"cause": True}, "True is no value of 'cause'", "write text"),
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


def test_a_user_s_own_places_hold_any_name() -> None:
    """Nobody knows which machines and messages they record; a name of the record itself is known."""
    where = {"machine": "motor", "after": "running"}
    assert of("state", place="mine.motor", where=where) == []
    assert of("message", place="controller", where={"message": "plan", "fields.step": 1}) == []
    assert len(of("state", place="land1", where=where)) == 2
    assert [one[0] for one in of("state", place="mine", where={"machin": "motor"})] == ["where.machin"]


def test_every_selector_of_every_rule_is_checked() -> None:
    """The path is the one in the file: `from`, a step's index, `holds`."""
    bad = {"kind": "note", "place": "nowhere"}

    def paths(rule: str, **keys: Any) -> list[Any]:
        return [path[1:] for path, *_ in mistakes(rule, **keys)]

    assert paths("response", trigger=bad, response=bad, within_ms=1) == [("trigger", "place"), ("response", "place")]
    assert paths("never", match=bad, unless=bad, reset=bad) == [(key, "place") for key in ("match", "unless", "reset")]
    always = paths("always", of=bad, holds={"txt": 1}, until=bad, **{"from": bad})
    assert sorted(always) == [("from", "place"), ("holds", "txt"), ("of", "place"), ("until", "place")]
    assert paths("order", steps=[EDGE, bad, bad]) == [("steps", 1, "place"), ("steps", 2, "place")]
    assert (
        paths("count", match=bad, max=1)
        == paths("rate", match=bad, period_ms=1, tolerance_ms=0)
        == [("match", "place")]
    )


def test_same_must_be_a_name_of_both() -> None:
    """A value that only the trigger has joins nothing."""
    (found,) = mistakes("response", trigger=EDGE, response=ANSWER, within_ms=1, same="active")
    assert found[:2] == ((0, "same"), "a record of kind answer has no 'active'")
    assert mistakes("response", trigger=EDGE, response=ANSWER, within_ms=1, same="place") == []


def test_ids_are_unique() -> None:
    """The second of two is the finding, and names the first."""
    one = requirement("never", match=EDGE)
    (found,) = check([one, msgspec.structs.replace(one, id="TST-2"), one], WORDS)
    assert (found.path, found.rule) == ((2, "id"), "is the id of requirement 1 too")


NAMES = ("machine", "before", "after", "message", "name", "source", "command", "line", "what")


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
    if isinstance(event, events.World):
        yield from ((kind, event.what, f"about.{name}") for name in event.about)


def _wrong(name: tuple[str, str, Any], words: Vocabulary) -> list[Any]:
    kind, key, value = name
    if key == "place":
        match = {"kind": kind, "place": value}
    elif str(value).startswith(("fields.", "about.")):
        match = {"kind": kind, "where": {"message" if kind == "message" else "what": key, value: 1}}
    else:
        match = {"kind": kind, "where": {key: value}}
    return check([requirement("never", match=match)], words)


SCENARIO = """\
scenario: 1
name: wrong
title: Wrong
bench: ../benches/pair.yaml
duration_s: 1
requirements:
  - id: TST-1
    text: A name that is wrong in three ways.
    rule: response
    trigger:
      kind: state
      place: lnd1
      where: {after: redy}
    response:
      kind: message
      where:
        message: statsu
    within_ms: 5
  - id: TST-2
    text: Not expected.
    rule: never
    match: {kind: note}
expect: {TST-1: pass}
"""


def test_findings_of_a_scenario_carry_file_and_line(tmp_path: Path) -> None:
    """Read as a file, each mistake is told with its line; so is a requirement that `expect` forgets."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "benches").mkdir()
    (tmp_path / "benches" / "pair.yaml").write_text((FIXTURES / "benches" / "pair.yaml").read_text())
    path = tmp_path / "scenarios" / "wrong.yaml"
    path.write_text(SCENARIO)
    with pytest.raises(InputError) as caught:
        read_scenario(path)
    assert [(one.line, one.key) for one in caught.value.findings] == [
        (12, "requirements[0].trigger.place"),
        (13, "requirements[0].trigger.where.after"),
        (17, "requirements[0].response.where.message"),
        (19, "requirements[1].id"),
    ]
    assert str(caught.value.findings[0]) == (
        f"{path}:12: requirements[0].trigger.place ('lnd1'): is no place of this bench; did you mean 'land1'?"
    )
