# SPDX-License-Identifier: Apache-2.0
"""A serial line as a pure part: a medium with taps, a bit rate and a character time.

Ports are the taps' names. `Transmit` on a tap goes out back to back as soon as that tap's sender is free;
when its last stop bit ends every other tap gets a `Burst`, the sender `Sent`, the trace a `Wire`. Full
duplex: two taps, two independent directions. Half duplex: nobody waits for anybody; senders that overlap
are heard as `hil.links.collision` says, both `Sent` come as usual and their `Wire` records say `collision`.

`piece_ns` hands over what is sent in pieces of at most that long, so that a peer at the end of a pty sees
a frame's first characters in time. A bit rate of 0 is a line that is not paced: everything takes no time.

A tap in `real_taps` leads to a UART, a port's or an interceptor body's: it gets what is sent when that
begins, because the UART takes the time itself, and what comes from it comes as a `Burst`, already over, and
is handed on as it is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from hil.links.bound import Bound
from hil.links.collision import Collision, Framing
from hil.part import Output, Outputs
from hil.trace.events import TRACE, Wire
from interfaces.wire import NS_PER_S, Burst, Sent, Transmit

COLLISION = "collision"


class _Tap:
    """A tap's sender: what it sends now (`data` empty when idle) and what waits."""

    __slots__ = (
        "bound",
        "collided",
        "data",
        "end_ns",
        "given",
        "hearers",
        "late_ns",
        "name",
        "next_ns",
        "queue",
        "start_ns",
    )

    def __init__(self, place: str, name: str, hearers: tuple[str, ...]) -> None:
        self.name = name
        self.hearers = hearers
        self.queue: deque[Transmit] = deque()
        self.bound = Bound(place, name)
        self.data = b""
        self.start_ns = self.end_ns = self.late_ns = 0
        self.given = 0  # characters that the others have got
        self.next_ns: int | None = None  # when they get more
        self.collided = False

    def sends_at(self, now_ns: int) -> bool:
        return self.next_ns is not None and self.end_ns > now_ns


