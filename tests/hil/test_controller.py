# SPDX-License-Identifier: Apache-2.0
"""The controller's process: what its command becomes, what is kept of what it printed, what stays open."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from hil.clocks.real import RealClock
from hil.controller import TAIL_BYTES, ControllerError, ControllerProcess, fill
from hil.kernel import Kernel
from interfaces.wire import NS_PER_S

PORTS = {"bus": "/dev/pts/3", "sea": "127.0.0.1:1502"}
LIMIT_NS = 10 * NS_PER_S


class TestFill:
    """Placeholders in a word of the command."""

    @pytest.mark.parametrize(
        ("word", "filled"),
        [
            ("plain", "plain"),
            ("", ""),
            ("{bus}", "/dev/pts/3"),
            ("--x={sea},{bus},1", "--x=127.0.0.1:1502,/dev/pts/3,1"),
            ("{{bus}}", "{bus}"),
            ("$HOME; rm *", "$HOME; rm *"),
        ],
    )
    def test_right(self, word: str, filled: str) -> None:
        """Each is replaced, wherever it stands; no shell has a say."""
        assert fill(word, PORTS) == filled

    @pytest.mark.parametrize("word", ["{weather}", "{}", "{0}", "{bus", "bus}", "{bus.x}", "{bus[x]}", "{bus:d}"])
    def test_wrong(self, word: str) -> None:
        """What is none is told, with those there are."""
        with pytest.raises(ControllerError, match="no placeholder; there are bus, sea"):
            fill(word, PORTS)


class Ended:
    """Takes the exit code and stops the clock."""

    def __init__(self, clock: RealClock) -> None:
        self.codes: list[int] = []
        self._clock = clock

    def __call__(self, code: int) -> None:
        self.codes.append(code)
        self._clock.stop()


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def played(code: str, log: Path | None, folder: Path) -> tuple[ControllerProcess, list[int]]:
    """Start Python code as the controller, run until it ended, stop it."""
    process = ControllerProcess(["{python}", "-c", code], folder, log)
    with RealClock() as clock:
        ended = Ended(clock)
        process.start(clock, ended, PORTS)
        assert not clock.run(Kernel(), LIMIT_NS), "it did not end"
        process.stop()
    return process, ended.codes


def test_last_words(tmp_path: Path) -> None:
    """The last lines of both streams, in order, and once the exit code; the log holds all."""
    code = "import sys\nfor n in range(9): print(n, file=(sys.stdout, sys.stderr)[n % 2], flush=True)\nsys.exit(3)"
    process, codes = played(code, tmp_path / "log", tmp_path)
    assert codes == [3]
    assert process.tail() == "4\n5\n6\n7\n8"
    assert process.tail(2) == "7\n8"
    assert (tmp_path / "log").read_text().split() == [str(n) for n in range(9)]


def test_endless_words(tmp_path: Path) -> None:
    """Of a log of any size only the end is read; bytes that are no text do no harm."""
    code = "import sys\nsys.stdout.buffer.write(b'\\xff' * 5_000_000 + b'\\nend')"
    process, codes = played(code, None, tmp_path)
    assert codes == [0]
    assert process.tail(1) == "end"
    assert len(process.tail()) <= TAIL_BYTES


def test_ended_by_a_signal(tmp_path: Path) -> None:
    """A controller that dies of a signal has its negative number as exit code."""
    assert played("import os\nos.kill(os.getpid(), 9)", None, tmp_path)[1] == [-signal.SIGKILL]


def test_nothing_stays_open(tmp_path: Path) -> None:
    """Neither a controller that ran nor one that could not be started leaves a descriptor behind."""
    before = open_descriptors()
    played("pass", None, tmp_path)
    absent = ControllerProcess([str(tmp_path / "absent")], tmp_path, tmp_path / "log")
    with RealClock() as clock:
        with pytest.raises(ControllerError, match=r"cannot be started \(No such file or directory\)"):
            absent.start(clock, [].append, PORTS)
        absent.stop()
    assert open_descriptors() == before
    assert absent.tail() == ""


def test_its_surroundings(tmp_path: Path) -> None:
    """Its folder is the scenario's, its standard input empty, its session its own, its interpreter ours."""
    code = "import os, sys\nprint(os.getcwd(), len(sys.stdin.read()), os.getsid(0) == os.getpid(), sys.executable)"
    process, _ = played(code, None, tmp_path)
    assert process.tail() == f"{tmp_path} 0 True {sys.executable}"
