# SPDX-License-Identifier: Apache-2.0
"""Every mistake of a file in one run, each with its line; the published schema is that of the model."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from interfaces.errors import BenchError, InputError
from interfaces.spec import schema, source
from interfaces.spec.check import missing_bodies
from interfaces.spec.load import FOLDER, icd_hash, load, shipped, shipped_names

MISTAKES = Path(__file__).with_name("mistakes.yaml")


def findings(path: Path) -> list[tuple[int, str]]:
    with pytest.raises(InputError) as caught:
        load(path)
    return [(one.line, one.rule) for one in caught.value.findings]


def test_all_mistakes_at_once() -> None:
    """The findings are those that the file's own comments announce: on those lines, all, and no others."""
    announced = [
        (number, rule.strip())
        for number, line in enumerate(MISTAKES.read_text().splitlines(), 1)
        if number > 2
        for rule in line.split("#!")[1:]
    ]
    found = findings(MISTAKES)
    assert len(announced) >= 20
    unannounced = [one for one in found if not any(line == one[0] and rule in one[1] for line, rule in announced)]
    unfound = [one for one in announced if not any(line == one[0] and one[1] in rule for line, rule in found)]
    assert (unannounced, unfound) == ([], [])
    assert len(found) == len(announced)


def test_findings_say_it_all() -> None:
    """A finding names file, line, key, value, rule and mend, and reads as one line."""
    with pytest.raises(InputError) as caught:
        load(MISTAKES)
    (one,) = [one for one in caught.value.findings if "'mod'" in one.rule]
    assert (one.key, one.value, one.mend) == ("messages.messages.go.fields[0].enum", "'mod'", "did you mean 'mode'?")
    assert re.fullmatch(r".*mistakes\.yaml:\d+: messages\.messages\.go\.fields\[0\]\.enum \('mod'\): .*; .*", str(one))
    lines = [finding.line for finding in caught.value.findings]
    assert lines == sorted(lines)


def test_unknown_shipped_icd() -> None:
    with pytest.raises(BenchError, match="there is no shipped ICD 'rada'"):
        shipped("rada")


def test_hash_is_of_the_bytes(tmp_path: Path) -> None:
    """One byte more is another file."""
    path = tmp_path / "icd.yaml"
    path.write_bytes(MISTAKES.read_bytes())
    assert icd_hash(path) == icd_hash(MISTAKES)
    path.write_bytes(MISTAKES.read_bytes() + b"\n")
    assert icd_hash(path) != icd_hash(MISTAKES)


def test_published_schema_is_the_models(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is up to date; one that is not is told, with the command that mends it."""
    assert schema.main(["--check"]) == 0
    monkeypatch.setattr(schema, "schema", lambda: {"title": "another"})
    assert schema.main(["--check"]) == 1
    assert schema.MEND in capsys.readouterr().err


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_icds_fit_the_published_schema(name: str) -> None:
    """A standard validator, with the published file alone, takes them."""
    published = json.loads(schema.PATH.read_text())
    jsonschema.Draft202012Validator.check_schema(published)
    jsonschema.validate(source.read(FOLDER / f"{name}.yaml").data, published)


def test_published_schema_refuses_what_the_loader_refuses() -> None:
    """The structural mistakes of the file of mistakes are mistakes for the schema too."""
    published = json.loads(schema.PATH.read_text())
    errors = list(jsonschema.Draft202012Validator(published).iter_errors(source.read(MISTAKES).data))
    assert sorted(error.validator for error in errors) == ["additionalProperties", "pattern"]


def test_missing_bodies() -> None:
    """Every guard and effect that code lacks, of machines and of registers, by name."""
    icd = shipped("radar")
    rows = icd.machines["radar"].transitions + icd.machines["track"].transitions
    guards = {row.guard for row in rows if row.guard}
    effects = {row.effect for row in rows if row.effect}
    assert missing_bodies(icd, guards, effects) == []
    assert missing_bodies(icd, guards - {"faulty"}, effects - {"start"}) == ["guard faulty", "effect start"]
    assert "effect hold_fire" in missing_bodies(shipped("launcher"), (), ())
