# SPDX-License-Identifier: Apache-2.0
"""The one face of every device, line, world, controller and interceptor body."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias

Output: TypeAlias = tuple[str, Any]
Outputs: TypeAlias = Sequence[Output]


def sooner(one_ns: int | None, other_ns: int | None) -> int | None:
    """The earlier of two deadlines, either of which may be none."""
    if one_ns is None or (other_ns is not None and other_ns < one_ns):
        return other_ns
    return one_ns


class Part(Protocol):
    """A pure state machine: it opens no port, reads no clock, starts no thread.

    After `expire(now)` the next deadline is later than `now` (or None). `port` names one of the
    part's own ports; a dynamic one (a TCP connection) is `base#key`. Outputs are (port, item)
    pairs; those on `hil.trace.events.TRACE` are trace events.
    """

    name: str

    @property
    def deadline_ns(self) -> int | None: ...

    def receive(self, now_ns: int, port: str, item: Any) -> Outputs: ...

    def expire(self, now_ns: int) -> Outputs: ...
