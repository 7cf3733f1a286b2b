# SPDX-License-Identifier: Apache-2.0
"""`hil` itself: verbs, what its help costs, readers that go away, `list`, `doctor` and `validate`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hil.cli.main import VERBS, main
from tests.cli.conftest import Edit

ROOT = Path(__file__).parents[2]
LIMIT_S = 30
HEAVY = ("yaml", "jsonschema", "serial", "fastcrc", "cobs", "hil.run", "interfaces.spec")


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=LIMIT_S, check=False)


class TestVerbs:
    """What can be called."""

    @pytest.mark.parametrize("arguments", [[], ["bogus"], ["run"], ["run", "--clock", "sand", "x.yaml"], ["--bogus"]])
    def test_wrong_usage(self, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        """Wrong words: exit code 2, usage on standard error, nothing on standard output."""
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2
        output, errors = capsys.readouterr()
        assert output == ""
        assert "usage: hil" in errors

    @pytest.mark.parametrize("verb", VERBS)
    def test_help_of_each(self, verb: str, capsys: pytest.CaptureFixture[str]) -> None:
        """Each verb is there and explains itself."""
        with pytest.raises(SystemExit) as caught:
            main([verb, "--help"])
        assert caught.value.code == 0
        assert VERBS[verb] in " ".join(capsys.readouterr().out.split())

    def test_help_loads_little(self) -> None:
        """`hil --help` names every verb and every exit code, and imports no library to do so."""
        check = (
            "import sys\nfrom hil.cli.main import main\n"
            "try:\n    main(['--help'])\nexcept SystemExit as end:\n    assert end.code == 0\n"
            f"print('loaded:', [name for name in {HEAVY!r} if name in sys.modules])"
        )
        done = python(check)
        assert done.stderr == ""
        assert "loaded: []" in done.stdout
        assert [verb for verb in VERBS if f" {verb} " not in done.stdout] == []

    def test_run_loads_no_serial_port(self) -> None:
        """`hil list`, by its modules: what a link needs is imported when it is used."""
        done = python("import sys, hil.cli.list\nprint('serial' in sys.modules)")
        assert done.stdout.strip() == "False", done.stderr

    def test_as_a_module(self) -> None:
        """`python -m hil` is the same program."""
        command = [sys.executable, "-m", "hil", "bogus"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
        assert done.returncode == 2
        assert "usage: hil" in done.stderr

    def test_reader_that_goes_away(self) -> None:
        """Standard output is a pipe that nobody reads (`| head`): exit code 2, and no complaint."""
        command = [sys.executable, "-m", "hil", "list", "--json"]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            assert process.stderr.read() == b""
            assert process.wait(LIMIT_S) == 2


class TestList:
    """`hil list`."""

    def test_json(self, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Every group has its key; files are found in the folder that was named."""
        assert main(["list", str(files), "--json"]) == 0
        groups = json.loads(capsys.readouterr().out)
        assert {"radar", "launcher", "generic"} <= set(groups["devices"])
        assert {"pty", "serial", "tcp-listen"} <= set(groups["links"])
        assert groups["icds"] == ["interceptor", "launcher", "radar"]
        assert groups["interceptor bodies"] == ["rtl", "twin"]
        assert f"{files}/benches/pair.yaml" in groups["benches"]
        assert f"{files}/scenarios/first.yaml" in groups["scenarios"]

    def test_text(self, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The same names as text; a file that is none of ours is passed over."""
        (files / "notes.yaml").write_text("a: 1\n")
        (files / "blob.yaml").write_bytes(b"\xff\xfe")
        assert main(["list", str(files)]) == 0
        output = capsys.readouterr().out
        assert f"  {files}/benches/coastal.yaml" in output
        assert "notes" not in output
        assert "blob" not in output


class TestDoctor:
    """`hil doctor --brief`."""

    def test_json(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Each thing looked at, with its value and, where it is wrong, the mend."""
        assert main(["doctor", "--brief", "--json"]) == 0
        findings = {one["what"]: one for one in json.loads(capsys.readouterr().out)}
        assert {"host", "pty", "lateness", "real-time scheduling", "g++", "tshark", "mbpoll"} <= set(findings)
        assert all(set(one) == {"what", "value", "mend"} and one["value"] for one in findings.values())


class TestValidate:
    """`hil validate FILE...`."""

    def test_right_files(self, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """One line a file on standard output, which says of what kind it is."""
        icd = ROOT / "interfaces" / "icd" / "radar.yaml"
        bench, scenario = files / "benches/pair.yaml", files / "scenarios/first.yaml"
        assert main(["validate", str(icd), str(bench), str(scenario)]) == 0
        output, errors = capsys.readouterr()
        assert output.splitlines() == [
            f"{icd}: icd, no mistakes",
            f"{bench}: bench, no mistakes",
            f"{scenario}: scenario, no mistakes",
        ]
        assert errors == ""

    def test_wrong_files(self, edit: Edit, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The mistakes of every file are on standard error with their lines; a right one among them is still said."""
        bench = edit("benches/pair.yaml", "kind: radar", "kind: rader")
        bad = files / "notes.yaml"
        bad.write_text("a: 1\n")
        good = files / "benches/coastal.yaml"
        absent = files / "absent.yaml"
        assert main(["validate", str(bench), str(bad), str(good), str(absent)]) == 2
        output, errors = capsys.readouterr()
        assert output == f"{good}: bench, no mistakes\n"
        assert f"{bench}:6: devices.radar1.kind ('rader')" in errors
        assert f"{bad}" in errors
        assert f"{absent}:1:" in errors

    def test_json(self, edit: Edit, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Findings are a document on standard output, for machines."""
        bench = edit("benches/pair.yaml", "kind: radar", "kind: rader")
        assert main(["validate", str(bench), "--json"]) == 2
        finding = json.loads(capsys.readouterr().out)["findings"][0]
        assert finding["file"] == str(bench)
        assert finding["line"] == 6
        assert set(finding) == {"file", "line", "key", "value", "rule", "mend"}

    def test_directory(self, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A folder is no file of ours."""
        assert main(["validate", str(files)]) == 2
        assert str(files) in capsys.readouterr().err
