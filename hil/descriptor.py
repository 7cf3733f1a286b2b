# SPDX-License-Identifier: Apache-2.0
"""The contract between the real clock and links that own file descriptors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

Handler: TypeAlias = Callable[[int], None]
Emit: TypeAlias = Callable[[list[tuple[str, Any]]], None]


class Poller(Protocol):
    """What a clock with file descriptors offers. Handlers are called with the bench's time in ns."""

    def watch(self, fd: int, readable: Handler | None, writable: Handler | None = None) -> None:
        """Call `readable` when `fd` can be read, `writable` when it can be written; replaces an earlier watch.

        Without `readable` input waits; a descriptor that failed calls whichever of the two is there.
        """
        ...

    def unwatch(self, fd: int) -> None:
        """Forget `fd`; unknown ones are ignored."""
        ...

    def clock_ns(self) -> int:
        """The bench's time now, read from the machine's monotonic clock (for stamping what was read or written)."""
        ...


class Gateway(Protocol):
    """A link to the outside world: a `Part` towards the bench, file descriptors towards the machine.

    `open` takes the port (raising `PortError`, with nothing left open) before any time passes;
    `where` then says what a peer connects to (`/dev/pts/3`, `127.0.0.1:1502`). `emit` puts outputs
    into the bench (see `hil.attach.Node.emit`). `close` leaves no descriptor, symlink or process.
    """

    name: str

    @property
    def where(self) -> str: ...

    @property
    def deadline_ns(self) -> int | None: ...

    def receive(self, now_ns: int, port: str, item: Any) -> list[tuple[str, Any]]: ...

    def expire(self, now_ns: int) -> list[tuple[str, Any]]: ...

    def open(self, poller: Poller, emit: Emit) -> None: ...

    def close(self) -> None: ...
