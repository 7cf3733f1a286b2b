# SPDX-License-Identifier: Apache-2.0
"""What is wrong in a scenario or its bench is found before anything is opened, with its line and a mend."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from hil.plan import read_bench, read_scenario
from hil.scenario.load import kind_of, load_bench, load_scenario
from hil.scenario.model import seconds_to_ns
from interfaces.errors import Finding, InputError

FIXTURES = Path(__file__).parents[3] / "fixtures"
GONE = "(gone)"

BENCH: dict[str, Any] = {
    "bench": 1,
    "name": "pair",
    "devices": {"radar1": {"kind": "radar"}, "land1": {"kind": "launcher", "options": {"variant": "land", "cells": 2}}},
    "lines": {
        "radar": {"medium": "serial", "serial": "radar.line", "taps": ["radar1.serial", "controller.radar"]},
        "bus": {"medium": "rs485", "bit_rate_bps": 19200, "taps": ["land1.rtu", "controller.bus"]},
        "net": {"medium": "tcp", "server": "land1.tcp", "client": "controller.net"},
    },
}
SCENARIO: dict[str, Any] = {
    "scenario": 1,
    "name": "one",
    "title": "One",
    "bench": "../benches/pair.yaml",
    "duration_s": 10,
    "controller": {"command": ["true"]},
    "events": [{"at_s": 10, "place": "land1", "disturb": "local_key", "value": False}],
    "requirements": [{"id": "ONE-1", "text": "Nothing.", "rule": "never", "match": {"kind": "note"}}],
    "expect": {"ONE-1": "pass"},
}
TCP_ON_BUS = {"medium": "rs485", "bit_rate_bps": 9600, "taps": ["land1.tcp", "controller.bus"]}


class Case(NamedTuple):
    """One place of a file changed, and the finding it must bring."""

    change: str
    value: Any
    key: str
    rule: str
    mend: str = ""


IN_BENCH = [
    Case("devises", {}, "devises", "no such key", "did you mean 'devices'?"),
    Case("lines.bus.tap", [], "lines.bus.tap", "no such key", "did you mean 'taps'?"),
    Case("devices.radar1.knd", 1, "devices.radar1.knd", "no such key", "did you mean 'kind'?"),
    Case("name", GONE, "(file)", "the key 'name' is missing"),
    Case("lines.bus.medium", "rs458", "lines.bus.medium", "must be one of", "did you mean 'rs485'?"),
    Case("devices.radar1.kind", "rader", "devices.radar1.kind", "rader"),
    Case("devices.radar1.icd", "rader", "devices.radar1.icd", "there is no ICD 'rader'", "did you mean 'radar'?"),
    Case("devices.radar1.icd", "/etc/a.yaml", "devices.radar1.icd", "leaves the folder"),
    Case("devices.radar1.icd", "../../a.yaml", "devices.radar1.icd", "leaves the folder"),
    Case("devices.radar1.icd", "a.yaml", "devices.radar1.icd", "there is no such file"),
    Case("devices.land1.options.cell", 1, "devices.land1.options.cell", "no such key", "did you mean 'cells'?"),
    Case("devices.world", {"kind": "radar"}, "devices.world", "is the name of another part of every bench"),
    Case("lines.radar.serial", "radar.lin", "lines.radar.serial", "is no serial section", "did you mean 'radar.line'?"),
    Case("lines.radar.serial", GONE, "lines.radar", "needs `serial:`"),
    Case("lines.radar.bit_rate_bps", 9600, "lines.radar", "needs `serial:`"),
    Case("lines.radar.taps.0", "rader1.serial", "lines.radar.taps[0]", "names no device", "did you mean 'radar1'?"),
    Case("lines.radar.taps.0", "radar1", "lines.radar.taps[0]", "must match"),
    Case("lines.radar.taps.0", "radar1.sereal", "lines.radar.taps[0]", "no port 'sereal'", "did you mean 'serial'?"),
    Case("lines", {"bus": TCP_ON_BUS}, "lines.bus.taps[0]", "can't be on a rs485 line", "known: rtu"),
    Case("lines.bus.taps.1", "controller.radar", "lines.bus.taps[1]", "is already an end of line 'radar'"),
    Case("lines.bus.taps.1", "land1.rtu", "lines.bus.taps[1]", "is already an end of line 'bus'"),
    Case("lines.radar.taps", ["radar1.serial"], "lines.radar", "has at least two taps"),
    Case("lines.radar.taps.2", "controller.b", "lines.radar.taps", "joins exactly two ends"),
    Case("lines.net.client", GONE, "lines.net", "one server and one client"),
    Case("lines.net.taps", ["land1.rtu"], "lines.net", "one server and one client"),
    Case("lines.bus.server", "land1.tcp", "lines.bus", "no server or client"),
    Case("lines.land1", BENCH["lines"]["net"], "lines.land1", "is the name of another part"),
]
IN_SCENARIO = [
    Case("durations_s", 1, "durations_s", "no such key", "did you mean 'duration_s'?"),
    Case("events.0.at", 1, "events[0].at", "no such key", "did you mean 'at_s'?"),
    Case("duration_s", -1, "duration_s", "at least 0"),
    Case("bench", "/pair.yaml", "bench", "leaves the folder"),
    Case("bench", "../../pair.yaml", "bench", "leaves the folder"),
    Case("bench", "../benches/../../../x", "bench", "leaves the folder"),
    Case("bench", "../benches/pare.yaml", "bench", "there is no such file"),
    Case("bench", "../benches", "bench", "there is no such file"),
    Case("bench", "x" * 5000, "bench", "is no path"),
    Case("bench", "a\0b", "bench", "is no path"),
    Case("controller", {"command": ["true"], "python": "m:C"}, "controller", "needs `python:` or `command:`"),
    Case("controller", {}, "controller", "needs `python:` or `command:`"),
    Case("controller", {"python": "nowhere.py:C"}, "controller.python", "nowhere.py"),
    Case("events.0.place", "lant1", "events[0].place", "is no place of this bench", "did you mean 'land1'?"),
    Case("events.0.disturb", "locl_key", "events[0].disturb", "can't carry it", "did you mean 'local_key'?"),
    Case("events.0.place", "controller", "events[0].disturb", "controller can't carry it"),
    Case("events.0.at_s", 10.5, "events[0].at_s", "comes after the end, at 10 s"),
    Case("expect", {"ONE-2": "pass"}, "expect.ONE-2", "names no requirement", "did you mean 'ONE-1'?"),
    Case("requirements.0.rule", "nevr", "requirements[0].rule", "must be one of", "did you mean 'never'?"),
    Case("world", {"targts": []}, "world.targts", "no such key", "did you mean 'targets'?"),
]


def changed(data: dict[str, Any], one: Case) -> dict[str, Any]:
    data = copy.deepcopy(data)
    *path, last = [int(key) if key.isdigit() else key for key in one.change.split(".")]
    value: Any = data
    for key in path:
        value = value[key]
    if one.value is GONE:
        del value[last]
    elif isinstance(value, list) and last == len(value):
        value.append(one.value)
    else:
        value[last] = one.value
    return data


@pytest.fixture
def files(tmp_path: Path) -> Callable[[dict[str, Any], dict[str, Any]], Path]:
    """Writes a bench and a scenario, side by side as in our own folders; gives the scenario's path."""

    def write(bench: dict[str, Any], scenario: dict[str, Any]) -> Path:
        for folder, name, data in (("benches", "pair", bench), ("scenarios", "one", scenario)):
            (tmp_path / "all" / folder).mkdir(parents=True)
            (tmp_path / "all" / folder / f"{name}.yaml").write_text(yaml.safe_dump(data, sort_keys=False))
        (tmp_path / "pair.yaml").write_text("bench: 1")
        return tmp_path / "all" / "scenarios" / "one.yaml"

    return write


