# SPDX-License-Identifier: Apache-2.0
"""What a Modbus master has below it: a serial line or a TCP connection.

Both say from when on a request may be sent, put the framing round it and tell a response of this
request from anything else that passes by.
"""

from __future__ import annotations

from typing import Protocol

from hil.part import Output
from interfaces.framing.contract import Framer
from interfaces.framing.mbap import MbapFramer
from interfaces.framing.rtu import RtuFramer, silences_ns
from interfaces.modbus.lengths import response_length
from interfaces.spec.model import Serial
from interfaces.wire import NS_PER_MS, NS_PER_S, Frame, Up

BACK_OFF_FIRST_NS = 100 * NS_PER_MS
BACK_OFF_MOST_NS = 5 * NS_PER_S

_TRANSACTIONS = 1 << 16
_UNIT_AND_CRC_BYTES = 3


class Channel(Protocol):
    """One way to the units. `framer` cuts what comes in."""

    framer: Framer

    def free_ns(self, now_ns: int) -> int | None:
        """From when on a request may be sent, or the way opened; None: not before something arrives."""
        ...

    def open(self, port: str) -> list[Output]:
        """What it takes to open the way; nothing where it is open."""
        ...

    def encode(self, pdu: bytes, unit: int) -> bytes:
        """The next request on the wire."""
        ...

    def on_wire_ns(self, pdu: bytes) -> int:
        """How long a request takes on the wire; 0 where no line times it."""
        ...

    def answers(self, frame: Frame, unit: int) -> bool:
        """Whether a frame can be the answer to the last request, which went to `unit`."""
        ...

    def is_broadcast(self, unit: int) -> bool: ...

    def used(self, end_ns: int) -> None:
        """The wire carried something up to `end_ns`."""
        ...

    def up(self) -> None: ...

    def down(self, now_ns: int) -> bool:
        """Whether what was under way is lost with it."""
        ...

    def answered(self) -> None: ...


class Line:
    """RTU: one request at a time, t3.5 of silence before each (MODBUS-SL V1.02 2.5.1.1)."""

    def __init__(self, serial: Serial) -> None:
        self._bit_rate, self._char_bits = serial.bit_rate_bps, serial.char_bits
        self.framer: Framer = RtuFramer(self._bit_rate, self._char_bits, (response_length,))
        self._t35_ns = silences_ns(self._bit_rate, self._char_bits)[1]
        self._quiet_ns = 0

    def free_ns(self, now_ns: int) -> int | None:
        pending_ns = self.framer.deadline_ns
        return self._quiet_ns if pending_ns is None else max(self._quiet_ns, pending_ns)

    def open(self, port: str) -> list[Output]:
        return []

    def encode(self, pdu: bytes, unit: int) -> bytes:
        return self.framer.encode(pdu, unit)

    def on_wire_ns(self, pdu: bytes) -> int:
        return (len(pdu) + _UNIT_AND_CRC_BYTES) * self._char_bits * NS_PER_S // self._bit_rate

    def answers(self, frame: Frame, unit: int) -> bool:
        return frame.unit == unit

    def is_broadcast(self, unit: int) -> bool:
        return unit == 0

    def used(self, end_ns: int) -> None:
        self._quiet_ns = max(self._quiet_ns, end_ns + self._t35_ns)

    def up(self) -> None:
        """A line needs no opening."""

    def down(self, now_ns: int) -> bool:
        return False  # the request's time-out decides

    def answered(self) -> None:
        """A line has no back-off."""


class Connection:
    """Modbus/TCP: opened when there is something to send, reopened after a back-off that doubles."""

    def __init__(self, place: str) -> None:
        self._place = place
        self.framer: Framer = MbapFramer()
        self._is_up = self._asked = False
        self._transaction = 0
        self._not_before_ns = 0
        self._back_off_ns = BACK_OFF_FIRST_NS

    def free_ns(self, now_ns: int) -> int | None:
        if self._is_up:
            return now_ns
        return None if self._asked else self._not_before_ns

    def open(self, port: str) -> list[Output]:
        if self._is_up:
            return []
        self._asked = True
        return [(port, Up(self._place))]

    def encode(self, pdu: bytes, unit: int) -> bytes:
        self._transaction = (self._transaction + 1) % _TRANSACTIONS
        return self.framer.encode(pdu, unit, self._transaction)

    def on_wire_ns(self, pdu: bytes) -> int:
        return 0

    def answers(self, frame: Frame, unit: int) -> bool:
        return frame.transaction == self._transaction and frame.unit == unit

    def is_broadcast(self, unit: int) -> bool:
        return False  # unit 0 is the device that is connected (MODBUS Messaging on TCP/IP V1.0b 4.4.2)

    def used(self, end_ns: int) -> None:
        """Silence means nothing here."""

    def up(self) -> None:
        self._is_up, self._asked = True, False

    def down(self, now_ns: int) -> bool:
        if not (self._is_up or self._asked):
            return False  # the echo of our own
        self._is_up = self._asked = False
        self._not_before_ns = now_ns + self._back_off_ns
        self._back_off_ns = min(2 * self._back_off_ns, BACK_OFF_MOST_NS)
        return True

    def answered(self) -> None:
        # Not at `up`: a peer that takes connections and drops them at once is no peer yet.
        self._back_off_ns = BACK_OFF_FIRST_NS
