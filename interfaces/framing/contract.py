# SPDX-License-Identifier: Apache-2.0
"""What every framer is: a pure machine that cuts frames out of bursts.

Rules they all keep, held by one conformance suite: never stuck, bounded memory, and the next good
frame is never lost, whatever the split, the concatenation or the garbage before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

from interfaces.wire import Burst, Flaw, Frame, Reject, RejectReason

Cut: TypeAlias = Frame | Reject

REASON_OF_FLAW = {
    Flaw.PARITY: RejectReason.PARITY,
    Flaw.FRAMING: RejectReason.FRAMING,
    Flaw.BREAK: RejectReason.BREAK,
}


class Framer(Protocol):
    """One direction of one connection. Bursts come in the order of the wire."""

    @property
    def deadline_ns(self) -> int | None:
        """When `expire` is due; None where silence means nothing."""
        ...

    def receive(self, now_ns: int, burst: Burst) -> Sequence[Cut]:
        """Take a burst, or the next piece of one, and return what is now known, in wire order."""
        ...

    def expire(self, now_ns: int) -> Sequence[Cut]:
        """Return what the silence up to `now_ns` decides."""
        ...

    def finish(self) -> Sequence[Cut]:
        """The medium is gone: return what was pending and start afresh."""
        ...

    def encode(self, payload: bytes, unit: int = -1, transaction: int = 0) -> bytes:
        """Put the framing round a payload; `unit` and `transaction` count where the framing has them."""
        ...
