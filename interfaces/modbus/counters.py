# SPDX-License-Identifier: Apache-2.0
"""What a unit counts and logs about its communication (MODBUS Application Protocol V1.1b3, 6.8 to 6.10)."""

from __future__ import annotations

from collections import deque

EVENTS_MAX = 64

RECEIVED = 0x80
RECEIVED_COMMUNICATION_ERROR = 0x02
RECEIVED_OVERRUN = 0x10
RECEIVED_BROADCAST = 0x40  # bit 6 of a receive event
SENT = 0x40
LISTEN_ONLY = 0x20  # in receive and send events alike
ENTERED_LISTEN_ONLY = 0x04
RESTARTED = 0x00

# Bits of a send event by the exception code that was sent (6.10)
_SENT_EXCEPTION = {1: 0x01, 2: 0x01, 3: 0x01, 4: 0x02, 5: 0x04, 6: 0x04, 7: 0x08}

_WORD = 0xFFFF


class Counters:
    """Counters of one unit. They wrap at 16 bits where they go on the wire."""

    __slots__ = (
        "bus_errors",
        "bus_messages",
        "busy",
        "events",
        "exceptions",
        "listen_only",
        "log",
        "naks",
        "no_responses",
        "overruns",
        "server_messages",
    )

    def __init__(self) -> None:
        self.listen_only = False
        self.log: deque[int] = deque(maxlen=EVENTS_MAX)
        self.clear()

    def clear(self) -> None:
        """Diagnostics sub-function 10."""
        self.bus_messages = 0
        self.bus_errors = 0
        self.exceptions = 0
        self.server_messages = 0
        self.no_responses = 0
        self.naks = 0
        self.busy = 0
        self.overruns = 0
        self.events = 0

    def restart(self, clear_log: bool) -> None:
        """Diagnostics sub-function 1, the only way out of listen-only mode."""
        self.clear()
        self.listen_only = False
        if clear_log:
            self.log.clear()
        self.log.append(RESTARTED)

    def enter_listen_only(self) -> None:
        """Diagnostics sub-function 4."""
        self.listen_only = True
        self.log.append(ENTERED_LISTEN_ONLY)

    def heard_error(self) -> None:
        """A frame with a bad CRC, or other garbage, passed on the line."""
        self.bus_errors += 1
        self.log.append(RECEIVED | RECEIVED_COMMUNICATION_ERROR | self._mode())

    def took(self) -> None:
        """A message for this unit arrived and is about to be processed."""
        self.server_messages += 1
        self.log.append(RECEIVED | LISTEN_ONLY if self.listen_only else RECEIVED)

    def took_broadcast(self) -> None:
        self.server_messages += 1
        self.no_responses += 1
        self.log.append(RECEIVED | RECEIVED_BROADCAST | self._mode())

    def refused(self, code: int) -> None:
        """An exception response goes out."""
        self.exceptions += 1
        if code == 6:
            self.busy += 1
        elif code == 7:
            self.naks += 1
        self.log.append(SENT | _SENT_EXCEPTION.get(code, 0))

    def event_counter(self) -> bytes:
        """Status word (0: nothing still in progress) and event count, as functions 11 and 12 send them."""
        return b"\0\0" + word(self.events)

    def event_log(self) -> bytes:
        """Status, event count, message count and the events, newest first (6.10)."""
        return self.event_counter() + word(self.bus_messages) + bytes(reversed(self.log))

    def _mode(self) -> int:
        return LISTEN_ONLY if self.listen_only else 0


def word(value: int) -> bytes:
    """A counter as it goes on the wire."""
    return (value & _WORD).to_bytes(2, "big")
