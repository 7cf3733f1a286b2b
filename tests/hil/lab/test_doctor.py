# SPDX-License-Identifier: Apache-2.0
"""The doctor: what is wrong has a mend, what is right has none."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from hil.clocks.lateness import Lateness
from hil.lab import doctor
from hil.lab.doctor import EVENTS_MS, LATE_LIMIT_NS, ROUNDS, brief, measure_lateness


def found(what: str) -> doctor.Finding:
    (one,) = [finding for finding in brief() if finding.what == what]
    return one


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No events are waited for, and no tool is started."""
    monkeypatch.setattr(doctor, "ROUNDS", 1)
    monkeypatch.setattr(doctor, "OUTSIDE_TOOLS", {})


def fake_ports(monkeypatch: pytest.MonkeyPatch, *devices: str) -> None:
    ports = [SimpleNamespace(device=device, description="adapter") for device in devices]
    monkeypatch.setattr(doctor.list_ports, "comports", lambda: ports)


def lateness_of(late_ns: int) -> Lateness:
    lateness = Lateness()
    lateness.add(late_ns)
    return lateness


def test_lateness_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every planned event is served and counted, none before its time."""
    monkeypatch.setattr(doctor, "ROUNDS", 2)
    late = measure_lateness()
    assert late.count == 2 * len(EVENTS_MS) + 1
    assert 0 <= late.p50_ns <= late.max_ns
    assert ROUNDS * sum(EVENTS_MS) < 3000


@pytest.mark.parametrize(("late_ns", "wrong"), [(LATE_LIMIT_NS, False), (LATE_LIMIT_NS + 1, True)])
@pytest.mark.usefixtures("quick")
def test_lateness_has_a_limit(monkeypatch: pytest.MonkeyPatch, late_ns: int, wrong: bool) -> None:
    """Up to the limit nothing needs mending; 1 ns more does."""
    monkeypatch.setattr(doctor, "measure_lateness", lambda: lateness_of(late_ns))
    assert bool(found("lateness").mend) is wrong


@pytest.mark.usefixtures("quick")
def test_no_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an adapter the way on is named."""
    fake_ports(monkeypatch)
    assert "pty" in found("serial ports").mend


@pytest.mark.usefixtures("quick")
def test_ports(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each port is a finding; one that may not be opened has the group as its mend."""
    (tmp_path / "ttyUSB0").touch()
    mine, other = f"{tmp_path}/ttyUSB0", f"{tmp_path}/ttyUSB1"
    fake_ports(monkeypatch, other, mine)
    findings = {one.what: one for one in brief()}
    assert findings[f"port {mine}"].mend == ""
    assert findings[f"port {other}"].value == "adapter: no permission"
    assert f"the group that owns {other}" in findings[f"port {other}"].mend


@pytest.mark.usefixtures("quick")
def test_no_pty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host without ptys."""

    def refuse() -> tuple[int, int]:
        raise OSError(2, "No such file or directory")

    monkeypatch.setattr(os, "openpty", refuse)
    assert found("pty").mend == "mount /dev/pts"


@pytest.mark.usefixtures("quick")
def test_no_real_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the right to real-time scheduling the mend says how to get it; nothing else of ours changes."""

    def refuse(pid: int, policy: int, param: os.sched_param) -> None:
        raise PermissionError(1, "Operation not permitted")

    before = os.sched_getscheduler(0)
    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    assert "ulimit -r" in found("real-time scheduling").mend
    assert os.sched_getscheduler(0) == before


@pytest.mark.usefixtures("quick")
def test_scheduling_is_given_back() -> None:
    """Looking leaves the process scheduled as it was."""
    before = os.sched_getscheduler(0)
    brief()
    assert os.sched_getscheduler(0) == before


def test_tools(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A tool that is there tells its version on either stream, one that is absent its package."""
    monkeypatch.setattr(doctor, "ROUNDS", 1)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    for name, text in (("hil_out", "echo one; echo two"), ("hil_err", "echo three >&2"), ("hil_none", "true")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setattr(doctor, "OUTSIDE_TOOLS", dict.fromkeys(("hil_out", "hil_err", "hil_none", "hil_absent"), "-V"))
    findings = {one.what: (one.value, one.mend) for one in brief() if one.what.startswith("hil_")}
    assert findings == {
        "hil_out": ("one", ""),
        "hil_err": ("three", ""),
        "hil_none": ("present", ""),
        "hil_absent": ("absent", "sudo apt-get install hil_absent"),
    }


@pytest.mark.usefixtures("quick")
def test_stuck_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tool that does not answer is a finding, not the doctor's end."""

    def stuck(command: list[str], **options: object) -> None:
        raise subprocess.TimeoutExpired(command, 10)

    monkeypatch.setattr(doctor, "OUTSIDE_TOOLS", {"sh": "-V"})
    monkeypatch.setattr(subprocess, "run", stuck)
    assert found("sh").value == "does not answer"
