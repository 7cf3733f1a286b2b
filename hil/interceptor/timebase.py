# SPDX-License-Identifier: Apache-2.0
"""The microsecond counter, disciplined by a pulse per second (INT-014).

The counter is kept as the microsecond that is running, the clock it began at and its length.
What the ICD says of slew, jump and wrap holds to the clock; nothing is done in a clock without need.
"""

from __future__ import annotations

from interfaces.spec.model import Icd
from interfaces.wire import NS_PER_S

US_PER_S = 1_000_000


class Timebase:
    """Counts from 0 at `clock`."""

    __slots__ = (
        "_began_clock",
        "_clocks_per_us",
        "_free_clocks",
        "_interval_us",
        "_jump_limit",
        "_length",
        "_lost_clocks",
        "_pending",
        "_pps_clock",
        "_pps_clocks",
        "_slew_clocks",
        "_target_us",
        "_us",
        "_wrap_us",
    )

    def __init__(self, icd: Icd, clock_hz: int, clock: int) -> None:
        self._clocks_per_us = clock_hz // US_PER_S
        self._interval_us = icd.constant("slew_interval_us")
        self._slew_clocks = icd.constant("slew_clocks")
        self._jump_limit = icd.constant("jump_limit_clocks")
        self._pps_clocks = icd.constant("pps_clocks")
        self._wrap_us = icd.constant("time_wrap_us")
        self._lost_clocks = icd.time_ns("pps_lost") * clock_hz // NS_PER_S
        self._free_clocks = self._lost_clocks + icd.time_ns("holdover_limit") * clock_hz // NS_PER_S
        self._us = 0
        self._began_clock = clock
        self._length = self._clocks_per_us
        self._pending = 0  # clocks by which the counter is ahead and that are still to be worked off
        self._target_us: int | None = None
        self._pps_clock: int | None = None

    def expect(self, at_pps_us: int) -> None:
        """A time message: what the counter ought to read at the next pulse."""
        self._target_us = at_pps_us

    def now_us(self, clock: int) -> int:
        """The counter at `clock`."""
        self._advance(clock)
        return self._us

    def sync(self, clock: int) -> str:
        """`free`, `locked` or `holdover`."""
        if self._pps_clock is None:
            return "free"
        silence = clock - self._pps_clock
        if silence >= self._free_clocks:
            return "free"
        return "holdover" if silence >= self._lost_clocks else "locked"

    def clock_of(self, clock: int, phase_us: int, cycle_us: int) -> int:
        """The next clock after `clock` at which the counter, by counting, begins `phase_us` of a cycle."""
        self._advance(clock)
        ahead_us = (phase_us - self._us - 1) % cycle_us + 1
        # The running microsecond's length is decided; the marks that follow it are still to come.
        marks = (self._us + ahead_us - 1) // self._interval_us - self._us // self._interval_us
        plain = self._length + (ahead_us - 1) * self._clocks_per_us
        if self._pending < 0:
            return self._began_clock + plain - min(-self._pending, marks * self._slew_clocks)
        return self._began_clock + plain + min(self._pending, marks * self._slew_clocks)

    def pulse(self, clock: int) -> bool:
        """A pulse took effect; True when the counter was loaded instead of slewed."""
        self._advance(clock)
        ahead_us = self._ahead_us()
        ahead = ahead_us * self._clocks_per_us + clock - self._began_clock - self._pps_clocks
        self._pps_clock, self._target_us = clock, None
        if abs(ahead) <= self._jump_limit:
            self._pending = ahead
            return False
        self._us = (self._us - ahead_us) % self._wrap_us
        self._began_clock = clock - self._pps_clocks
        self._length = self._clocks_per_us
        self._pending = 0
        return True

    def _ahead_us(self) -> int:
        """How far the counter is ahead of what it ought to read; without a time message, of the nearest second."""
        period_us = US_PER_S if self._target_us is None else self._wrap_us
        ahead_us = (self._us - (self._target_us or 0)) % period_us
        return ahead_us - period_us if ahead_us >= period_us // 2 else ahead_us

    def _advance(self, clock: int) -> None:
        while clock - self._began_clock >= self._length:
            self._us += 1
            self._began_clock += self._length
            plain_us = (clock - self._began_clock) // self._clocks_per_us
            if self._pending:
                plain_us = min(plain_us, -self._us % self._interval_us)
            self._us += plain_us
            self._began_clock += plain_us * self._clocks_per_us
            self._length = self._clocks_per_us + self._adjustment()
            self._us %= self._wrap_us

    def _adjustment(self) -> int:
        """What the microsecond that begins is longer by; it is counted off the correction."""
        if not self._pending or self._us % self._interval_us:
            return 0
        adjustment = (
            min(self._slew_clocks, self._pending) if self._pending > 0 else max(-self._slew_clocks, self._pending)
        )
        self._pending -= adjustment
        return adjustment
