# SPDX-License-Identifier: Apache-2.0
"""What a scenario's `world:` section says, and a target's place at an instant computed from it.

A target is a notional point mass that moves evenly from waypoint to waypoint; it stands at the first one
before its time and at the last one after. All results are integers: nanoseconds, millimetres, m/s, ppm.
"""

from __future__ import annotations

import bisect
import math
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from interfaces.wire import NS_PER_S, Record

FLIGHT_S = 20  # a flight ends after this when the scenario's list of outcomes is exhausted
MM_PER_M = 1_000
_PPM = 1_000_000

Seconds: TypeAlias = Annotated[float, Meta(ge=0)]
Metres: TypeAlias = Annotated[float, Meta(ge=-10_000_000, le=10_000_000)]


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of what stands in a scenario's `world:` section."""


class Waypoint(Section, frozen=True):
    """Where a target is at an instant: metres east, north and up."""

    t_s: Seconds
    x_m: Metres
    y_m: Metres
    z_m: Metres = 0


class FlightEnd(Section, frozen=True):
    """How a flight to a target ends, and how long after it left the cell."""

    result: Literal["hit", "miss"]
    after_s: Seconds


class Target(Section, frozen=True):
    """One target; the n-th flight to it ends with the n-th of `outcomes`."""

    id: Annotated[str, Meta(min_length=1)]
    classification: Literal["unknown", "friendly", "hostile"]
    path: Annotated[tuple[Waypoint, ...], Meta(min_length=1)]
    appears_s: Seconds = 0
    leaves_s: Seconds | None = None
    outcomes: tuple[FlightEnd, ...] = ()

    def __post_init__(self) -> None:
        if any(later.t_s <= earlier.t_s for earlier, later in zip(self.path, self.path[1:], strict=False)):
            raise ValueError("`path`: each waypoint must be later than the one before it")
        if self.leaves_s is not None and self.leaves_s <= self.appears_s:
            raise ValueError("`leaves_s` must be later than `appears_s`")


class Detection(Section, frozen=True):
    """The probability of detection at a range; even in between, 0 beyond the last row."""

    range_m: Annotated[int, Meta(ge=0, le=10_000_000)]
    probability: Annotated[float, Meta(ge=0, le=1)]


class Truth(Section, frozen=True):
    """The `world:` section of a scenario."""

    targets: tuple[Target, ...] = ()
    detection: tuple[Detection, ...] = (Detection(100_000, 1),)

    def __post_init__(self) -> None:
        if len({target.id for target in self.targets}) < len(self.targets):
            raise ValueError("`targets`: each `id` must be there once")
        for near, far in zip(self.detection, self.detection[1:], strict=False):
            if far.range_m <= near.range_m or far.probability > near.probability:
                raise ValueError("`detection`: ranges must increase, and probabilities must not")


class Motion(Record, frozen=True, gc=False):
    """A target's position (mm east, north and up) and speed at an instant."""

    x_mm: int
    y_mm: int
    z_mm: int
    speed_mps: int


class Course:
    """A target's path, ready to be asked."""

    __slots__ = ("_points", "_times_ns")

    def __init__(self, path: tuple[Waypoint, ...]) -> None:
        self._times_ns = [to_ns(point.t_s) for point in path]
        self._points = [[round(metres * MM_PER_M) for metres in (point.x_m, point.y_m, point.z_m)] for point in path]

    def at(self, now_ns: int) -> Motion:
        """Where the target is."""
        times, points = self._times_ns, self._points
        after = bisect.bisect_right(times, now_ns)
        if after == 0 or after == len(times):
            x_mm, y_mm, z_mm = points[max(after - 1, 0)]
            return Motion(x_mm, y_mm, z_mm, 0)
        gone_ns, whole_ns = now_ns - times[after - 1], times[after] - times[after - 1]
        here = points[after - 1]
        way = [there - start for start, there in zip(here, points[after], strict=True)]
        x_mm, y_mm, z_mm = (start + step * gone_ns // whole_ns for start, step in zip(here, way, strict=True))
        length_mm = math.isqrt(sum(step * step for step in way))
        return Motion(x_mm, y_mm, z_mm, length_mm * NS_PER_S // whole_ns // MM_PER_M)


class DetectionTable:
    """Probability by range, in integers (ppm)."""

    __slots__ = ("_ppm", "_ranges_m")

    def __init__(self, rows: tuple[Detection, ...]) -> None:
        self._ranges_m = [row.range_m for row in rows]
        self._ppm = [round(row.probability * _PPM) for row in rows]

    def at(self, range_m: int) -> int:
        """The probability at a range; that of the first row before it, 0 beyond the last."""
        ranges, ppm = self._ranges_m, self._ppm
        after = bisect.bisect_left(ranges, range_m)
        if after == len(ranges):
            return 0
        if after == 0:
            return ppm[0]
        into, width = range_m - ranges[after - 1], ranges[after] - ranges[after - 1]
        return ppm[after - 1] + (ppm[after] - ppm[after - 1]) * into // width


def to_ns(seconds: float) -> int:
    """Seconds of a scenario as ns."""
    return round(seconds * NS_PER_S)
