# SPDX-License-Identifier: Apache-2.0
"""What is heard when several senders drive one half-duplex line: bit by bit, the AND of them all.

A line that anybody pulls low is low. Each listener is a UART on that level: it finds the falling edge of
a start bit, takes each bit at its centre, judges parity and the (first) stop bit, and looks for the next
edge from the centre of the stop bit on. A tap's receiver is off while the tap itself sends. Eight data bits.

        start  d0   d1  ...  d7  [parity]  stop
    ----|____|====|====|    |====|[======]|-----
"""

from __future__ import annotations

from collections.abc import Sequence

from interfaces.wire import NS_PER_S, Burst, Flaw, Mark, Record

_DATA_BITS = 8
_PARITY_OF = {"even": 0, "odd": 1}


class Framing(Record, frozen=True):
    """How characters stand on a line. `char_bits` counts start, data, parity and stop bits."""

    bit_rate: int
    char_bits: int = 10
    parity: str = "none"

    def span_ns(self, chars: int) -> int:
        """How long so many characters back to back take (floor to 1 ns, as `Burst` has it)."""
        return chars * self.char_bits * NS_PER_S // self.bit_rate


class Wave:
    """The level that one transmission drives."""

    __slots__ = ("_bits", "_count", "_framing", "end_ns", "late_ns", "start_ns")

    def __init__(self, framing: Framing, start_ns: int, data: bytes, late_ns: int) -> None:
        self.start_ns = start_ns
        self.end_ns = start_ns + framing.span_ns(len(data))
        self.late_ns = late_ns
        self._framing = framing
        self._count = len(data) * framing.char_bits
        self._bits = 0
        for byte in reversed(data):
            self._bits = self._bits << framing.char_bits | _levels(framing, byte)

    def high(self, time_ns: int) -> bool:
        index = ((time_ns - self.start_ns + 1) * self._framing.bit_rate - 1) // NS_PER_S
        return not 0 <= index < self._count or bool(self._bits >> index & 1)

    def falls(self, from_ns: int, to_ns: int) -> list[int]:
        """The instants in [from, to) at which the level goes low."""
        rate = self._framing.bit_rate
        first = max(0, (from_ns - self.start_ns) * rate // NS_PER_S)
        last = min(self._count, (to_ns - self.start_ns) * rate // NS_PER_S + 1)
        falling = ~self._bits & (self._bits << 1 | 1)
        times = (self.start_ns + i * NS_PER_S // rate for i in range(first, last) if falling >> i & 1)
        return [time_ns for time_ns in times if from_ns <= time_ns < to_ns]


class Collision:
    """Transmissions that overlap, from the first clash until nobody sends; `heard_ns` is where a tap listens on."""

    __slots__ = ("_framing", "_heard_ns", "_waves")

    def __init__(self, framing: Framing, heard_ns: dict[str, int]) -> None:
        self._framing = framing
        self._heard_ns = heard_ns
        self._waves: list[tuple[str, Wave]] = []

    def add(self, tap: str, start_ns: int, data: bytes, late_ns: int) -> None:
        self._waves.append((tap, Wave(self._framing, start_ns, data, late_ns)))

    def hear(self, tap: str, until_ns: int) -> list[Burst]:
        """What `tap` hears that was over by `until_ns` and was not given before."""
        waves = [wave for sender, wave in self._waves if sender != tap]
        own = [wave for sender, wave in self._waves if sender == tap]
        late_ns = max((wave.late_ns for wave in waves), default=0)
        bursts: list[Burst] = []
        at_ns = self._heard_ns[tap]
        for edge_ns in sorted({fall for wave in waves for fall in wave.falls(at_ns, until_ns)}):
            if edge_ns < at_ns or not all(wave.high(edge_ns - 1) for wave in waves):
                continue
            end_ns = edge_ns + self._framing.span_ns(1)
            if end_ns > until_ns:
                self._heard_ns[tap] = edge_ns
                return bursts
            deaf_ns = max((wave.end_ns for wave in own if wave.start_ns < end_ns and wave.end_ns > edge_ns), default=0)
            if deaf_ns:
                at_ns = deaf_ns
                continue
            byte, flaw = self._sample(waves, edge_ns)
            self._append(bursts, edge_ns, byte, flaw, late_ns)
            at_ns = end_ns - self._bits_ns(1) // 2
        self._heard_ns[tap] = max(at_ns, until_ns)
        return bursts

    def forget(self) -> None:
        """Drop what every tap has heard, so that a line that is never silent takes no more memory."""
        heard_ns = min(self._heard_ns.values())
        self._waves = [(tap, wave) for tap, wave in self._waves if wave.end_ns >= heard_ns]

    def _bits_ns(self, half_bits: int) -> int:
        return half_bits * NS_PER_S // self._framing.bit_rate

    def _sample(self, waves: Sequence[Wave], edge_ns: int) -> tuple[int, Flaw | None]:
        framing = self._framing
        with_parity = framing.parity != "none"
        bits = 0
        for i in range(_DATA_BITS + with_parity + 1):
            centre_ns = edge_ns + (2 * i + 3) * NS_PER_S // (2 * framing.bit_rate)
            bits |= all(wave.high(centre_ns) for wave in waves) << i
        byte = bits & 0xFF
        stop = bits >> (_DATA_BITS + with_parity)
        if not stop:
            return byte, Flaw.FRAMING if bits else Flaw.BREAK
        if with_parity and bits >> _DATA_BITS & 1 != byte.bit_count() & 1 ^ _PARITY_OF[framing.parity]:
            return byte, Flaw.PARITY
        return byte, None

    def _append(self, bursts: list[Burst], edge_ns: int, byte: int, flaw: Flaw | None, late_ns: int) -> None:
        """Add a character: to the last burst if it came right behind it (to half a bit), else as a new one."""
        framing = self._framing
        char = bytes((byte,))
        if bursts and abs(edge_ns - bursts[-1].end_ns) <= self._bits_ns(1) // 2:
            last = bursts.pop()
            marks = (*last.marks, Mark(len(last.data), flaw)) if flaw else last.marks
            bursts.append(
                Burst(last.start_ns, last.data + char, framing.bit_rate, framing.char_bits, marks, last.late_ns)
            )
            return
        marks = (Mark(0, flaw),) if flaw else ()
        bursts.append(Burst(edge_ns, char, framing.bit_rate, framing.char_bits, marks, late_ns))


def _levels(framing: Framing, byte: int) -> int:
    """The bits of one character in the order they go out, the first one lowest; the start bit is 0."""
    levels = byte << 1
    used = 1 + _DATA_BITS
    if framing.parity != "none":
        levels |= (byte.bit_count() & 1 ^ _PARITY_OF[framing.parity]) << used
        used += 1
    stop_bits = framing.char_bits - used
    return levels | ((1 << stop_bits) - 1) << used
