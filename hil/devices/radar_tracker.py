# SPDX-License-Identifier: Apache-2.0
"""A radar's tracks: which measurement belongs to which, M-of-N initiation, coasting and dropping.

A measurement is given to a track by gates around the track's last one, never by the scenario's label, which is only
passed on for the world's bookkeeping. The rows of the machine `track` stand in the ICD.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from operator import attrgetter

from hil.devices.radar_options import RadarOptions
from hil.devices.radar_sensor import Measured, turn
from hil.devices.state_table import StateTable
from hil.part import Output
from interfaces.spec.model import Icd
from interfaces.wire import NS_PER_S

_CDEG_PER_RADIAN = 5_730
_HELD = frozenset({"confirmed", "coasting"})
_by_range = attrgetter("range_m")


class Track:
    """One track: the body of the machine `track`.

    `target` and `classification` are the scenario's labels of what was last detected; a false alarm that
    falls into the gates changes neither. `told` is the label that the world knows of.
    """

    __slots__ = (
        "_hits_needed",
        "_window",
        "classification",
        "hits",
        "measured",
        "number",
        "scans",
        "seen_ns",
        "table",
        "target",
        "told",
    )

    def __init__(self, place: str, number: int, icd: Icd, now_ns: int, measured: Measured) -> None:
        self.number = number
        self._hits_needed = icd.constant("initiation_hits")
        self._window = icd.constant("initiation_scans")
        self.hits = [True]  # of the last N scans, the latest last
        self.scans = 1
        self.seen_ns = now_ns
        self.measured = measured
        self.target, self.classification = measured.target, measured.classification
        self.told: str | None = None
        self.table = StateTable(f"{place}.track{number}", "track", icd, self)

    @property
    def state(self) -> str:
        return self.table.state

    @property
    def held(self) -> bool:
        """Confirmed or coasting."""
        return self.table.state in _HELD

    @property
    def quality(self) -> int:
        """Share of the last N scans with a detection, in percent."""
        return sum(self.hits) * 100 // self._window

    def detected(self, now_ns: int, measured: Measured) -> None:
        """A scan found it."""
        self._count(True)
        self.seen_ns, self.measured = now_ns, measured
        if measured.target:
            self.target, self.classification = measured.target, measured.classification
        self.table.dispatch(now_ns, "detected")

    def missed(self, now_ns: int) -> None:
        """A scan did not find it."""
        self._count(False)
        self.table.dispatch(now_ns, "missed")

    def _count(self, hit: bool) -> None:
        self.scans += 1
        self.hits.append(hit)
        del self.hits[: -self._window]

    def guard_enough_hits(self, now_ns: int) -> bool:
        """ICD RAD-021: M detections; past N scans no track is tentative any more."""
        return sum(self.hits) >= self._hits_needed

    def guard_out_of_reach(self, now_ns: int) -> bool:
        """ICD RAD-021: what is left of the N scans can't bring M detections any more."""
        return sum(self.hits) + self._window - self.scans < self._hits_needed


class Tracker:
    """All tracks of a radar, oldest first. A dropped one stays until `forget`, so that it can be reported."""

    def __init__(self, place: str, icd: Icd, options: RadarOptions) -> None:
        self._place = place
        self._icd = icd
        self._options = options
        self._first = options.first_track
        self._numbers = icd.constant("track_numbers")
        self._most = icd.constant("tracks_max")
        self._given = 0
        self.tracks: dict[int, Track] = {}
        self.overload = False
        self.out: list[Output] = []
        self.deadline_ns: int | None = None

    @property
    def held(self) -> int:
        """How many tracks are confirmed or coasting."""
        return sum(track.held for track in self.tracks.values())

    @property
    def tentative(self) -> int:
        """How many tracks are tentative."""
        return sum(track.state == "tentative" for track in self.tracks.values())

    def owns(self, number: int) -> bool:
        """Whether a track number is one of this radar's."""
        return self._first <= number < self._first + self._numbers

    def scan(self, now_ns: int, measured: Sequence[Measured]) -> None:
        """Give a scan's measurements to the tracks; what is left over opens new ones."""
        left = sorted(measured, key=_by_range)
        for track in self.tracks.values():
            if track.state == "dropped":
                continue
            nearest = self._nearest(now_ns, track, left)
            if nearest is None:
                track.missed(now_ns)
            else:
                track.detected(now_ns, left.pop(nearest))
        self.overload = False
        for each in left:
            self._open(now_ns, each)
        self._settle()

    def expire(self, now_ns: int) -> None:
        """Let tracks coast and drop whose time has come."""
        for track in self.tracks.values():
            deadline_ns = track.table.deadline_ns
            if deadline_ns is not None and deadline_ns <= now_ns:
                track.table.expire(now_ns)
        self._settle()

    def drop(self, now_ns: int, number: int) -> None:
        """Drop one track; an unknown number is ignored."""
        if number in self.tracks:
            self.tracks[number].table.dispatch(now_ns, "drop")
            self._settle()

    def clear(self, now_ns: int) -> None:
        """Drop and forget every track."""
        for track in self.tracks.values():
            track.table.dispatch(now_ns, "drop")
        self._settle()
        self.tracks.clear()
        self.overload = False

    def forget(self, number: int) -> None:
        """A dropped track has been reported."""
        del self.tracks[number]

    def _open(self, now_ns: int, measured: Measured) -> None:
        if len(self.tracks) >= self._most:
            self.overload = True
            return
        number = self._next_number()
        self.tracks[number] = Track(self._place, number, self._icd, now_ns, measured)

    def _next_number(self) -> int:
        """ICD RAD-026: numbers go round the block; one still in use is left out."""
        while True:
            number = self._first + self._given % self._numbers
            self._given += 1
            if number not in self.tracks:
                return number

    def _nearest(self, now_ns: int, track: Track, left: Sequence[Measured]) -> int | None:
        """The index of the measurement that lies nearest to the track inside its gates."""
        last = track.measured
        moved_m = last.speed_mps * (now_ns - track.seen_ns) // NS_PER_S
        gate_m = self._options.gate_range_m + moved_m
        gate_cdeg = self._options.gate_angle_cdeg + moved_m * _CDEG_PER_RADIAN // max(last.range_m, 1)
        low = bisect.bisect_left(left, last.range_m - gate_m, key=_by_range)
        best, least = None, 0
        for index in range(low, len(left)):
            each = left[index]
            if each.range_m > last.range_m + gate_m:
                break
            aside = abs(turn(last.bearing_cdeg, each.bearing_cdeg))
            above = abs(each.elevation_cdeg - last.elevation_cdeg)
            if aside > gate_cdeg or above > gate_cdeg:
                continue
            away = abs(each.range_m - last.range_m) + (aside + above) * last.range_m // _CDEG_PER_RADIAN
            if best is None or away < least:
                best, least = index, away
        return best

    def _settle(self) -> None:
        deadline_ns = None
        for track in self.tracks.values():
            self.out.extend(track.table.take())
            due_ns = track.table.deadline_ns
            if due_ns is not None and (deadline_ns is None or due_ns < deadline_ns):
                deadline_ns = due_ns
        self.deadline_ns = deadline_ns
