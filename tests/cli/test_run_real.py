# SPDX-License-Identifier: Apache-2.0
"""`hil run --clock real` with a controller that is a process: what it is given, how it ends, what stays of it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.processes import END_LIMIT_S, START_LIMIT_S

Write = Callable[..., Path]
LIMIT_S = 40.0

SCENARIO = """\
scenario: 1
name: short
title: A controller as a process
bench: ../benches/pair.yaml
duration_s: {duration_s}
controller:
  command: {command}
requirements:
  - id: SAFE-1
    text: Nothing is released.
    rule: never
    match: {{kind: edge, where: {{line: release, active: true}}}}
"""
# Tells on the folder's FIFO that it runs, so that nobody need wait for a length of time.
TELL = (
    "import os, signal, subprocess, sys\ntell = lambda text: os.write(os.open('ready', os.O_WRONLY), text.encode())\n"
)
STAY = "signal.pause()\n"


@pytest.fixture
def scenario(files: Path) -> Write:
    """A scenario whose controller is the given Python code, run in the scenario's folder."""

    def write(code: str, *words: str, duration_s: float = 0.5) -> Path:
        (files / "scenarios" / "controller.py").write_text(code)
        command = json.dumps(["{python}", "controller.py", *words])
        return written(files, command, duration_s)

    return write


def written(files: Path, command: str, duration_s: float) -> Path:
    path = files / "scenarios" / "short.yaml"
    path.write_text(SCENARIO.format(command=command, duration_s=duration_s))
    return path


