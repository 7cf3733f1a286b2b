# SPDX-License-Identifier: Apache-2.0
"""What a radar does behind its messages: the machine `radar`, its commands and its scans.

The rows of the machine stand in the ICD; here is only a body for each name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hil.devices.alarms import Alarms
from hil.devices.radar_options import RadarOptions
from hil.devices.radar_sensor import Sector, Sensor
from hil.devices.radar_tracker import Tracker
from hil.devices.state_table import StateTable
from hil.part import Output, sooner
from hil.world import Look, Plot, Tracked
from interfaces.spec.model import Icd
from interfaces.wire import NS_PER_US

WORLD = "world"
_SCANNING = frozenset({"search", "track"})


class RadarLogic:
    """The radar without its line. `broken`, `blind` and `stuck` are what a disturbance can set."""

    def __init__(self, name: str, icd: Icd, options: RadarOptions, seed: int) -> None:
        self._icd = icd
        self._look = Look(options.x_m, options.y_m)
        self._sensor = Sensor(name, icd, options, seed)
        self._alarms: Alarms[str] = Alarms()
        self.tracker = Tracker(name, icd, options)
        self.table = StateTable(name, "radar", icd, self)
        self.out: list[Output] = []
        self.broken = self.blind = self.stuck = False
        self._reset(0)
        # A radar is switched on at the bench's zero.
        self._alarms.set("power_on", 0)

    def _reset(self, now_ns: int) -> None:
        self.started_ns = self._scanned_ns = now_ns
        self.posture = "normal"
        self.sector = Sector()
        self.test_result = "none"
        self.scans = 0
        self.time_set = False
        self._time_offset_us = -(now_ns // NS_PER_US)

    @property
    def deadline_ns(self) -> int | None:
        return sooner(self._alarms.deadline_ns, sooner(self.table.deadline_ns, self.tracker.deadline_ns))

    @property
    def scanning(self) -> bool:
        """Whether the radar searches or tracks."""
        return self.table.state in _SCANNING

    @property
    def scan_period_ns(self) -> int:
        """ICD RAD-020: the posture's scan period."""
        return self._icd.time_ns(f"scan_{self.posture}")

    def time_us(self, now_ns: int) -> int:
        """What the radar's time base reads."""
        return (now_ns // NS_PER_US + self._time_offset_us) % self._icd.constant("time_wrap_us")

    def advance(self, now_ns: int) -> None:
        """Let every instant that has come have its effect."""
        due_ns = self.tracker.deadline_ns
        if due_ns is not None and due_ns <= now_ns:
            self.tracker.expire(now_ns)
        due_ns = self.table.deadline_ns
        if due_ns is not None and due_ns <= now_ns:
            self.table.expire(now_ns)
        while (alarm := self._alarms.pop(now_ns)) is not None:
            getattr(self, f"_alarm_{alarm}")(now_ns)

    def settle(self, now_ns: int) -> list[Output]:
        """ICD RAD-024: follow the tracks, then hand out what has gathered."""
        out = [*self.table.take(), *self.tracker.out]
        self.tracker.out.clear()
        if self.scanning:
            self.table.dispatch(now_ns, "track_confirmed" if self.tracker.held else "none_confirmed")
        out += [*self.table.take(), *self.out]
        self.out.clear()
        return out

    def scanned(self, now_ns: int, plots: tuple[Plot, ...]) -> None:
        """The world's answer to the scan that is just over."""
        self.tracker.scan(now_ns, [] if self.blind else self._sensor.scan(plots, self.sector))
        for track in self.tracker.tracks.values():
            if track.held and track.told != track.target:
                track.told = track.target
                self.out.append((WORLD, Tracked(track.number, track.target)))

    def command(self, now_ns: int, end_ns: int, name: str, fields: Mapping[str, Any]) -> str:
        """Carry out a command that the state permits; its last stop bit ended at `end_ns`.

        Returns why it is refused all the same, "" when it isn't.
        """
        match name:
            case "set_mode":
                self.table.dispatch(now_ns, fields["mode"])
            case "set_posture":
                self._set_posture(now_ns, fields["posture"])
            case "set_sector":
                return self._set_sector(round(fields["centre"] * 100), round(fields["width"] * 100))
            case "run_test":
                self.table.dispatch(now_ns, "run_test")
            case "time_sync":
                self._time_offset_us = fields["time"] - end_ns // NS_PER_US
                self.time_set = True
        return ""

    def find_fault(self, now_ns: int, there: bool) -> None:
        """A fault comes or goes; one that has come is found at once."""
        self.broken = there
        if there:
            self.table.dispatch(now_ns, "fault_found")

    def _set_posture(self, now_ns: int, posture: str) -> None:
        if self.stuck:
            return
        self.posture = posture
        if self.scanning:
            self._alarms.set("scan", max(now_ns, self._scanned_ns + self.scan_period_ns))

    def _set_sector(self, centre_cdeg: int, width_cdeg: int) -> str:
        if width_cdeg < self._icd.constant("sector_width_min"):
            return "bad_sector"
        self.sector = Sector(centre_cdeg, width_cdeg)
        return ""

    def _alarm_power_on(self, now_ns: int) -> None:
        self.table.dispatch(now_ns, "power_on")

    def _alarm_scan(self, now_ns: int) -> None:
        self._scanned_ns = now_ns
        self.scans += 1
        self._alarms.set("scan", now_ns + self.scan_period_ns)
        self.out.append((WORLD, self._look))

    def guard_switched_on(self, now_ns: int) -> bool:
        return self.table.state != "off"

    def guard_faulty(self, now_ns: int) -> bool:
        return self.broken

    def effect_start(self, now_ns: int) -> None:
        self._reset(now_ns)
        self.effect_clear_tracks(now_ns)

    def effect_clear_tracks(self, now_ns: int) -> None:
        """ICD RAD-031: without report."""
        self.tracker.clear(now_ns)
        self._alarms.clear("scan")

    def effect_begin_search(self, now_ns: int) -> None:
        self._scanned_ns = now_ns
        self._alarms.set("scan", now_ns + self.scan_period_ns)

    def effect_pass_test(self, now_ns: int) -> None:
        self.test_result = "passed"

    def effect_fail(self, now_ns: int) -> None:
        self.test_result = "failed"
        self.effect_clear_tracks(now_ns)
