# SPDX-License-Identifier: Apache-2.0
"""`hil run` as its user sees it: exit codes, what goes to which stream, and what is refused before anything opens."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hil.cli.main import main
from tests.cli.conftest import Edit

FIRST = "scenarios/first.yaml"
SHORT = "scenarios/engagement_short.yaml"


class TestExitCodes:
    """0 all passed, 1 a verdict failed, 2 could not run, 3 inconclusive."""

    def test_all_passed(self, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """0, the table on standard output, nothing on standard error."""
        assert main(["run", str(files / FIRST)]) == 0
        output, errors = capsys.readouterr()
        assert "RAD-1" in output
        assert "outcome  pass" in output
        assert errors == ""

    def test_a_verdict_failed(self, edit: Edit, capsys: pytest.CaptureFixture[str]) -> None:
        """1; a failed verdict is a result, so it goes to standard output."""
        path = edit(FIRST, "within_ms: 2000", "within_ms: 0.001")
        assert main(["run", str(path)]) == 1
        output, errors = capsys.readouterr()
        assert "outcome  fail" in output
        assert errors == ""

    def test_inconclusive(self, edit: Edit, capsys: pytest.CaptureFixture[str]) -> None:
        """3 where nothing failed but something could not be judged."""
        edit(FIRST, "after: search}}", "after: test}}")
        path = edit(FIRST, "after: standby}}", "after: fault}}\n    unseen: inconclusive")
        assert main(["run", str(path)]) == 3
        assert "outcome  inconclusive" in capsys.readouterr().out

    def test_a_failure_beats_inconclusive(self, edit: Edit, capsys: pytest.CaptureFixture[str]) -> None:
        """1 where one verdict failed and another is inconclusive."""
        edit(FIRST, "after: standby}}", "after: fault}}\n    unseen: inconclusive")
        path = edit(FIRST, "kind: edge, where: {line: release, active: true}", "kind: state")
        assert main(["run", str(path)]) == 1
        assert "inconclusive" in capsys.readouterr().out

    def test_a_controller_that_raises(self, edit: Edit, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """2, not 1: an error of the controller's code is no verdict. Its traceback is shown."""
        edit("controllers/first.py", "outputs = []", "outputs = [][0]")
        path = edit(FIRST, "duration_s: 20", "duration_s: 20")
        assert main(["run", str(path)]) == 2
        output, errors = capsys.readouterr()
        assert output == ""
        assert "IndexError" in errors
        assert "first.py" in errors

    def test_a_controller_that_exits(self, edit: Edit, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """2 for one that ends the program with 0: nothing was judged."""
        edit("controllers/first.py", "outputs = []", "raise SystemExit(0)")
        assert main(["run", str(files / FIRST)]) == 2
        output, errors = capsys.readouterr()
        assert output == ""
        assert "first.py" in errors


class TestResults:
    """`--json`, `--out`, `--seed`."""

    def test_json(self, files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Standard output is one JSON document; its evidence are lines of the trace it names."""
        assert main(["run", str(files / FIRST), "--json", "--out", str(tmp_path / "deep" / "out")]) == 0
        output, errors = capsys.readouterr()
        result = json.loads(output)
        assert errors == ""
        assert result["outcome"] == "pass"
        assert result["end_ns"] == 20_000_000_000
        assert [verdict["requirement"] for verdict in result["verdicts"]] == ["RAD-1", "SAFE-1"]
        lines = Path(result["trace"]).read_text().splitlines()
        assert len([json.loads(line) for line in lines]) >= max(result["verdicts"][0]["evidence"])

    def test_json_of_a_failure(self, edit: Edit, capsys: pytest.CaptureFixture[str]) -> None:
        """A failed run's JSON is on standard output too."""
        path = edit(FIRST, "within_ms: 2000", "within_ms: 0.001")
        assert main(["run", str(path), "--json"]) == 1
        result = json.loads(capsys.readouterr().out)
        assert [verdict["outcome"] for verdict in result["verdicts"]] == ["fail", "pass"]

    def test_same_bytes(self, files: Path, tmp_path: Path) -> None:
        """The same seed gives the same trace, byte by byte; another seed is in the head."""
        traces = []
        for name, seed in (("one", "5"), ("two", "5"), ("three", "6")):
            assert main(["run", str(files / FIRST), "--seed", seed, "--out", str(tmp_path / name)]) == 0
            traces.append((tmp_path / name / "trace.jsonl").read_bytes())
        assert traces[0] == traces[1]
        assert [json.loads(trace.splitlines()[0])["seed"] for trace in traces] == [5, 5, 6]

    def test_controller_in_place_of_the_scenarios(self, edit: Edit, files: Path) -> None:
        """`--controller file.py:Class` runs where the scenario names none."""
        path = edit(FIRST, "controller:\n  python: ../controllers/first.py:First\n", "")
        assert main(["run", str(path), "--controller", f"{files}/controllers/first.py:First"]) == 0


class TestRefused:
    """Exit code 2, the reason on standard error, nothing on standard output, no trace begun."""

    def refused(self, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
        assert main(["run", *arguments]) == 2
        output, errors = capsys.readouterr()
        assert output == ""
        assert "Traceback" not in errors
        return errors

    def test_every_finding_with_its_line(self, edit: Edit, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Mistakes of scenario and bench are told together, each with file:line; no folder is made."""
        edit("benches/pair.yaml", "variant: land, cells: 2", "variant: land, cells: many")
        edit(FIRST, "rule: never", "rule: nevr")
        path = edit(FIRST, "within_ms: 2000", "within_mss: 2000")
        out = files / "out"
        errors = self.refused([str(path), "--out", str(out)], capsys)
        lines = path.read_text().splitlines()
        (rule,) = [number for number, line in enumerate(lines, 1) if "rule: nevr" in line]
        bench = (files / "benches/pair.yaml").read_text().splitlines()
        (cells,) = [number for number, line in enumerate(bench, 1) if "cells: many" in line]
        assert f"first.yaml:{rule}:" in errors
        assert "within_mss" in errors
        assert f"pair.yaml:{cells}:" in errors
        assert not out.exists()

    def test_wrong_icd(self, edit: Edit, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A mistake in an ICD that the bench names is told with the ICD's line."""
        icd = files / "benches" / "mine.yaml"
        icd.write_text("icd: 1\nname: mine\ntitle: 5\n")
        edit("benches/pair.yaml", "{kind: radar}", "{kind: radar, icd: mine.yaml}")
        errors = self.refused([str(files / FIRST)], capsys)
        assert "mine.yaml:3:" in errors

    def test_command_on_the_virtual_clock(self, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A process can't follow virtual time; the way that can is named."""
        errors = self.refused([str(files / SHORT), "--clock", "virtual"], capsys)
        assert "--clock real" in errors
        assert "Python class" in errors

    def test_disturbed_process(self, edit: Edit, capsys: pytest.CaptureFixture[str]) -> None:
        """An event that disturbs a controller that is a process is refused when the plan is read."""
        path = edit(SHORT, "requirements:", "events: [{at_s: 1, place: controller, disturb: crash}]\nrequirements:")
        assert "controller" in self.refused([str(path), "--clock", "real"], capsys)

    def test_no_controller(self, edit: Edit, capsys: pytest.CaptureFixture[str]) -> None:
        """Neither the scenario nor the command line names one."""
        path = edit(FIRST, "controller:\n  python: ../controllers/first.py:First\n", "")
        assert "--controller" in self.refused([str(path)], capsys)

    @pytest.mark.parametrize(
        ("name", "tells"),
        [
            ("nobody", "nobody"),
            ("no_such_module:Class", "no_such_module"),
            ("no_such_file.py:Class", "no_such_file.py"),
            ("{files}/controllers/first.py:Absent", "Absent"),
            ("{files}/scenarios/first.yaml:First", "first.yaml"),
            ("{files}/broken.py:First", "broken.py"),
            ("{files}/raises.py:First", "raises.py"),
        ],
    )
    def test_unknown_controller(self, files: Path, name: str, tells: str, capsys: pytest.CaptureFixture[str]) -> None:
        """What `--controller` names is not there, or is no Python."""
        (files / "broken.py").write_text("class First(:\n")
        (files / "raises.py").write_text("raise ValueError('on import')\n")
        errors = self.refused([str(files / FIRST), "--controller", name.format(files=files)], capsys)
        assert tells in errors

    def test_missing_file(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A scenario that is not there."""
        assert "absent.yaml" in self.refused([str(tmp_path / "absent.yaml")], capsys)

    def test_directory(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A folder in place of a file."""
        assert str(tmp_path) in self.refused([str(tmp_path)], capsys)

    @pytest.mark.parametrize("data", [b"\x00\x01\xff\xfe" * 100, b"\xff" * 50, b"", b"[" * 5000, b"- a\n", b"5\n"])
    def test_no_scenario(self, tmp_path: Path, data: bytes, capsys: pytest.CaptureFixture[str]) -> None:
        """Bytes that are no text, no YAML or no scenario."""
        path = tmp_path / "blob.yaml"
        path.write_bytes(data)
        assert "blob.yaml" in self.refused([str(path)], capsys)

    def test_bench_in_place_of_a_scenario(self, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A bench has nothing to play."""
        assert "pair.yaml" in self.refused([str(files / "benches/pair.yaml")], capsys)

    def test_out_is_a_file(self, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The folder for the results is a file: refused, the file untouched."""
        taken = files / "taken"
        taken.write_text("mine")
        assert "taken" in self.refused([str(files / FIRST), "--out", str(taken)], capsys)
        assert taken.read_text() == "mine"

    def test_device_without_a_class(self, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """`--device` wants KIND=CLASS, and says so."""
        with pytest.raises(SystemExit) as caught:
            main(["run", str(files / FIRST), "--device", "radar"])
        assert caught.value.code == 2
        assert "KIND=" in capsys.readouterr().err


def test_trace_of_a_run_that_raised(edit: Edit, files: Path, tmp_path: Path) -> None:
    """What led to an error of the controller's code is in the trace, to its last record, which names the error."""
    edit("controllers/first.py", '{"mode": "search"}', '{"mode": [][0]}')
    assert main(["run", str(files / FIRST), "--out", str(tmp_path / "out")]) == 2
    records = [json.loads(line) for line in (tmp_path / "out" / "trace.jsonl").read_text().splitlines()]
    assert len(records) > 5
    assert records[-1]["kind"] == "end"
    assert "IndexError" in records[-1]["reason"]
