# SPDX-License-Identifier: Apache-2.0
"""Takes a run's trace records and writes them as JSON lines, whole lines at a time.

What was flushed is readable line by line whatever ends the process. `add` only appends; encoding
waits for `flush`, which the clock calls when it is idle.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Self

import msgspec

from hil.trace.events import End, Event
from interfaces.errors import PortError

BATCH = 4096  # records that wait at most: about 10 ms of encoding


class Recorder:
    """Records go to the file at `path`, if there is one. `keep` holds every record in memory, for `events`,
    `data` and copies; without it memory stays flat, for days.

    A copy in mid-run goes on in memory, with everything so far.
    """

    def __init__(self, path: Path | None, keep: bool) -> None:
        self._path, self._keep = path, keep
        self._encoder = msgspec.json.Encoder()
        self._waiting: list[Event] = []
        self._kept: list[Event] = []
        self._fd = -1
        self._closed = False
        if path is not None:
            try:
                self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            except OSError as error:
                raise PortError(str(path), f"cannot be written ({error.strerror})", "choose another folder") from error

    def add(self, event: Event) -> None:
        """Take one record; none after the last one, or after the disk was full."""
        if self._closed:
            return
        waiting = self._waiting
        waiting.append(event)
        if len(waiting) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Encode and write what waits. Raises `PortError` when the disk takes no more."""
        waiting = self._waiting
        if not waiting:
            return
        if self._keep:
            self._kept += waiting
        lines = self._encoder.encode_lines(waiting) if self._fd >= 0 else b""
        waiting.clear()
        if lines:
            self._write(lines)

    def _write(self, lines: bytes) -> None:
        view = memoryview(lines)
        while view:
            try:
                view = view[os.write(self._fd, view) :]
            except OSError as error:
                self._closed = True
                self._give_back()
                problem = f"cannot be written any more ({error.strerror})"
                raise PortError(str(self._path), problem, "free some room; what was written stays") from error

    def _give_back(self) -> None:
        os.close(self._fd)
        self._fd = -1

    def close(self, reason: str, now_ns: int) -> None:
        """Write the last record and give the file back. It is no mistake to close twice, or after an error."""
        if self._closed:
            return
        self.add(End(now_ns, "bench", reason))
        self.flush()
        self._closed = True
        if self._fd >= 0:
            self._give_back()

    @property
    def events(self) -> list[Event]:
        """Every record so far, in order (only with `keep`); line n of the trace is element n - 1."""
        return self._kept + self._waiting

    def data(self) -> bytes:
        """The bytes of the trace so far (only with `keep`)."""
        return self._encoder.encode_lines(self.events)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        if not self._keep:
            raise TypeError("a recorder that keeps nothing can't be copied; make it with keep=True")
        other = type(self)(None, keep=True)
        memo[id(self)] = other
        other._kept = self.events
        other._closed = self._closed
        return other