def refused(path: Path) -> list[Finding]:
    with pytest.raises(InputError) as caught:
        read_scenario(path)
    return list(caught.value.findings)


def check(found: list[Finding], one: Case, file: str) -> None:
    (finding,) = [each for each in found if each.key == one.key and one.rule in each.rule]
    assert finding.file.endswith(file)
    assert finding.mend
    assert one.mend in finding.mend
    text = Path(finding.file).read_text().splitlines()[finding.line - 1]
    word = one.key.rpartition(".")[2]
    assert f"{word}:" in text or "[" in word or word == "(file)"


@pytest.mark.parametrize("one", IN_BENCH, ids=lambda one: f"{one.change}={one.value!r:.20}")
def test_mistake_in_a_bench(one: Case, files: Callable[..., Path]) -> None:
    """It is found by way of the scenario, and alike in the bench alone."""
    path = files(changed(BENCH, one), SCENARIO)
    check(refused(path), one, "pair.yaml")
    with pytest.raises(InputError) as caught:
        read_bench(path.parent.parent / "benches" / "pair.yaml")
    check(list(caught.value.findings), one, "pair.yaml")


@pytest.mark.parametrize("one", IN_SCENARIO, ids=lambda one: f"{one.change}={one.value!r:.20}")
def test_mistake_in_a_scenario(one: Case, files: Callable[..., Path]) -> None:
    check(refused(files(BENCH, changed(SCENARIO, one))), one, "one.yaml")


