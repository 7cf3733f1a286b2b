# SPDX-License-Identifier: Apache-2.0
"""A run as a library call: its result, its trace, both clocks, and its end by a signal."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from hil.devices.radar import Radar
from hil.run import PROGRESS_STEP_NS, Settings, StoppedError, run_scenario, signals
from hil.verdicts.model import Outcome
from interfaces.errors import BenchError, PortError
from interfaces.wire import NS_PER_S

FIXTURES = Path(__file__).parents[2] / "fixtures"
FIRST = FIXTURES / "scenarios" / "first.yaml"
STOPPED = "stopped by SIGTERM"


class OtherRadar(Radar):
    """A user's own device, in place of the shipped kind."""


def records(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "trace.jsonl").read_text().splitlines()]


def shortened(tmp_path: Path, duration_s: float) -> Path:
    for name in ("benches", "scenarios", "controllers"):
        shutil.copytree(FIXTURES / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / "scenarios" / "first.yaml"
    path.write_text(path.read_text().replace("duration_s: 20", f"duration_s: {duration_s}"))
    return path


def kill_at(limit_ns: int) -> Any:
    """Progress that sends SIGTERM to ourselves once the bench is that far."""

    def progress(now_ns: int, duration_ns: int) -> None:
        if now_ns >= limit_ns:
            os.kill(os.getpid(), signal.SIGTERM)

    return progress


def test_result_and_trace(tmp_path: Path) -> None:
    """Verdicts in the scenario's order, each in the trace too; the head says what is needed to play it again."""
    result = run_scenario(FIRST, Settings(out=tmp_path, seed=9))
    assert [verdict.requirement for verdict in result.verdicts] == ["RAD-1", "SAFE-1"]
    assert (result.outcome, result.exit_code, result.end_ns) == (Outcome.PASS, 0, 20 * NS_PER_S)
    assert result.lateness == ""
    trace = records(tmp_path)
    assert result.trace == tmp_path / "trace.jsonl"
    head, *_, end = trace
    assert (head["kind"], head["seed"], head["clock"], head["scenario"]) == ("head", 9, "virtual", "first")
    assert {"radar", "launcher"} <= set(head["icds"])
    assert {"python", "msgspec", "hil-bench", "libc"} <= set(head["versions"])
    assert (end["kind"], end["time_ns"], end["reason"]) == ("end", 20 * NS_PER_S, "done")
    assert [record["requirement"] for record in trace if record["kind"] == "verdict"] == ["RAD-1", "SAFE-1"]


def test_trace_knows_no_host(tmp_path: Path) -> None:
    """A virtual trace is the same wherever its files are, and names no path."""
    here, there = tmp_path / "here", tmp_path / "there"
    run_scenario(FIRST, Settings(out=here))
    run_scenario(shortened(tmp_path / "moved", 20), Settings(out=there))
    data = (here / "trace.jsonl").read_bytes()
    assert data == (there / "trace.jsonl").read_bytes()
    assert str(tmp_path).encode() not in data


def test_both_clocks_agree(tmp_path: Path) -> None:
    """The same scenario on the real clock: the same verdicts, the same state changes at the same instants."""
    path = shortened(tmp_path, 1.5)
    states = []
    for clock in ("virtual", "real"):
        result = run_scenario(path, Settings(clock=clock, out=tmp_path / clock))
        assert [verdict.requirement for verdict in result.verdicts] == ["RAD-1", "SAFE-1"]
        trace = records(tmp_path / clock)
        states.append([(one["time_ns"], one["place"], one["after"]) for one in trace if one["kind"] == "state"])
    assert result.lateness != ""
    assert states[0] == states[1] != []


def test_progress() -> None:
    """Told in steps, the last one being the end."""
    seen: list[tuple[int, int]] = []
    run_scenario(FIRST, Settings(), lambda now_ns, duration_ns: seen.append((now_ns, duration_ns)))
    assert seen == [(PROGRESS_STEP_NS, 20 * NS_PER_S)]


def test_device_of_the_users_own() -> None:
    """A kind given with the settings takes the place of the entry point's; a kind that can't be had is told."""
    kind = f"{__name__}:OtherRadar"
    assert run_scenario(FIRST, Settings(devices={"radar": kind})).exit_code == 0
    with pytest.raises(BenchError, match="no_such_module"):
        run_scenario(FIRST, Settings(devices={"radar": "no_such_module:Radar"}))


@pytest.mark.parametrize(("clock", "scenario_s", "stop_ns"), [("virtual", 100, PROGRESS_STEP_NS), ("real", 60, 1)])
def test_stopped_by_a_signal(tmp_path: Path, clock: str, scenario_s: int, stop_ns: int) -> None:
    """No verdict is claimed; the trace ends with the reason, and handlers are as they were."""
    before = signal.getsignal(signal.SIGTERM)
    path = shortened(tmp_path, scenario_s)
    with pytest.raises(StoppedError, match=STOPPED):
        run_scenario(path, Settings(clock=clock, out=tmp_path / "out"), kill_at(stop_ns))
    trace = records(tmp_path / "out")
    assert (trace[-1]["kind"], trace[-1]["reason"]) == ("end", STOPPED)
    assert trace[-1]["time_ns"] < scenario_s * NS_PER_S
    assert "verdict" not in {record["kind"] for record in trace}
    assert signal.getsignal(signal.SIGTERM) is before


def test_signals_are_given_back() -> None:
    """After an error inside, too."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with contextlib.suppress(KeyError), signals(list) as caught:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
        raise KeyError
    assert sorted(caught) == [signal.SIGINT, signal.SIGTERM]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_disk_that_is_full(tmp_path: Path) -> None:
    """A disk that takes no more ends the run as an error that names the file and the mend."""
    (tmp_path / "trace.jsonl").symlink_to("/dev/full")
    with pytest.raises(PortError, match=r"cannot be written any more .*free some room"):
        run_scenario(FIRST, Settings(out=tmp_path))