class Line:
    """`char_bits` counts start, data, parity and stop bits; `parity` matters where senders collide."""

    __slots__ = (
        "_collision",
        "_framing",
        "_half_duplex",
        "_handlers",
        "_piece_chars",
        "_real_taps",
        "_taps",
        "deadline_ns",
        "name",
    )

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
        real_taps: Sequence[str] = (),
    ) -> None:
        if not half_duplex and len(taps) != 2:
            raise ValueError(f"{name}: a full-duplex line has two taps, not {len(taps)}")
        self.name = name
        self.deadline_ns: int | None = None
        self._framing = Framing(bit_rate, char_bits, parity)
        self._half_duplex = half_duplex
        self._piece_chars = max(1, piece_ns * bit_rate // (char_bits * NS_PER_S)) if piece_ns else 0
        self._real_taps = frozenset(real_taps)
        self._taps = {tap: _Tap(name, tap, tuple(other for other in taps if other != tap)) for tap in taps}
        self._collision: Collision | None = None
        self._handlers: dict[type, Callable[[int, _Tap, Any], Outputs]] = {
            Transmit: self._unpaced if bit_rate == 0 else self._on_transmit,
            Burst: self._on_burst,
        }

    def receive(self, now_ns: int, port: str, item: Any) -> Outputs:
        """Other items (a gateway's `Full`, `Ready`) mean nothing to a medium: it never waits."""
        handler = self._handlers.get(type(item))
        return handler(now_ns, self._taps[port], item) if handler is not None else ()

    def expire(self, now_ns: int) -> Outputs:
        out: list[Output] = []
        while self.deadline_ns is not None and self.deadline_ns <= now_ns:
            due_ns = self.deadline_ns
            for tap in self._taps.values():
                if tap.next_ns == due_ns:
                    self._advance(tap, out)
            self._arm()
        return out

    def _unpaced(self, now_ns: int, tap: _Tap, item: Transmit) -> Outputs:
        burst = Burst(now_ns, item.data, 0, self._framing.char_bits, (), item.late_ns)
        return [*self._relay(now_ns, tap, burst), (tap.name, Sent(now_ns))]

    def _on_burst(self, now_ns: int, tap: _Tap, burst: Burst) -> Outputs:
        return self._relay(now_ns, tap, burst)

    def _relay(self, now_ns: int, tap: _Tap, burst: Burst) -> list[Output]:
        flaws = ",".join(f"{mark.index}:{mark.flaw.value}" for mark in burst.marks)
        wire = Wire(now_ns, self.name, tap.name, burst.start_ns, burst.end_ns, burst.data.hex(), burst.late_ns, flaws)
        return [(TRACE, wire), *((hearer, burst) for hearer in tap.hearers)]

    def _on_transmit(self, now_ns: int, tap: _Tap, item: Transmit) -> Outputs:
        out: list[Output] = []
        if not item.data:
            out.append((tap.name, Sent(now_ns)))
        elif tap.next_ns is not None:
            if tap.bound.take(len(item.data), out):
                tap.queue.append(item)
        else:
            self._begin(now_ns, tap, item, out)
            self._arm()
        return out

    def _begin(self, start_ns: int, tap: _Tap, item: Transmit, out: list[Output]) -> None:
        framing = self._framing
        tap.data, tap.late_ns = item.data, item.late_ns
        tap.start_ns, tap.end_ns = start_ns, start_ns + framing.span_ns(len(item.data))
        tap.given = 0
        tap.collided = False
        if self._real_taps:
            burst = Burst(start_ns, item.data, framing.bit_rate, framing.char_bits, (), item.late_ns)
            out.extend((hearer, burst) for hearer in tap.hearers if hearer in self._real_taps)
        if self._half_duplex and self._clashes(start_ns, tap):
            self._collide(start_ns, tap)
        else:
            tap.next_ns = self._piece_end_ns(tap)

    def _piece_end_ns(self, tap: _Tap) -> int:
        chars = tap.given + self._piece_chars
        if not self._piece_chars or chars >= len(tap.data):
            return tap.end_ns
        return tap.start_ns + self._framing.span_ns(chars)

    def _advance(self, tap: _Tap, out: list[Output]) -> None:
        """Hand over what has been sent by the tap's `next_ns`; go on with what waits."""
        now_ns = tap.next_ns
        assert now_ns is not None
        if not tap.collided:
            self._give(tap, out)
        elif self._collision is not None:  # None: another sender's end, at this instant too, was the last
            self._hear(self._collision, now_ns, out)
        if now_ns < tap.end_ns:
            tap.next_ns = self._piece_end_ns(tap)
            return
        flaws = COLLISION if tap.collided else ""
        out.append((TRACE, Wire(now_ns, self.name, tap.name, tap.start_ns, now_ns, tap.data.hex(), tap.late_ns, flaws)))
        out.append((tap.name, Sent(now_ns)))
        tap.next_ns = None
        if tap.queue:
            item = tap.queue.popleft()
            tap.bound.free(now_ns, len(item.data), out)
            self._begin(now_ns, tap, item, out)

    def _give(self, tap: _Tap, out: list[Output]) -> None:
        framing = self._framing
        start_ns, data = tap.start_ns, tap.data
        if self._piece_chars:
            first, last = tap.given, tap.given + self._piece_chars
            start_ns, data = start_ns + framing.span_ns(first), data[first:last]
            tap.given = first + len(data)
        burst = Burst(start_ns, data, framing.bit_rate, framing.char_bits, (), tap.late_ns)
        for hearer in tap.hearers:
            if hearer not in self._real_taps:
                out.append((hearer, burst))

    def _clashes(self, start_ns: int, tap: _Tap) -> bool:
        return self._collision is not None or any(
            other.sends_at(start_ns) for other in self._taps.values() if other is not tap
        )

    def _collide(self, now_ns: int, tap: _Tap) -> None:
        """From here on the line is heard bit by bit, until nobody sends."""
        sending = [other for other in self._taps.values() if other is not tap and other.sends_at(now_ns)]
        if self._collision is None:
            given_ns = max(other.start_ns + self._framing.span_ns(other.given) for other in sending)
            self._collision = Collision(self._framing, dict.fromkeys(self._taps, given_ns))
            for other in sending:
                self._collision.add(other.name, other.start_ns, other.data, other.late_ns)
                other.next_ns = other.end_ns
        for other in (*sending, tap):
            other.collided = True
        self._collision.add(tap.name, tap.start_ns, tap.data, tap.late_ns)
        tap.next_ns = tap.end_ns

    def _hear(self, collision: Collision, now_ns: int, out: list[Output]) -> None:
        over = not any(tap.sends_at(now_ns) for tap in self._taps.values())
        # A UART that took a bit in the middle for a start bit ends its last character in the silence.
        until_ns = now_ns + self._framing.span_ns(1) if over else now_ns
        for name in self._taps:
            if name not in self._real_taps:
                out.extend((name, burst) for burst in collision.hear(name, until_ns))
        if over:
            self._collision = None
        else:
            collision.forget()

    def _arm(self) -> None:
        deadlines = [tap.next_ns for tap in self._taps.values() if tap.next_ns is not None]
        self.deadline_ns = min(deadlines) if deadlines else None
