# SPDX-License-Identifier: Apache-2.0
"""What is heard when several senders drive one half-duplex line: bit by bit, the AND of them all.

A line that anybody pulls low is low. Each listener is a UART on that level: it finds the falling edge of
a start bit, takes each bit at its centre, judges parity and the (first) stop bit, and looks for the next
edge from the centre of the stop bit on. A tap's receiver is off while the tap itself sends. Eight data bits.

        start  d0   d1  ...  d7  [parity]  stop
    ----|____|====|====|    |====|[======]|-----
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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

    @property
    def half_bit_ns(self) -> int:
        return NS_PER_S // (2 * self.bit_rate)


class Wave:
    """The level that one transmission drives."""

    __slots__ = ("_bit_rate", "_levels", "end_ns", "late_ns", "start_ns")

    def __init__(self, framing: Framing, start_ns: int, data: bytes, late_ns: int) -> None:
        self.start_ns = start_ns
        self.end_ns = start_ns + framing.span_ns(len(data))
        self.late_ns = late_ns
        self._bit_rate = framing.bit_rate
        of = {byte: _levels(framing, byte) for byte in set(data)}
        self._levels = b"".join([of[byte] for byte in data])

    def high(self, time_ns: int) -> bool:
        index = ((time_ns - self.start_ns + 1) * self._bit_rate - 1) // NS_PER_S
        return not 0 <= index < len(self._levels) or self._levels[index] == 1

    def falls(self, from_ns: int, to_ns: int) -> Iterator[int]:
        """The instants in [from, to) at which the level goes low."""
        index = max(0, (from_ns - self.start_ns) * self._bit_rate // NS_PER_S)
        if index == 0 and from_ns <= self.start_ns < to_ns:
            yield self.start_ns  # the first start bit: before it the line was high
        while (index := self._levels.find(b"\1\0", max(0, index - 1)) + 1) > 0:
            time_ns = self.start_ns + index * NS_PER_S // self._bit_rate
            if time_ns >= to_ns:
                return
            if time_ns >= from_ns:
                yield time_ns
            index += 1


class _Heard:
    """Characters as a UART gives them, put together to bursts."""

    __slots__ = ("_framing", "_late_ns", "_runs")

    def __init__(self, framing: Framing, late_ns: int) -> None:
        self._framing = framing
        self._late_ns = late_ns
        self._runs: list[tuple[int, bytearray, list[Mark]]] = []

    def add(self, edge_ns: int, byte: int, flaw: Flaw | None) -> None:
        """It belongs to the last burst if it came right behind it, to half a bit."""
        if not self._runs or abs(edge_ns - self._end_ns()) > self._framing.half_bit_ns:
            self._runs.append((edge_ns, bytearray(), []))
        _, data, marks = self._runs[-1]
        if flaw is not None:
            marks.append(Mark(len(data), flaw))
        data.append(byte)

    def bursts(self) -> list[Burst]:
        rate, char_bits = self._framing.bit_rate, self._framing.char_bits
        return [
            Burst(start_ns, bytes(data), rate, char_bits, tuple(marks), self._late_ns)
            for start_ns, data, marks in self._runs
        ]

    def _end_ns(self) -> int:
        start_ns, data, _ = self._runs[-1]
        return start_ns + self._framing.span_ns(len(data))


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
        heard = _Heard(self._framing, max((wave.late_ns for wave in waves), default=0))
        at_ns = self._heard_ns[tap]
        for edge_ns in sorted({fall for wave in waves for fall in wave.falls(at_ns, until_ns)}):
            if edge_ns < at_ns or not all(wave.high(edge_ns - 1) for wave in waves):
                continue
            end_ns = edge_ns + self._framing.span_ns(1)
            if end_ns > until_ns:
                self._heard_ns[tap] = edge_ns
                return heard.bursts()
            deaf_ns = max((wave.end_ns for wave in own if wave.start_ns < end_ns and wave.end_ns > edge_ns), default=0)
            if deaf_ns:
                at_ns = deaf_ns
                continue
            heard.add(edge_ns, *self._sample(waves, edge_ns))
            at_ns = end_ns - self._framing.half_bit_ns
        self._heard_ns[tap] = max(at_ns, until_ns)
        return heard.bursts()

    def forget(self) -> None:
        """Drop what every tap has heard, so that a line that is never silent takes no more memory."""
        heard_ns = min(self._heard_ns.values())
        self._waves = [(tap, wave) for tap, wave in self._waves if wave.end_ns >= heard_ns]

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


def _levels(framing: Framing, byte: int) -> bytes:
    """The bits of one character in the order they go out."""
    bits = [0, *(byte >> i & 1 for i in range(_DATA_BITS))]
    if framing.parity != "none":
        bits.append(byte.bit_count() & 1 ^ _PARITY_OF[framing.parity])
    return bytes(bits).ljust(framing.char_bits, b"\1")
