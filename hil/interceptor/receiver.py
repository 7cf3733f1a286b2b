# SPDX-License-Identifier: Apache-2.0
"""The body's receiver: what comes is handed over when it begins, and takes effect as its characters end.

A receiver that has just got power waits until the line was idle for one character's time; what began before that is
not heard at all, and the wait begins anew behind it. Idle counts from the last bit that was low.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from hil.devices.message_port import MessagePort, Received
from hil.interceptor.umbilical import UMBILICAL
from hil.part import Output
from interfaces.spec.model import Discrete, Icd
from interfaces.wire import NS_PER_S, Burst, Flaw, Mark


class Receiver:
    """`due_ns` is the end of the next piece that may complete a message."""

    __slots__ = (
        "_bit_clocks",
        "_char_clocks",
        "_clock_ns",
        "_icd",
        "_low_clock",
        "_name",
        "_pieces",
        "_port",
        "_serial",
    )

    def __init__(self, name: str, icd: Icd, discrete: Discrete) -> None:
        self._name, self._icd = name, icd
        self._serial = icd.serial[UMBILICAL]
        self._clock_ns = NS_PER_S // discrete.clock_hz
        self._bit_clocks = discrete.clock_hz // self._serial.bit_rate_bps
        self._char_clocks = self._bit_clocks * self._serial.char_bits
        self._port: MessagePort | None = None
        self._low_clock = -self._char_clocks  # what was not heard kept the line low until then
        self._pieces: deque[Burst] = deque()

    @property
    def due_ns(self) -> int | None:
        return self._pieces[0].end_ns if self._pieces else None

    def power(self, clock: int) -> None:
        """Begin to listen."""
        self._port = MessagePort(self._name, UMBILICAL, self._icd, "device")
        self._low_clock = max(self._low_clock, clock)

    def power_off(self) -> None:
        """What is under way is lost, and what comes is not heard."""
        if self._pieces:
            self._miss(self._pieces[-1])
        self._pieces.clear()
        self._port = None

    def hear(self, burst: Burst) -> None:
        """Characters that begin now."""
        if self._port is None or burst.start_ns // self._clock_ns < self._low_clock + self._char_clocks:
            self._miss(burst)
        else:
            self._pieces.extend(_split(burst))
            self._low_clock = -self._char_clocks  # it listens from now on

    def expire(self, now_ns: int) -> tuple[Sequence[Received], Sequence[Output]]:
        """The messages that the piece that ends now completes, and the trace records."""
        if self._port is None or self.due_ns != now_ns:
            return (), ()
        received = self._port.receive(now_ns, self._pieces.popleft())
        return received, self._port.take()

    def _miss(self, burst: Burst) -> None:
        end_clock = burst.end_ns // self._clock_ns
        self._low_clock = max(self._low_clock, end_clock - self._bit_clocks * self._high_bits_at_end(burst))

    def _high_bits_at_end(self, burst: Burst) -> int:
        """Bits of the last character, stop bits included, that are high up to its end."""
        serial, data = self._serial, burst.data[-1]
        flaws = {mark.flaw for mark in burst.marks if mark.index == len(burst.data) - 1}
        if flaws & {Flaw.FRAMING, Flaw.BREAK}:
            return 0
        bits = [data >> bit & 1 for bit in range(serial.data_bits)]
        if serial.parity != "none":
            even = sum(bits) % 2
            bits.append(even ^ (serial.parity == "odd") ^ (Flaw.PARITY in flaws))
        bits += [1] * serial.stop_bits
        low = [index for index, bit in enumerate(bits) if not bit]
        return len(bits) - 1 - low[-1] if low else len(bits)


def _split(burst: Burst) -> Iterator[Burst]:
    """Pieces that end with a zero, and what is left."""
    first = 0
    while first < len(burst.data):
        zero = burst.data.find(b"\0", first)
        end = len(burst.data) if zero < 0 else zero + 1
        marks = tuple(Mark(mark.index - first, mark.flaw) for mark in burst.marks if first <= mark.index < end)
        data = burst.data[first:end]
        yield Burst(burst.char_start_ns(first), data, burst.bit_rate, burst.char_bits, marks, burst.late_ns)
        first = end
