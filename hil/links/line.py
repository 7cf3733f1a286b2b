# SPDX-License-Identifier: Apache-2.0
"""A serial line as a medium with taps: bit rate, character time, queueing, collisions. No protocol.

What a tap sends goes out back to back from the instant the tap is free; every other tap gets it as
a burst at the instant its last stop bit ends, the sender a `Sent`. On a half-duplex line senders
that overlap collide: what is heard is the AND of their levels, as one UART would read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hil.links.collision import Sender, overhear
from hil.part import Output, Outputs
from hil.trace.events import TRACE, Overflow, Wire
from interfaces.wire import NS_PER_S, Burst, Full, Ready, Sent, Transmit

QUEUE_LIMIT_NS = 2 * NS_PER_S  # a tap whose queue reaches so far ahead is `Full`


class _Flight:
    """Characters on their way: `given` of them have been delivered already (in pieces)."""

    __slots__ = ("collided", "data", "end_ns", "given", "late_ns", "start_ns", "tap")

    def __init__(self, tap: str, start_ns: int, end_ns: int, data: bytes, late_ns: int) -> None:
        self.tap, self.start_ns, self.end_ns, self.data, self.late_ns = tap, start_ns, end_ns, data, late_ns
        self.given = 0
        self.collided = False


class Line:
    """Ports are the taps. `piece_ns` cuts what is delivered into pieces of at most that long, so that a
    peer on a real port sees the first characters early; 0 delivers each burst whole.

    `bit_rate` 0 is a line without timing: everything is delivered at once.
    """

    def __init__(
        self,
        name: str,
        taps: Sequence[str],
        bit_rate: int,
        char_bits: int = 10,
        *,
        parity: str = "none",
        half_duplex: bool = True,
        piece_ns: int = 0,
    ) -> None:
        self.name = name
        self._others = {tap: [other for other in taps if other != tap] for tap in taps}
        self._bit_rate, self._char_bits, self._parity = bit_rate, char_bits, parity
        self._half_duplex, self._piece_ns = half_duplex, piece_ns
        self._free_ns = dict.fromkeys(taps, 0)
        self._full: set[str] = set()
        self._flights: list[_Flight] = []
        self.deadline_ns: int | None = None

    def receive(self, now_ns: int, port: str, item: Any) -> Outputs:
        if not isinstance(item, Transmit):
            return ()
        start_ns = max(now_ns, self._free_ns[port])
        if start_ns - now_ns > QUEUE_LIMIT_NS:
            return self._overflow(now_ns, port, len(item.data))
        end_ns = start_ns + self._duration_ns(len(item.data))
        self._free_ns[port] = end_ns
        flight = _Flight(port, start_ns, end_ns, item.data, item.late_ns)
        if self._half_duplex:
            self._collide(flight)
        self._flights.append(flight)
        self._find_deadline()
        return ()

    def expire(self, now_ns: int) -> Outputs:
        out: list[Output] = []
        for flight in list(self._flights):
            if flight.collided:
                continue
            if flight.end_ns <= now_ns:
                self._flights.remove(flight)
                self._deliver(now_ns, flight, len(flight.data), out)
                self._sent(now_ns, flight, out)
            elif self._piece_ns:
                count = (now_ns - flight.start_ns) * self._bit_rate // (self._char_bits * NS_PER_S)
                self._deliver(now_ns, flight, count, out)
        self._settle_collision(now_ns, out)
        self._find_deadline()
        return out

    def _duration_ns(self, characters: int) -> int:
        return characters * self._char_bits * NS_PER_S // self._bit_rate if self._bit_rate else 0

    def _overflow(self, now_ns: int, port: str, count: int) -> Outputs:
        out: list[Output] = [(TRACE, Overflow(now_ns, self.name, f"bytes from {port}", count))]
        if port not in self._full:
            self._full.add(port)
            out.append((port, Full()))
        return out

    def _deliver(self, now_ns: int, flight: _Flight, count: int, out: list[Output]) -> None:
        """Give the characters up to `count` that have not been given yet."""
        if count <= flight.given:
            return
        data = flight.data[flight.given : count]
        start_ns = flight.start_ns + self._duration_ns(flight.given)
        flight.given = count
        self._give(now_ns, flight.tap, Burst(start_ns, data, self._bit_rate, self._char_bits, (), flight.late_ns), out)

    def _give(self, now_ns: int, tap: str, burst: Burst, out: list[Output]) -> None:
        flaws = " ".join(f"{mark.index}:{mark.flaw.value}" for mark in burst.marks) if burst.marks else ""
        out.append(
            (
                TRACE,
                Wire(now_ns, self.name, tap, burst.start_ns, burst.end_ns, burst.data.hex(), burst.late_ns, flaws),
            )
        )
        for other in self._others[tap]:
            out.append((other, burst))

    def _sent(self, now_ns: int, flight: _Flight, out: list[Output]) -> None:
        out.append((flight.tap, Sent(flight.end_ns)))
        if flight.tap in self._full and self._free_ns[flight.tap] <= now_ns:
            self._full.discard(flight.tap)
            out.append((flight.tap, Ready()))

    def _collide(self, new: _Flight) -> None:
        for flight in self._flights:
            if flight.tap != new.tap and flight.end_ns > new.start_ns and new.end_ns > flight.start_ns:
                flight.collided = new.collided = True

    def _settle_collision(self, now_ns: int, out: list[Output]) -> None:
        """When all that collided has ended, give every tap what a UART makes of the sum."""
        collided = [flight for flight in self._flights if flight.collided]
        if not collided or max(flight.end_ns for flight in collided) > now_ns:
            return
        self._flights = [flight for flight in self._flights if not flight.collided]
        senders = [Sender(flight.start_ns, flight.data[flight.given :]) for flight in collided]
        late_ns = max(flight.late_ns for flight in collided)
        tap = collided[0].tap
        for burst in overhear(senders, self._bit_rate, self._char_bits, self._parity, late_ns):
            self._give(now_ns, tap, burst, out)
        for flight in collided:
            self._sent(now_ns, flight, out)

    def _find_deadline(self) -> None:
        instants = [flight.end_ns for flight in self._flights if not flight.collided]
        if self._piece_ns:
            instants = [self._piece_end_ns(flight) for flight in self._flights if not flight.collided]
        collided = [flight.end_ns for flight in self._flights if flight.collided]
        if collided:
            instants.append(max(collided))
        self.deadline_ns = min(instants, default=None)

    def _piece_end_ns(self, flight: _Flight) -> int:
        characters = max(1, self._piece_ns * self._bit_rate // (self._char_bits * NS_PER_S)) if self._bit_rate else 0
        if not characters or flight.given + characters >= len(flight.data):
            return flight.end_ns
        return flight.start_ns + self._duration_ns(flight.given + characters) + 1  # floor: 1 ns later it is whole
