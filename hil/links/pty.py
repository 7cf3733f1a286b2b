# SPDX-License-Identifier: Apache-2.0
"""A pty at a tap of a `Line`: what a peer writes enters the line there, what the line carries is written.

The line paces both ways. A pty has no parity and no rate, whatever the peer sets; it hands over glued
chunks without their silences, so what comes from it is stamped with `late_ns`. The gateway keeps the slave
end open itself: peers come and go without hang-ups. What nobody reads is lost, as on a line.
"""

from __future__ import annotations

import contextlib
import os
import tty
from pathlib import Path
from typing import Any

from hil.descriptor import Emit, Poller
from hil.links.outlet import Outlet, traced
from hil.part import Output
from hil.trace.events import TRACE, Late
from interfaces.errors import PortError
from interfaces.wire import Burst, Full, Ready, Transmit

LINE = "line"
# A peer's bytes are seen after a wake-up of ours, and its next write may wait for a scheduler slice of its own.
PTY_LATE_NS = 5_000_000
_READ_BYTES = 4096


class PtyGateway:
    """`where` is the symlink if one is asked for, else the pty's own path."""

    deadline_ns: int | None = None

    def __init__(self, name: str, symlink: Path | None = None) -> None:
        self.name = name
        self._symlink = symlink
        self._master = self._slave = -1
        self._path = ""
        self._outlet: Outlet | None = None
        self._reads = True

    @property
    def where(self) -> str:
        return str(self._symlink) if self._symlink is not None else self._path

    def open(self, poller: Poller, emit: Emit) -> None:
        self._poller, self._emit = poller, emit
        try:
            self._master, self._slave = os.openpty()
        except OSError as error:
            raise PortError(self.name, f"no pty to be had ({error.strerror})", "close others that hold ptys") from error
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._path = os.ttyname(self._slave)
        if self._symlink is not None:
            try:
                _link(self._symlink, self._path)
            except PortError:
                self._close_ends()
                raise
        self._outlet = Outlet(self.name, LINE, self._write_some)
        self._watch()

    def close(self) -> None:
        if self._master < 0:
            return
        self._poller.unwatch(self._master)
        if self._symlink is not None:
            with contextlib.suppress(OSError):  # somebody replaced or removed it: then it is not ours
                if str(self._symlink.readlink()) == self._path:
                    self._symlink.unlink()
        self._close_ends()

    def receive(self, now_ns: int, port: str, item: Any) -> list[Output]:
        if type(item) is Burst:
            return self._write(now_ns, item)
        if type(item) is Full or type(item) is Ready:
            # The line is behind: the peer's bytes wait in the pty, and its writes block, until it has caught up.
            self._reads = type(item) is Ready
            self._watch()
        return []

    def expire(self, now_ns: int) -> list[Output]:
        return []

    def _write(self, now_ns: int, burst: Burst) -> list[Output]:
        if self._outlet is None:
            return []
        out: list[Output] = []
        waited = self._outlet.waits
        self._outlet.put(now_ns, burst.data, out)
        # The line says when its last stop bit was due; this is when it could really be read.
        out.append((TRACE, Late(burst.end_ns, self.name, max(0, self._poller.clock_ns() - burst.end_ns))))
        if self._outlet.waits != waited:
            self._watch()
        return traced(out)

    def _write_some(self, data: bytes | bytearray) -> int:
        return os.write(self._master, data)

    def _writable(self, now_ns: int) -> None:
        assert self._outlet is not None
        out: list[Output] = []
        self._outlet.flush(now_ns, out)
        self._watch()
        self._emit(traced(out))

    def _readable(self, now_ns: int) -> None:
        try:
            data = os.read(self._master, _READ_BYTES)
        except BlockingIOError:
            return
        self._emit([(LINE, Transmit(data, PTY_LATE_NS))])

    def _watch(self) -> None:
        waits = self._outlet is not None and self._outlet.waits
        readable, writable = self._readable if self._reads else None, self._writable if waits else None
        self._poller.watch(self._master, readable, writable)

    def _close_ends(self) -> None:
        os.close(self._master)
        os.close(self._slave)
        self._master = self._slave = -1
        self._outlet = None


def _link(symlink: Path, path: str) -> None:
    """Make `symlink` point to `path`; replaces only a dangling one, or one to the pty that is ours by now."""
    try:
        if symlink.is_symlink() and (not symlink.exists() or str(symlink.readlink()) == path):
            symlink.unlink()
        symlink.symlink_to(path)
    except FileExistsError as error:
        raise PortError(
            str(symlink), "is there already", "remove it if no bench uses it, or name another path"
        ) from error
    except FileNotFoundError as error:
        raise PortError(str(symlink), "its folder is not there", f"make the folder {symlink.parent}") from error
    except OSError as error:
        raise PortError(
            str(symlink), f"cannot be made ({error.strerror})", "name a path in a folder that you may write to"
        ) from error
