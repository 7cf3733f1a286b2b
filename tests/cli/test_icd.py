# SPDX-License-Identifier: Apache-2.0
"""`hil icd gen`: printed, written, compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from hil.cli.icd import SHOWN
from hil.cli.main import main
from interfaces.generate.targets import generate
from interfaces.spec.load import FOLDER, shipped

TEXT = generate("sv", shipped("interceptor"))
GEN = ["icd", "gen", "sv", "interceptor"]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A file that is up to date."""
    path = tmp_path / "icd_pkg.sv"
    assert main([*GEN, "--out", str(path)]) == 0
    return path


def test_print(capsys: pytest.CaptureFixture[str]) -> None:
    """A name and the file of that name print the same."""
    assert main(GEN) == 0
    assert capsys.readouterr().out == TEXT
    assert main(["icd", "gen", "sv", str(FOLDER / "interceptor.yaml")]) == 0
    assert capsys.readouterr().out == TEXT


def test_write_and_check(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was written is up to date; nothing is said, and checking changes nothing."""
    assert out.read_bytes() == TEXT.encode()
    assert main([*GEN, "--out", str(out), "--check"]) == 0
    assert capsys.readouterr() == ("", "")
    assert out.read_bytes() == TEXT.encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b"ArmCode = 23_063", b"ArmCode = 23_064"),
        lambda data: data.removesuffix(b"\n"),
        lambda data: data.replace(b"\n", b"\r\n", 1),
        lambda data: data + b"\xff",
        lambda data: b"",
    ],
    ids=["byte", "end", "return", "no text", "empty"],
)
def test_a_change_is_found(change: object, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One byte is enough: the difference, cut short, and the command that mends it."""
    assert callable(change)
    out.write_bytes(change(out.read_bytes()))
    assert main([*GEN, "--out", str(out), "--check"]) == 1
    lines = capsys.readouterr().out.split("\n")[:-1]
    assert lines[0] == f"--- {out}"
    assert any(line.startswith("+") for line in lines[3:])
    assert lines[-1] == f"{out} is out of date; run hil icd gen sv interceptor --out {out}"
    assert len(lines) <= SHOWN + 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["interceptr"], "there is no shipped ICD 'interceptr'"),
        (["absent.yaml"], "absent.yaml:1:"),
        (["interceptor", "--check"], "name it with --out"),
        (["interceptor", "--check", "--out", "absent.sv"], "run hil icd gen sv interceptor --out absent.sv"),
        (["interceptor", "--out", "absent/icd_pkg.sv"], "No such file"),
    ],
)
def test_what_cannot_be_done(
    words: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2 and one message."""
    monkeypatch.chdir(tmp_path)
    assert main(["icd", "gen", "sv", *words]) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert message in errors


def test_names_that_clash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An ICD that SystemVerilog can't say: exit code 2, and which name it is."""
    path = tmp_path / "clash.yaml"
    head = "icd: 1\nname: clash\ntitle: Clash\nrevision: '1'\nnotice: Notional.\n"
    path.write_text(f"{head}constants:\n  a_b: {{value: 1, text: One}}\n  a__b: {{value: 2, text: Two}}\n")
    assert main(["icd", "gen", "sv", str(path)]) == 2
    assert f"{path}: two things would be called 'AB'" in capsys.readouterr().err