def start(path: Path, *arguments: str | Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "hil", "run", str(path), "--clock", "real", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@contextlib.contextmanager
def started(path: Path, *arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    with start(path, *arguments) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def run(path: Path, *arguments: str | Path) -> tuple[int, str, str]:
    """To its end: exit code, standard output, standard error."""
    with started(path, *arguments) as process:
        output, errors = process.communicate(timeout=LIMIT_S)
    return process.returncode, output, errors


@contextlib.contextmanager
def fifo(path: Path) -> Iterator[Callable[[], str]]:
    """A FIFO that a controller tells something on; the call waits for it."""
    os.mkfifo(path)
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def told() -> str:
        readable, _, _ = select.select([fd], [], [], START_LIMIT_S)
        assert readable, "the controller told nothing"
        return os.read(fd, 1000).decode()

    try:
        yield told
    finally:
        os.close(fd)


def gone(pid: int) -> bool:
    """Whether the process ends within the limit."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        readable, _, _ = select.select([fd], [], [], END_LIMIT_S)
        return bool(readable)
    finally:
        os.close(fd)


def records(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "trace.jsonl").read_text().splitlines()]


class TestGiven:
    """What a controller is given."""

    def test_ports(self, scenario: Write, tmp_path: Path) -> None:
        """Environment and placeholders name the same ports, which are open; what it prints is in the log."""
        code = (
            "import os, socket, sys\n"
            "print(*[f'{name}={os.environ[name]}' for name in sorted(os.environ) if name.startswith('HIL_PORT_')])\n"
            "print(*sys.argv[1:], os.getcwd(), file=sys.stderr, flush=True)\n"
            "os.close(os.open(os.environ['HIL_PORT_BUS'], os.O_RDWR | os.O_NOCTTY))\n"
            "host, port = os.environ['HIL_PORT_SEA'].split(':')\n"
            "socket.create_connection((host, int(port))).close()\n"
            "import signal\nprint('connected', flush=True)\nsignal.pause()\n"
        )
        path = scenario(code, "--radar={radar}", "{bus}", "{sea}", duration_s=1.5)
        code_number, output, errors = run(path, "--out", tmp_path / "out", "--json")
        assert (code_number, errors) == (0, "")
        assert [one["requirement"] for one in json.loads(output)["verdicts"]] == ["SAFE-1", "BENCH-1"]
        log = (tmp_path / "out" / "controller.log").read_text()
        given = dict(word.split("=") for word in log.split() if word.startswith("HIL_PORT_"))
        assert sorted(given) == ["HIL_PORT_BUS", "HIL_PORT_RADAR", "HIL_PORT_SEA"]
        words = f"--radar={given['HIL_PORT_RADAR']} {given['HIL_PORT_BUS']} {given['HIL_PORT_SEA']} {path.parent}"
        assert words in log
        assert "connected" in log

    def test_links(self, scenario: Write, tmp_path: Path) -> None:
        """With `--links` the ports are the symlinks, which are gone afterwards."""
        links = tmp_path / "links"
        code = "import os, signal\nprint(os.environ['HIL_PORT_BUS'], flush=True)\nsignal.pause()\n"
        assert run(scenario(code, duration_s=1), "--links", links, "--out", tmp_path / "out")[0] == 0
        assert (tmp_path / "out" / "controller.log").read_text() == f"{links}/bus\n"
        assert list(links.iterdir()) == []


class TestEnd:
    """How a controller ends."""

    def test_one_that_exits_early(self, scenario: Write, tmp_path: Path) -> None:
        """BENCH-1 fails with its exit code and its last words, exit code 1; the run goes to its end all the same."""
        path = scenario("print('no such weather')\nraise SystemExit(7)\n", duration_s=1)
        code, output, _ = run(path, "--json", "--out", tmp_path)
        result = json.loads(output)
        assert code == 1
        alive = result["verdicts"][-1]
        assert (alive["requirement"], alive["outcome"]) == ("BENCH-1", "fail")
        assert "exit code 7" in alive["figure"]
        assert "no such weather" in alive["figure"]
        assert result["end_ns"] == 1_000_000_000
        (line,) = alive["evidence"]
        assert "exit code 7" in records(tmp_path)[line - 1]["text"]

    def test_one_that_exits_early_without_out(self, scenario: Write) -> None:
        """Its last words are told without a folder for a log, too."""
        code, output, _ = run(scenario("print('adieu')\n", duration_s=1))
        assert code == 1
        assert "adieu" in output

    def test_one_that_exits_with_a_child(self, scenario: Write, files: Path) -> None:
        """What it started and left behind ends with the run."""
        child = "import signal; signal.pause()"
        code = (
            TELL + f"child = subprocess.Popen([sys.executable, '-c', {child!r}])\ntell(str(child.pid))\nos._exit(0)\n"
        )
        with fifo(files / "scenarios" / "ready") as told, started(scenario(code, duration_s=2)) as process:
            pid = int(told())
            process.communicate(timeout=LIMIT_S)
            assert process.returncode == 1
            assert gone(pid)

    def test_one_that_ignores_sigterm(self, scenario: Write, files: Path) -> None:
        """It and its child, which ignore SIGTERM, are killed after the grace; the verdicts stand."""
        child = "import signal\nsignal.signal(15, signal.SIG_IGN)\nprint(flush=True)\nsignal.pause()"
        code = (
            TELL
            + "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            + f"child = subprocess.Popen([sys.executable, '-c', {child!r}], stdout=subprocess.PIPE)\n"
            + "child.stdout.readline()\ntell(f'{os.getpid()} {child.pid}')\n"
            + STAY
        )
        with fifo(files / "scenarios" / "ready") as told, started(scenario(code, duration_s=2)) as process:
            pids = [int(word) for word in told().split()]
            output, _ = process.communicate(timeout=LIMIT_S)
            assert process.returncode == 0
            assert "outcome  pass" in output
            assert all(gone(pid) for pid in pids)

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_run_that_is_stopped(self, scenario: Write, files: Path, tmp_path: Path, number: int) -> None:
        """Exit code 2 and no verdict; the controller is gone at once, the trace is whole and says why it ends."""
        path = scenario(TELL + "tell(str(os.getpid()))\n" + STAY, duration_s=600)
        with fifo(files / "scenarios" / "ready") as told, started(path, "--out", tmp_path) as process:
            pid = int(told())
            before = time.monotonic()
            process.send_signal(number)
            output, errors = process.communicate(timeout=END_LIMIT_S)
            assert time.monotonic() - before < 5
        assert process.returncode == 2
        assert output == ""
        assert f"stopped by {signal.Signals(number).name}" in errors
        assert gone(pid)
        trace = records(tmp_path)
        assert trace[-1]["kind"] == "end"
        assert trace[-1]["reason"] == f"stopped by {signal.Signals(number).name}"
        assert [record for record in trace if record["kind"] == "verdict"] == []


class TestRefused:
    """Exit code 2 and one line with the mend."""

    @pytest.mark.parametrize(
        ("command", "tells"),
        [
            ('["./no_such_program"]', "'./no_such_program' cannot be started (No such file or directory)"),
            ('["/dev/null"]', "'/dev/null' cannot be started (Permission denied)"),
            ('["{python}", "{weather}"]', "'weather' is no placeholder; there are bus, python, radar, sea"),
            ('["{python}", "{}"]', "is no placeholder"),
            ('["{python}", "{bus"]', "is no placeholder"),
            ('["{bus.x}"]', "is no placeholder"),
            ('["{bus[x]}"]', "is no placeholder"),
        ],
    )
    def test_command(self, files: Path, command: str, tells: str) -> None:
        """A program that is not there or is none, placeholders that are none."""
        code, output, errors = run(written(files, command, 5))
        assert code == 2
        assert output == ""
        assert tells in errors
        assert len(errors.splitlines()) == 1, errors

    def test_no_command(self, files: Path) -> None:
        """An empty command is a finding of the scenario."""
        code, _, errors = run(written(files, "[]", 5))
        assert code == 2
        assert "short.yaml:7: controller.command" in errors
