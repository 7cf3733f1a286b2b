# SPDX-License-Identifier: Apache-2.0
"""The body's transmitter: frames go out back to back from a clock on, and each is handed over when it has ended.

A cut puts the line to idle at once. What the other end then reads is what a UART reads: whole characters, and of the
broken one what was sent, the rest of its bits high.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from hil.interceptor.umbilical import UMBILICAL
from interfaces.spec.model import Discrete, Icd
from interfaces.wire import NS_PER_S, Burst, Flaw, Mark


class Transmitter:
    """`due_ns` is the end of the next frame, or of what is left of a cut one. Where a cut left no more of a character
    than the beginning of its start bit, the other end finds out at that bit's centre."""

    __slots__ = ("_bit_clocks", "_bursts", "_char_clocks", "_clock_ns", "_serial", "_talk")

    def __init__(self, icd: Icd, discrete: Discrete) -> None:
        self._serial = icd.serial[UMBILICAL]
        self._clock_ns = NS_PER_S // discrete.clock_hz
        self._bit_clocks = discrete.clock_hz // self._serial.bit_rate_bps
        self._char_clocks = self._bit_clocks * self._serial.char_bits
        self._bursts: deque[tuple[int, Burst]] = deque()  # with the instant of each one's end
        self._talk = (0, 0)  # its first and its last clock

    @property
    def due_ns(self) -> int | None:
        return self._bursts[0][0] if self._bursts else None

    def talks(self, clock: int) -> bool:
        """Whether the line is still being spoken on."""
        return self._talk[0] < clock <= self._talk[1]

    def begin(self, clock: int, frames: Sequence[bytes]) -> None:
        """Send frames from `clock` on."""
        begin = clock
        for data in frames:
            burst = self._burst(begin, data)
            self._bursts.append((burst.end_ns, burst))
            begin += len(data) * self._char_clocks
        self._talk = (clock, begin)

    def cut(self, clock: int) -> None:
        """Fall idle at `clock`; nothing happens where nobody talks."""
        if not self._talk[0] < clock <= self._talk[1]:
            return
        self._talk = (0, 0)
        if not self._bursts or self._bursts[0][0] <= clock * self._clock_ns:
            return
        _, broken = self._bursts.popleft()
        self._bursts.clear()
        self._break(broken, clock)

    def expire(self, now_ns: int) -> Burst | None:
        """The burst that ends now."""
        return self._bursts.popleft()[1] if self.due_ns == now_ns else None

    def _burst(self, clock: int, data: bytes, marks: tuple[Mark, ...] = ()) -> Burst:
        return Burst(clock * self._clock_ns, data, self._serial.bit_rate_bps, self._serial.char_bits, marks)

    def _break(self, burst: Burst, clock: int) -> None:
        begin = burst.start_ns // self._clock_ns
        whole, rest = divmod(clock - begin, self._char_clocks)
        half = self._bit_clocks // 2
        if rest <= half:  # not even the start bit was seen at its centre
            if whole:
                # Cut at the very end of a character, the line never went low again.
                noticed_ns = (begin + whole * self._char_clocks + (half if rest else 0)) * self._clock_ns
                self._bursts.append((noticed_ns, self._burst(begin, burst.data[:whole])))
            return
        seen = (rest - half - 1) // self._bit_clocks  # bits behind the start bit
        sent = burst.data[whole]
        mask = (1 << self._serial.data_bits) - 1
        read = (sent | mask << seen) & mask
        parity = self._parity(sent) if seen > self._serial.data_bits else 1
        flawed = self._serial.parity != "none" and parity != self._parity(read)
        marks = (Mark(whole, Flaw.PARITY),) if flawed else ()
        left = self._burst(begin, burst.data[:whole] + bytes([read]), marks)
        self._bursts.append((left.end_ns, left))

    def _parity(self, data: int) -> int:
        return data.bit_count() % 2 ^ (self._serial.parity == "odd")
