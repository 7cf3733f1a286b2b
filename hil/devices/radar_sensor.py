# SPDX-License-Identifier: Apache-2.0
"""What a radar measures in one scan: detections drawn from the truth, noise, false alarms.

Figures are quantised to the ICD's units here, before anything is decided by them. False alarms have a
stream of their own: taking them out changes no detection.
"""

from __future__ import annotations

from collections.abc import Sequence

from hil.devices.radar_options import RadarOptions
from hil.stream import Stream
from hil.world import Plot
from interfaces.spec.model import Field, Icd
from interfaces.wire import Record

TURN_CDEG = 36_000
_PPM = 1_000_000
_FALSE_ELEVATION_MAX_CDEG = 4_500
_FALSE_SPEED_MAX_MPS = 400


class Sector(Record, frozen=True, gc=False):
    """Where a radar looks; a width of a whole turn is all around."""

    centre_cdeg: int = 0
    width_cdeg: int = TURN_CDEG

    def holds(self, bearing_cdeg: int) -> bool:
        """Whether a bearing is inside, edges included."""
        return abs(turn(self.centre_cdeg, bearing_cdeg)) * 2 <= self.width_cdeg


class Measured(Record, frozen=True, gc=False):
    """One detection in the ICD's units; `target` is the scenario's label, "" for a false alarm."""

    range_m: int
    bearing_cdeg: int
    elevation_cdeg: int
    speed_mps: int
    classification: str
    target: str


class Sensor:
    """Draws what one scan measures."""

    def __init__(self, name: str, icd: Icd, options: RadarOptions, seed: int) -> None:
        fields = _track_fields(icd)
        self._options = options
        self._range_step_m = int(fields["range"].scale)
        self._range_max_m = int(fields["range"].max or 0)
        self._speed_max_mps = int(fields["speed"].max or 0)
        self._draws = Stream(seed, name)
        self._false_draws = Stream(seed, f"{name}.false_alarms")

    def scan(self, plots: Sequence[Plot], sector: Sector) -> list[Measured]:
        """The detections of one scan, inside the sector by their measured bearing."""
        measured = [self._measure(plot) for plot in plots if self._draws.happens(plot.detection_ppm)]
        measured.extend(self._false_alarm(sector) for _ in range(self._false_alarms()))
        return [each for each in measured if sector.holds(each.bearing_cdeg) and each.range_m <= self._range_max_m]

    def _measure(self, plot: Plot) -> Measured:
        options, noise = self._options, self._draws.noise
        elevation_cdeg = plot.elevation_cdeg + noise(options.noise_elevation_cdeg)
        return Measured(
            range_m=self._in_steps(max(0, plot.range_m + noise(options.noise_range_m))),
            bearing_cdeg=(plot.bearing_cdeg + noise(options.noise_bearing_cdeg)) % TURN_CDEG,
            elevation_cdeg=max(-TURN_CDEG // 4, min(TURN_CDEG // 4, elevation_cdeg)),
            speed_mps=max(0, min(self._speed_max_mps, plot.speed_mps + noise(options.noise_speed_mps))),
            classification=plot.classification,
            target=plot.target,
        )

    def _false_alarms(self) -> int:
        sure, perhaps = divmod(self._options.false_alarms_per_scan_ppm, _PPM)
        return sure + (perhaps > 0 and self._false_draws.happens(perhaps))

    def _false_alarm(self, sector: Sector) -> Measured:
        below = self._false_draws.below
        return Measured(
            range_m=self._in_steps(below(self._range_max_m)),
            bearing_cdeg=(sector.centre_cdeg - sector.width_cdeg // 2 + below(sector.width_cdeg)) % TURN_CDEG,
            elevation_cdeg=below(_FALSE_ELEVATION_MAX_CDEG),
            speed_mps=below(_FALSE_SPEED_MAX_MPS),
            classification="unknown",
            target="",
        )

    def _in_steps(self, range_m: int) -> int:
        step = self._range_step_m
        return (range_m + step // 2) // step * step


def turn(from_cdeg: int, to_cdeg: int) -> int:
    """The turn from one bearing to another the shorter way, -18000 to 17999."""
    return (to_cdeg - from_cdeg + TURN_CDEG // 2) % TURN_CDEG - TURN_CDEG // 2


def _track_fields(icd: Icd) -> dict[str, Field]:
    assert icd.messages is not None
    report = icd.messages.messages["track_report"]
    return next({each.name: each for each in group.fields} for group in report.fields if group.type == "group")
