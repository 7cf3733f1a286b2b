# SPDX-License-Identifier: Apache-2.0
"""Modbus RTU: frames by silence (MODBUS-SL V1.02 2.5.1.1).

        frame         silence >= t3.5         frame
    |############|.......................|############|     a gap inside a frame > t1.5 rejects it

A frame is known once t3.5 has passed after it, or when the next burst starts that much later. Stamps
that may be late by `late_ns` (a pty hands over glued chunks without visible silence) make a boundary
uncertain; then content decides: known PDU lengths and the CRC (see `split`). With exact stamps frames
without silence between them are one bad frame, as on a real line.

A framer that serves `units` asks for no wake-up after a good frame to another unit, for nobody waits for
it: the frame comes out with whatever is heard next, or by `expire`, as though it had been cut in time.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

from interfaces.framing.contract import Cut
from interfaces.framing.crc import modbus as crc_modbus
from interfaces.framing.run import Run
from interfaces.framing.split import FRAME_MAX, LengthOf, whole
from interfaces.wire import NS_PER_S, NS_PER_US, Burst

FAST_BPS = 19200  # above it the silences are fixed
FAST_T15_NS = 750 * NS_PER_US
FAST_T35_NS = 1750 * NS_PER_US

# With uncertain stamps silence may never be seen: content is judged once this much has come.
_UNCERTAIN_BYTES_MAX = 4 * FRAME_MAX


def silences_ns(bit_rate: int, char_bits: int) -> tuple[int, int]:
    """The longest gap inside a frame (t1.5) and the shortest between frames (t3.5), in whole ns."""
    if bit_rate > FAST_BPS:
        return FAST_T15_NS, FAST_T35_NS
    half_char_bits_ns = char_bits * NS_PER_S
    return 3 * half_char_bits_ns // (2 * bit_rate), -(-7 * half_char_bits_ns // (2 * bit_rate))


class RtuFramer:
    """One line's inbound traffic, every unit's. `lengths` tell the length of a PDU from its first bytes;
    `units` are those whose frames are wanted as soon as they are known, None for every unit's.
    """

    __slots__ = (
        "_closed_ns",
        "_due_ns",
        "_held_back",
        "_lengths",
        "_run",
        "_t15_ns",
        "_t35_ns",
        "_units",
        "deadline_ns",
        "holds_foreign",
    )

    def __init__(
        self,
        bit_rate: int,
        char_bits: int = 11,
        lengths: Sequence[LengthOf] | None = None,
        units: Container[int] | None = None,
    ) -> None:
        self._t15_ns, self._t35_ns = silences_ns(bit_rate, char_bits)
        self._lengths = tuple(lengths or ())
        self._run: Run | None = None
        self._closed_ns: int | None = None  # where the last run ended
        self._held_back = False
        self._units = units
        self._due_ns = 0  # when the silence after the present run is long enough
        self.holds_foreign = False  # a good frame to another unit, until its silence has been seen to be over
        self.deadline_ns: int | None = None

    def receive(self, now_ns: int, burst: Burst) -> Sequence[Cut]:
        if not burst.data:
            return ()
        cuts: Sequence[Cut] = ()
        run = self._run
        if run is not None and ((self.holds_foreign and now_ns >= self._due_ns) or self._separates(run, burst)):
            cuts, run = self._close(run), None
        if run is None:
            run = self._run = Run(burst)
            if self._closed_ns is not None and burst.start_ns - self._closed_ns < self._t35_ns:
                # It began before the silence that ended the last frame was over.
                (run.doubts if burst.late_ns else run.gaps).append(0)
        else:
            self._grade(run, burst)
            run.add(burst)
            if len(run.data) > _UNCERTAIN_BYTES_MAX and run.late_ns:
                cuts = [*cuts, *run.relieve(self._lengths)]
        self._held_back = False
        self._due_ns = run.end_ns + self._t35_ns
        self.holds_foreign = self._is_foreign(run)
        self.deadline_ns = None if self.holds_foreign else self._due_ns
        return cuts

    def expire(self, now_ns: int) -> Sequence[Cut]:
        run = self._run
        if run is None or now_ns < self._due_ns:
            return ()
        if run.late_ns and not self._held_back and not whole(run.data, self._lengths):
            # The rest may be on its way, its stamp late: wait for it as long as that can be.
            self._held_back = True
            self._due_ns += run.late_ns
            self.deadline_ns = self._due_ns
            if now_ns < self._due_ns:
                return ()
        return self._close(run)

    def finish(self) -> Sequence[Cut]:
        cuts = self._close(self._run) if self._run else ()
        self._closed_ns = None
        return cuts

    def encode(self, payload: bytes, unit: int = -1, transaction: int = 0) -> bytes:
        body = bytes((unit,)) + payload
        return body + crc_modbus(body).to_bytes(2, "little")

    def _is_foreign(self, run: Run) -> bool:
        """Whether a run is whole and another unit's; a rejected one is recorded in time, whoever's it is."""
        units = self._units
        return units is not None and not run.late_ns and run.data[0] not in units and run.is_good

    def _separates(self, run: Run, burst: Burst) -> bool:
        gap_ns = burst.start_ns - run.end_ns
        if gap_ns < self._t35_ns:
            return False
        # A late stamp can make a gap look longer than it was; a run that is whole needs no more.
        return gap_ns - burst.late_ns >= self._t35_ns or whole(run.data, self._lengths)

    def _grade(self, run: Run, burst: Burst) -> None:
        """Judge the silence between `run` and `burst`, which is no boundary that can be trusted."""
        gap_ns = burst.start_ns - run.end_ns
        if gap_ns <= self._t15_ns:
            return
        within_error = gap_ns - burst.late_ns <= self._t15_ns or gap_ns + run.late_ns >= self._t35_ns
        (run.doubts if within_error else run.gaps).append(len(run.data))

    def _close(self, run: Run) -> Sequence[Cut]:
        self._run = None
        self._held_back = self.holds_foreign = False
        self.deadline_ns = None
        self._closed_ns = run.end_ns
        return run.cuts(self._lengths)
