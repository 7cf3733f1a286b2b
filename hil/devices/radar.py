# SPDX-License-Identifier: Apache-2.0
"""The emulated radar: commands in, status and reports out, to the `radar` ICD.

What is due comes before what arrives at the same instant. Nothing is sent in answer to a frame that is no
message of the controller (ICD RAD-004).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from msgspec import Meta

from hil.devices.alarms import Alarms
from hil.devices.contract import DeviceOptions
from hil.devices.message_port import MessagePort, Received
from hil.devices.radar_logic import WORLD, RadarLogic
from hil.devices.radar_options import RadarOptions
from hil.devices.radar_tracker import Track
from hil.disturb import DISTURB, Disturb, Disturbance
from hil.part import Output, Outputs, sooner
from hil.trace.events import TRACE, Answer
from hil.world import Outcome, Plots
from interfaces.spec.model import Icd
from interfaces.wire import NS_PER_MS, NS_PER_S

SERIAL = "serial"
_AGE_MAX_MS = 65_535


class Radar:
    """See `Options`. A disturbance's value is said in `DISTURBANCES`."""

    ICD: ClassVar[str] = "radar"
    Options: ClassVar[type[DeviceOptions]] = RadarOptions
    PORTS: ClassVar[Mapping[str, str]] = {SERIAL: "serial"}
    DISTURBANCES: ClassVar[Mapping[str, Disturbance]] = {
        "fault": Disturbance("a fault is there", bool),
        "restart": Disturbance("power off and on again"),
        "silent": Disturbance("the radar neither obeys nor sends", bool),
        "blind": Disturbance("no scan detects anything", bool),
        "stuck_posture": Disturbance("posture commands are acknowledged and not followed", bool),
        "drop_track": Disturbance("a track number: that track is dropped", Annotated[int, Meta(ge=1)]),
        "drop_all": Disturbance("every track is dropped"),
    }

    uses_world = True
    cells = 0

    def __init__(self, name: str, icd: Icd, options: RadarOptions, seed: int) -> None:
        assert icd.messages is not None
        self.name = name
        self._icd = icd
        self._replies = {command: message.reply for command, message in icd.messages.messages.items()}
        self._logic = RadarLogic(name, icd, options, seed)
        self._port = MessagePort(name, SERIAL, icd, "device")
        self._alarms: Alarms[str] = Alarms()
        self._out: list[Output] = []
        self._to_report: list[Track] = []
        self._shown: tuple[Any, ...] = ()
        self._silent = False

    @property
    def deadline_ns(self) -> int | None:
        return sooner(self._logic.deadline_ns, self._alarms.deadline_ns)

    def receive(self, now_ns: int, port: str, item: Any) -> Outputs:
        self._advance(now_ns)
        if port == SERIAL:
            for message in self._port.receive(now_ns, item):
                if not self._silent:
                    self._obey(now_ns, message)
        elif port == WORLD:
            self._on_world(now_ns, item)
        elif port == DISTURB:
            self._disturbed(now_ns, item)
        else:
            raise TypeError(f"{self.name} takes no {item!r} on {port}")
        return self._settle(now_ns)

    def expire(self, now_ns: int) -> Outputs:
        self._advance(now_ns)
        return self._settle(now_ns)

    def _advance(self, now_ns: int) -> None:
        due_ns = self._logic.deadline_ns
        if due_ns is not None and due_ns <= now_ns:
            self._logic.advance(now_ns)
        while (alarm := self._alarms.pop(now_ns)) is not None:
            getattr(self, f"_alarm_{alarm}")(now_ns)

    def _settle(self, now_ns: int) -> Outputs:
        """Hand out what was heard, what happened and what is sent, in this order."""
        happened = self._logic.settle(now_ns)
        if self._showing() != self._shown:
            self._send_status(now_ns)
        out = [*self._port.take(), *happened, *self._out]
        self._out.clear()
        return out

    def _on_world(self, now_ns: int, item: Plots | Outcome) -> None:
        logic = self._logic
        if isinstance(item, Outcome):
            if logic.tracker.owns(item.track) and logic.table.state != "off":
                self._send(now_ns, "outcome_report", {"track": item.track, "result": item.result})
        elif logic.scanning:
            logic.scanned(now_ns, item.plots)
            self._to_report = list(logic.tracker.tracks.values())
            self._alarm_report(now_ns)

    # -- commands

    def _obey(self, now_ns: int, message: Received) -> None:
        name, fields = message.name, message.fields
        logic = self._logic
        # A mode is a command of its own to the machine: each is legal in other states.
        command = fields["mode"] if name == "set_mode" else name
        legal = logic.table.legal(command)
        reason = logic.command(now_ns, message.end_ns, name, fields) if legal else logic.table.refusal(command)
        self._out.append((TRACE, Answer(now_ns, self.name, command, reason or "done")))
        answered = {"command": name, "command_sequence": fields["sequence"]}
        if reason:
            self._send(now_ns, "refusal", {**answered, "reason": reason})
        elif self._replies[name] == "status":
            self._send_status(now_ns)
        else:
            self._send(now_ns, "ack", answered)

    # -- reports

    def _showing(self) -> tuple[Any, ...]:
        """What status shows and tells at once when it changes (ICD RAD-003)."""
        logic = self._logic
        return logic.table.state, logic.posture, logic.test_result, logic.sector

    def _alarm_status(self, now_ns: int) -> None:
        self._send_status(now_ns)

    def _send_status(self, now_ns: int) -> None:
        logic = self._logic
        self._shown = self._showing()
        self._alarms.set("status", now_ns + self._icd.time_ns("status_period"))
        fields = {
            "state": logic.table.state,
            "posture": logic.posture,
            "test_result": logic.test_result,
            "overload": logic.tracker.overload,
            "time_set": logic.time_set,
            "scan_period": logic.scan_period_ns // NS_PER_MS,
            "track_count": logic.tracker.held,
            "tentative_count": logic.tracker.tentative,
            "sector_centre": logic.sector.centre_cdeg / 100,
            "sector_width": logic.sector.width_cdeg / 100,
            "uptime": (now_ns - logic.started_ns) // NS_PER_S,
        }
        self._send(now_ns, "status", fields)

    def _alarm_report(self, now_ns: int) -> None:
        """Send one report of the scan; the others follow one `report_spacing` apart."""
        tracks = self._logic.tracker.tracks
        there = [track for track in self._to_report if tracks.get(track.number) is track]
        most = self._icd.constant("tracks_per_report")
        now, self._to_report = there[:most], there[most:]
        if not now:
            return
        fields = {
            "scan": self._logic.scans % 65_536,
            "last": not self._to_report,
            "count": len(now),
            "tracks": [_figures(now_ns, track) for track in now],
        }
        self._send(now_ns, "track_report", fields)
        for track in now:
            if track.state == "dropped":
                self._logic.tracker.forget(track.number)
        if self._to_report:
            self._alarms.set("report", now_ns + self._icd.time_ns("report_spacing"))

    def _send(self, now_ns: int, name: str, fields: dict[str, Any]) -> None:
        if not self._silent:
            fields["time_tag"] = self._logic.time_us(now_ns)
            self._out.extend(self._port.send(now_ns, name, fields))

    # -- disturbances

    def _disturbed(self, now_ns: int, item: Disturb) -> None:
        getattr(self, f"_disturb_{item.what}")(now_ns, item.value)

    def _disturb_fault(self, now_ns: int, value: bool) -> None:
        self._logic.find_fault(now_ns, value)

    def _disturb_restart(self, now_ns: int, value: None) -> None:
        self._logic.table.dispatch(now_ns, "restart")

    def _disturb_silent(self, now_ns: int, value: bool) -> None:
        self._silent = value

    def _disturb_blind(self, now_ns: int, value: bool) -> None:
        self._logic.blind = value

    def _disturb_stuck_posture(self, now_ns: int, value: bool) -> None:
        self._logic.stuck = value

    def _disturb_drop_track(self, now_ns: int, value: int) -> None:
        self._logic.tracker.drop(now_ns, value)

    def _disturb_drop_all(self, now_ns: int, value: None) -> None:
        for number in self._logic.tracker.tracks:
            self._logic.tracker.drop(now_ns, number)


def _figures(now_ns: int, track: Track) -> dict[str, Any]:
    measured = track.measured
    return {
        "number": track.number,
        "state": track.state,
        "classification": track.classification,
        "quality": track.quality,
        "range": measured.range_m,
        "bearing": measured.bearing_cdeg / 100,
        "elevation": measured.elevation_cdeg / 100,
        "speed": measured.speed_mps,
        "age": min((now_ns - track.seen_ns) // NS_PER_MS, _AGE_MAX_MS),
    }
