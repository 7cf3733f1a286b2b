# SPDX-License-Identifier: Apache-2.0
"""A radar with a controller's end of its line (without line timing) and a world that a test fills by hand."""

from __future__ import annotations

from typing import Any

from hil.devices.message_port import MessagePort
from hil.devices.radar import Radar
from hil.devices.radar_options import RadarOptions
from hil.disturb import DISTURB, Disturb
from hil.part import Output, Outputs
from hil.trace.events import TRACE, State
from hil.world import Look, Plot, Plots
from interfaces.spec.load import shipped
from interfaces.wire import NS_PER_S, Burst, Transmit

ICD = shipped("radar")
CERTAIN = 1_000_000
READY_NS = ICD.time_ns("warm_up_time") + ICD.time_ns("test_time")
SCAN_NS = ICD.time_ns("scan_normal")
COMMANDS: dict[str, tuple[str, dict[str, Any]]] = {
    "off": ("set_mode", {"mode": "off"}),
    "standby": ("set_mode", {"mode": "standby"}),
    "search": ("set_mode", {"mode": "search"}),
    "set_posture": ("set_posture", {"posture": "high"}),
    "set_sector": ("set_sector", {"centre": 90, "width": 60}),
    "run_test": ("run_test", {}),
    "time_sync": ("time_sync", {"time": 5_000_000}),
    "status_request": ("status_request", {}),
}


def plot(target: str = "raider", ppm: int = CERTAIN, **changes: Any) -> Plot:
    figures = {"range_m": 30_000, "bearing_cdeg": 4_500, "elevation_cdeg": 300, "speed_mps": 200}
    return Plot(target=target, classification="hostile", detection_ppm=ppm, **{**figures, **changes})


class Rig:
    """Runs the radar alone. `heard` holds (time, message, fields), `out` everything the radar put out."""

    def __init__(self, seed: int = 1, **options: Any) -> None:
        self.radar = Radar("radar1", ICD, RadarOptions(**options), seed)
        self.now_ns = 0
        self.plots: list[Plot] = []
        self.heard: list[tuple[int, str, dict[str, Any]]] = []
        self.out: list[tuple[int, Output]] = []
        self._port = MessagePort("controller", "serial", ICD, "controller")

    def run_to(self, until_ns: int) -> None:
        """Let time pass, with everything that is due at its end."""
        while (due_ns := self.radar.deadline_ns) is not None and due_ns <= until_ns:
            self.now_ns = max(self.now_ns, due_ns)
            self._take(self.radar.expire(self.now_ns))
            later_ns = self.radar.deadline_ns
            assert later_ns is None or later_ns > self.now_ns
        self.now_ns = until_ns

    def run(self, ns: int) -> None:
        self.run_to(self.now_ns + ns)

    def give(self, port: str, item: Any) -> None:
        """An item for the radar at the present instant, and what follows at once."""
        self._take(self.radar.receive(self.now_ns, port, item))
        self.run_to(self.now_ns)

    def frame(self, name: str, fields: dict[str, Any]) -> bytes:
        """What the controller's end puts on the line for a message."""
        outputs = self._port.send(self.now_ns, name, dict(fields))
        return b"".join(item.data for _, item in outputs if type(item) is Transmit)

    def send(self, name: str, fields: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """A command; returns the first message that comes back at once."""
        before = len(self.heard)
        self.give("serial", Burst(self.now_ns, self.frame(name, fields)))
        if len(self.heard) == before:
            return "", {}
        return self.heard[before][1:]

    def command(self, command: str) -> tuple[str, dict[str, Any]]:
        """A command of the machine `radar`."""
        return self.send(*COMMANDS[command])

    def disturb(self, what: str, value: Any = None) -> None:
        self.give(DISTURB, Disturb("radar1", what, value))

    def bring_to(self, state: str) -> None:
        """Any state of the machine, by the shortest way."""
        if state in ("off", "fault"):
            self.run(0)
            if state == "off":
                self.command("off")
            else:
                self.disturb("fault", True)
        elif state == "test":
            self.run_to(ICD.time_ns("warm_up_time"))
        else:
            self.run_to(0 if state == "warm_up" else READY_NS)
            if state in ("search", "track"):
                self.command("search")
            if state == "track":
                self.plots = [plot()]
                self.run(3 * SCAN_NS)

    @property
    def status(self) -> dict[str, Any]:
        """What a status says now."""
        name, fields = self.command("status_request")
        assert name == "status"
        return fields

    @property
    def looks_ns(self) -> list[int]:
        """When the radar looked."""
        return [now_ns for now_ns, (_, item) in self.out if type(item) is Look]

    @property
    def reports(self) -> list[list[dict[str, Any]]]:
        """The tracks of each report."""
        return [fields["tracks"] for _, name, fields in self.heard if name == "track_report"]

    def moves(self, machine: str) -> list[tuple[int, str, str]]:
        """(time, place, state) of what the trace says about a machine."""
        return [
            (event.time_ns, event.place, event.after)
            for _, (port, event) in self.out
            if port == TRACE and type(event) is State and event.machine == machine
        ]

    def track_states(self) -> list[str]:
        """The states that the tracks went through, with self-transitions left out."""
        states: list[str] = []
        for _, _, state in self.moves("track"):
            if states[-1:] != [state]:
                states.append(state)
        return states

    def _take(self, outputs: Outputs) -> None:
        for port, item in outputs:
            self.out.append((self.now_ns, (port, item)))
            if type(item) is Look:
                self._take(self.radar.receive(self.now_ns, "world", Plots(tuple(self.plots))))
            elif type(item) is Transmit:
                for message in self._port.receive(self.now_ns, Burst(self.now_ns, item.data)):
                    self.heard.append((self.now_ns, message.name, message.fields))


def seconds(value: float) -> int:
    return round(value * NS_PER_S)


def in_state(state: str, **options: Any) -> Rig:
    """A new radar that has come to a state."""
    rig = Rig(**options)
    rig.bring_to(state)
    assert rig.status["state"] == state
    return rig
