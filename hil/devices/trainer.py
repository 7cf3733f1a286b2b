# SPDX-License-Identifier: Apache-2.0
"""A bearing drive that keeps a rate and an acceleration limit.

A move is a profile of three stretches: towards the peak rate, at the peak rate, and down to rest
on the commanded bearing. Nothing ticks: bearing and rate are computed when asked for, in integers
of a millionth of a centidegree, so that a run repeats exactly. The drive turns the shorter way.
"""

from __future__ import annotations

from math import isqrt

from interfaces.wire import NS_PER_S

_FINE = 1_000_000  # fine units in a centidegree
_TURN = 36_000 * _FINE


def _ceil(value: int, by: int) -> int:
    return -(-value // by)


class Trainer:
    """Where the launcher of the land variant points; units are centidegrees (cdeg) and seconds."""

    __slots__ = (
        "_acceleration",
        "_cruise_ns",
        "_down_ns",
        "_peak",
        "_rate_max",
        "_start",
        "_start_ns",
        "_start_rate",
        "_target",
        "_up_ns",
        "_way",
    )

    def __init__(self, bearing_cdeg: int, rate_max: int, acceleration_max: int) -> None:
        self._rate_max = rate_max * _FINE
        self._acceleration = acceleration_max * _FINE
        self._start_ns = self._up_ns = self._cruise_ns = self._down_ns = 0
        self._start = self._target = bearing_cdeg * _FINE
        self._start_rate = self._peak = 0
        self._way = 1

    @property
    def rest_ns(self) -> int:
        """The instant from which the drive is at rest."""
        return self._start_ns + self._up_ns + self._cruise_ns + self._down_ns

    def moving(self, now_ns: int) -> bool:
        """Whether the drive has yet to come to rest."""
        return now_ns < self.rest_ns

    def bearing_cdeg(self, now_ns: int) -> int:
        """The bearing, 0 to 35999, to the nearest centidegree."""
        return (self._position(now_ns) + _FINE // 2) // _FINE % 36_000

    def rate_cdeg_s(self, now_ns: int) -> int:
        """The rate, positive clockwise; truncated towards zero, so that it never reads above its limit."""
        rate = self._rate(now_ns)
        return rate // _FINE if rate >= 0 else -(-rate // _FINE)

    def command(self, now_ns: int, bearing_cdeg: int) -> None:
        """Train to a bearing from wherever the drive is and however fast it moves."""
        position, rate = self._position(now_ns), self._rate(now_ns)
        turn = (bearing_cdeg * _FINE - position + _TURN // 2) % _TURN - _TURN // 2
        self._plan(now_ns, position, rate, position + turn)

    def halt(self, now_ns: int) -> None:
        """Come to rest as soon as the acceleration limit allows."""
        position, rate = self._position(now_ns), self._rate(now_ns)
        self._plan(now_ns, position, rate, position + self._stopping(rate))

    def _stopping(self, rate: int) -> int:
        return rate * abs(rate) // (2 * self._acceleration)

    def _plan(self, now_ns: int, position: int, rate: int, target: int) -> None:
        acceleration = self._acceleration
        rest = position + self._stopping(rate)
        # What the drive can't stop short of it overshoots and comes back to.
        way = 1 if target > rest or (target == rest and rate >= 0) else -1
        distance, along = way * (target - position), way * rate
        # Up and down together cover (2 * peak^2 - along^2) / (2 * acceleration).
        peak = isqrt(max(0, (2 * acceleration * distance + along * along) // 2))
        peak = max(min(peak, self._rate_max), along, 0)
        cruise = max(0, distance - (2 * peak * peak - along * along) // (2 * acceleration))
        self._start_ns, self._start, self._start_rate, self._target = now_ns, position, along, target
        self._way, self._peak = way, peak
        self._up_ns = _ceil((peak - along) * NS_PER_S, acceleration)
        self._cruise_ns = cruise * NS_PER_S // peak if peak == self._rate_max else 0
        self._down_ns = _ceil(peak * NS_PER_S, acceleration)

    def _position(self, now_ns: int) -> int:
        into = now_ns - self._start_ns
        left = self.rest_ns - now_ns
        if left <= 0:
            return self._target
        if into < self._up_ns:
            gone = self._start_rate * into // NS_PER_S + self._acceleration * into * into // (2 * NS_PER_S * NS_PER_S)
            return self._start + self._way * gone
        if left <= self._down_ns:
            return self._target - self._way * (self._acceleration * left * left // (2 * NS_PER_S * NS_PER_S))
        to_go = self._stopping(self._peak) + self._peak * (left - self._down_ns) // NS_PER_S
        return self._target - self._way * to_go

    def _rate(self, now_ns: int) -> int:
        into = now_ns - self._start_ns
        left = self.rest_ns - now_ns
        if left <= 0:
            return 0
        if into < self._up_ns:
            return self._way * min(self._peak, self._start_rate + self._acceleration * into // NS_PER_S)
        return self._way * min(self._peak, self._acceleration * left // NS_PER_S)
