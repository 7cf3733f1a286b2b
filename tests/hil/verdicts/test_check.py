# SPDX-License-Identifier: Apache-2.0
"""A requirement that names what no record can hold is a finding with the nearest right name, and nothing else is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from hil.plan import read_scenario
from hil.verdicts.check import check
from interfaces.errors import InputError
from tests.hil.verdicts.records import ANSWER, EDGE, requirement
from tests.hil.verdicts.words import WORDS, mistakes, of

FIXTURES = Path(__file__).parents[3] / "fixtures"


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
        (
            "state",
            {"cause": "heartbeat_lots"},
            "cause",
            "'heartbeat_lots' is no cause of a move of a machine of these ICDs",
        ),
        (
            "state",
            {"machine": "radar", "cause": "heartbeat_lost"},
            "cause",
            "'heartbeat_lost' is no cause of a move of radar; known: fault_found, forced, none_confirmed",
        ),
        (
            "message",
            {"message": "set_posture", "fields.posture": "rased"},
            "fields.posture",
            "'rased' is no label of posture; did you mean 'raised'?",
        ),
        ("message", {"fields.posture": {"not": "hihg"}}, "fields.posture", "'hihg' is no label of posture"),
        (
            "message",
            {"message": "status", "fields.state": "confirmed"},
            "fields.state",
            "'confirmed' is no label of state; known:",
        ),
        (
            "message",
            {"fields.tracks": {"any": {"state": {"in": ["confirmed", "confirmd"]}}}},
            "fields.tracks.any.state",
            "'confirmd' is no label of tracks.state; did you mean 'confirmed'?",
        ),
        (
            "message",
            {"fields.tracks": {"any": {"range": {"min": 1, "maxx": 2}}}},
            "fields.tracks.any.range",
            "a condition has no 'maxx'; did you mean 'max'?",
        ),
        (
            "answer",
            {"result": "dnoe"},
            "result",
            "'dnoe' is no result of a command of these ICDs",
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
        ("answer", {"result": {"in": ["stale_sequence", "wrong_state", "switched_off", "none"]}}),
        ("state", {"machine": "launcher", "cause": {"in": ["timeout", "heartbeat_lost", "forced"]}}),
        ("state", {"machine": {"not": "launcher"}, "cause": "heartbeat_lost"}),
        ("message", {"message": "ack", "fields.command": "abort"}),
        ("message", {"fields.state": "step_release", "fields.posture": 2}),
        ("world", {"about.target": "raider"}),
        ("frame", {"direction": "sent", "unit": 1, "start_ns": {"min": 5}}),
        ("disturb", {"what": "anything", "value": [1, 2]}),
    ],
)
def test_names_that_can_be(kind: str, where: dict[str, Any]) -> None:
    """No finding."""
    assert of(kind, where=where) == []


def test_a_user_s_own_places_hold_any_name() -> None:
    """Nobody knows which machines and messages they record; a name of the record itself is known."""
    where = {"machine": "motor", "after": "running", "cause": "key"}
    assert of("state", place="mine.motor", where=where) == []
    assert of("message", place="controller", where={"message": "plan", "fields.step": "one"}) == []
    assert of("answer", place="mine", where={"command": "turn", "result": "stuck"}) == []
    assert len(of("state", place="land1", where=where)) == 3
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
    assert [one[1] for one in mistakes("order", steps=[EDGE, ANSWER], same="line")] == [
        "a record of kind answer has no 'line'"
    ]


def test_ids_are_unique() -> None:
    """The second of two is the finding, and names the first."""
    one = requirement("never", match=EDGE)
    (found,) = check([one, msgspec.structs.replace(one, id="TST-2"), one], WORDS)
    assert (found.path, found.rule) == ((2, "id"), "is the id of requirement 1 too")


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