def test_what_is_right_is_read(files: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """From anywhere: the path may be relative to the working folder, even a bare name."""
    path = files(BENCH, SCENARIO)
    plan = read_scenario(path)
    assert [device.name for device in plan.devices] == ["radar1", "land1"]
    monkeypatch.chdir(path.parent)
    assert read_scenario(Path("one.yaml")).bench == "pair"
    monkeypatch.chdir(path.parent.parent)
    assert read_scenario(Path("scenarios/one.yaml")).bench == "pair"


def test_mistakes_of_both_files_together(files: Callable[..., Path]) -> None:
    """Even where the scenario's own structure is wrong, its bench is looked at in the same run."""
    bench, scenario = copy.deepcopy(BENCH), copy.deepcopy(SCENARIO)
    bench["devises"], scenario["titel"] = 1, 2
    found = refused(files(bench, scenario))
    assert [(Path(one.file).name, one.key) for one in found] == [("one.yaml", "titel"), ("pair.yaml", "devises")]


def test_a_wrong_device_is_told_once(files: Callable[..., Path]) -> None:
    """An event at a device that could not be read brings no finding of its own."""
    bench = copy.deepcopy(BENCH)
    bench["devices"]["land1"]["options"]["cells"] = "two"
    assert [one.key for one in refused(files(bench, SCENARIO))] == ["devices.land1.options.cells"]


def test_a_link_out_of_the_folder(files: Callable[..., Path]) -> None:
    """A symbolic link is judged by where it leads."""
    path = files(BENCH, SCENARIO)
    link = path.parent.parent / "benches" / "pair.yaml"
    link.unlink()
    link.symlink_to(path.parents[2] / "pair.yaml")
    assert [(one.key, one.rule) for one in refused(path)] == [("bench", "leaves the folder above this file's")]


def test_an_icd_beside_the_bench(files: Callable[..., Path]) -> None:
    """A bench may name an ICD file of its own; that file's findings come with the bench's."""
    bench = copy.deepcopy(BENCH)
    bench["devices"]["radar1"]["icd"] = "own.yaml"
    path = files(bench, SCENARIO)
    own = path.parent.parent / "benches" / "own.yaml"
    radar = (FIXTURES.parent / "interfaces" / "icd" / "radar.yaml").read_text()
    own.write_text(radar)
    assert read_scenario(path).devices[0].icd.name == "radar"
    own.write_text(radar.replace("initial: tentative", "initial: tentativ"))
    (one,) = [each for each in refused(path) if each.key == "machines.track.initial"]
    assert (Path(one.file).name, one.mend) == ("own.yaml", "did you mean 'tentative'?")


def test_shipped_files_are_right() -> None:
    for path in sorted(FIXTURES.glob("benches/*.yaml")):
        assert load_bench(path).model.devices
    for path in sorted(FIXTURES.glob("scenarios/*.yaml")):
        assert load_scenario(path).bench.model.lines


def test_kinds(tmp_path: Path) -> None:
    """A file's kind is that of its version key; a scenario has a key `bench` too."""
    for text, kind in (("bench: 1", "bench"), ("scenario: 1\nbench: b", "scenario"), ("icd: 1", "icd"), ("a: 1", None)):
        (tmp_path / "a.yaml").write_text(text)
        assert kind_of(tmp_path / "a.yaml") == kind
    (tmp_path / "a.yaml").write_text("a: [")
    assert kind_of(tmp_path / "a.yaml") is None


def test_seconds_are_exact() -> None:
    """What the decimal text says, not what the float is near to."""
    exact = {0.1: 100_000_000, 0.3: 300_000_000, 1.000000001: 1_000_000_001, 38: 38_000_000_000}
    assert {seconds: seconds_to_ns(seconds) for seconds in exact} == exact
