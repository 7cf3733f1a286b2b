# SPDX-License-Identifier: Apache-2.0
"""The controller under test as a separate process.

It gets the ports by environment (`HIL_PORT_<LINE>`) and by placeholders (`{line}`) in its command,
writes to a log file, is watched by its process descriptor and ended by its own id.
"""

from __future__ import annotations

import os
import signal
import string
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from hil.descriptor import Poller
from interfaces.errors import BenchError

GRACE_S = 2.0
TAIL_BYTES = 4096


class ControllerError(BenchError):
    """The controller under test could not be started. Its author must act."""


class ControllerProcess:
    """One started controller; `ended` is called once with its exit code when it ends by itself."""

    def __init__(self, command: Sequence[str], folder: Path, log: Path | None) -> None:
        self._command = command
        self._folder = folder
        self._log_path = log
        self._log: IO[bytes] | None = None
        self._printed = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._pidfd = -1
        self._poller: Poller | None = None
        self._ended: Callable[[int], None] | None = None

    def start(self, poller: Poller, ended: Callable[[int], None], ports: Mapping[str, str]) -> None:
        """Start it in a session of its own. Raises `ControllerError` with the mend."""
        words = {"python": sys.executable, **ports}
        command = [fill(word, words) for word in self._command]
        environment = {**os.environ, **{f"HIL_PORT_{line.upper()}": where for line, where in ports.items()}}
        log = self._log = _open(self._log_path)
        try:
            self._process = subprocess.Popen(
                command,
                cwd=self._folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise ControllerError(
                f"controller {command[0]!r} cannot be started ({error.strerror}); check `controller: command:`"
            ) from error
        self._pidfd = os.pidfd_open(self._process.pid)
        self._poller, self._ended = poller, ended
        poller.watch(self._pidfd, self._exited)

    def _exited(self, now_ns: int) -> None:
        assert self._process is not None
        assert self._ended is not None
        self._unwatch()
        self._ended(self._process.wait())

    def _unwatch(self) -> None:
        if self._pidfd >= 0 and self._poller is not None:
            self._poller.unwatch(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = -1

    def stop(self) -> None:
        """End it and all it started: a polite signal, then, after a grace, the hard one."""
        self._unwatch()
        if self._process is not None:
            self._end(self._process)
        if self._log is not None:
            size = self._log.seek(0, os.SEEK_END)
            self._log.seek(max(0, size - TAIL_BYTES))
            self._printed = self._log.read().decode(errors="replace")
            self._log.close()
            self._log = None

    def tail(self, lines: int = 5) -> str:
        """The last lines it printed, once it is stopped."""
        return "\n".join(self._printed.splitlines()[-lines:])

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, number)
            except ProcessLookupError:
                break
            try:
                process.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                continue
        process.wait()


def _open(path: Path | None) -> IO[bytes]:
    return path.open("w+b") if path is not None else tempfile.TemporaryFile()  # closed with the run


def fill(word: str, values: Mapping[str, str]) -> str:
    """Replace `{line}` by the port of that line, `{python}` by this interpreter. Raises `ControllerError`."""
    try:
        return string.Formatter().vformat(word, (), values)
    except (KeyError, IndexError, ValueError, AttributeError, TypeError) as error:  # whatever a format can do wrong
        raise ControllerError(
            f"controller command {word!r}: {error} is no placeholder; there are {', '.join(sorted(values))}"
        ) from error
