# SPDX-License-Identifier: Apache-2.0
"""`hil inspect`: each kind of file as text and as data; a wrong file is refused as `hil validate` does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hil.cli.main import main
from hil.run import Settings, run_scenario

ROOT = Path(__file__).parents[2]
ICDS = ROOT / "interfaces" / "icd"
FIXTURES = ROOT / "fixtures"
MISTAKES = ROOT / "tests" / "interfaces" / "spec" / "mistakes.yaml"


def inspect(capsys: pytest.CaptureFixture[str], path: Path, *options: str) -> str:
    assert main(["inspect", str(path), *options]) == 0
    output, errors = capsys.readouterr()
    assert errors == ""
    return output


def test_icd(capsys: pytest.CaptureFixture[str]) -> None:
    output = inspect(capsys, ICDS / "launcher.yaml")
    assert "holding 0   (40001)  mode_command" in output
    data = json.loads(inspect(capsys, ICDS / "launcher.yaml", "--json"))
    assert data["modbus"]["holding"][0]["name"] == "mode_command"


def test_bench(capsys: pytest.CaptureFixture[str]) -> None:
    """Devices with their ports, lines with their ends and format, and what can disturb each kind."""
    output = inspect(capsys, FIXTURES / "benches" / "pair.yaml")
    lines = [" ".join(line.split()) for line in output.splitlines()]
    assert "radar1 radar radar 1.0 serial (serial)" in lines
    assert "bus rs485 land1.rtu, controller.bus 115200 bit/s 8E1" in lines
    assert "sea tcp server sea1.tcp, client controller.sea" in lines
    assert "disturbances of land1, sea1" in lines
    data = json.loads(inspect(capsys, FIXTURES / "benches" / "pair.yaml", "--json"))
    assert list(data["devices"]) == ["radar1", "land1", "sea1"]


def test_scenario(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Title, bench, duration, targets, events in order of time, requirements with the expected verdict."""
    for folder in ("benches", "scenarios"):
        (tmp_path / folder).mkdir()
    (tmp_path / "benches" / "pair.yaml").write_text((FIXTURES / "benches" / "pair.yaml").read_text())
    path = tmp_path / "scenarios" / "one.yaml"
    path.write_text(
        "scenario: 1\nname: one\ntitle: The title\nbench: ../benches/pair.yaml\nduration_s: 30\n"
        "world:\n  detection: [{range_m: 1000, probability: 1.0}]\n  targets:\n"
        "    - {id: raider, classification: hostile, path: [{t_s: 0, x_m: 1, y_m: 1}], "
        "outcomes: [{result: hit, after_s: 6}]}\n"
        "events:\n  - {at_s: 20, place: land1, disturb: local_key, value: true}\n"
        "  - {at_s: 1.5, place: radar1, disturb: drop_track, value: 7}\n"
        "requirements: [{id: ONE-1, text: Nothing late., rule: never, match: {kind: note}}]\nexpect: {ONE-1: pass}\n"
    )
    lines = [" ".join(line.split()) for line in inspect(capsys, path).splitlines()]
    assert lines[0] == "one The title"
    assert "bench pair, 30 s, seed 1, no controller" in lines
    assert "raider hostile 0 s 1 points hit after 6 s" in lines
    assert lines.index("1.5 s radar1 drop_track 7") + 1 == lines.index("20 s land1 local_key true")
    assert "ONE-1 never pass Nothing late." in lines
    data = json.loads(inspect(capsys, path, "--json"))
    assert (data["scenario"]["title"], data["bench"]["name"]) == ("The title", "pair")


def test_trace(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The head's scenario and the verdicts of a run that was just recorded."""
    result = run_scenario(FIXTURES / "scenarios" / "first.yaml", Settings(out=tmp_path))
    assert result.trace is not None
    output = inspect(capsys, result.trace)
    assert "trace of first on bench" in output
    data = json.loads(inspect(capsys, result.trace, "--json"))
    assert data["head"]["scenario"] == "first"
    assert data["summary"] == output.splitlines()


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_wrong_file(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is shown, and the findings are those of `hil validate`, line for line."""
    assert main(["validate", str(MISTAKES)]) == 2
    expected = capsys.readouterr().err
    assert main(["inspect", str(MISTAKES), *options]) == 2
    output, errors = capsys.readouterr()
    assert (output, errors) == ("", expected)


def test_no_such_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for name in ("a.yaml", "a.jsonl"):
        assert main(["inspect", str(tmp_path / name)]) == 2
        assert "cannot be read" in capsys.readouterr().err
