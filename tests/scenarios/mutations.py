# SPDX-License-Identifier: Apache-2.0
"""Controllers and devices with one thing wrong, each put in by pytest's monkeypatch.

A mutation changes a controller or a device, never a trace: it shows that a requirement can fail.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from hil import plugins
from hil.devices.launcher import Launcher
from hil.devices.launcher_logic import LauncherLogic
from hil.devices.launcher_orders import Orders
from hil.devices.radar import Radar
from hil.devices.radar_logic import RadarLogic
from hil.devices.radar_sensor import Sensor
from hil.disturb import DISTURB
from hil.interceptor.contract import Level
from hil.interceptor.twin import LINES, Twin
from hil.part import Outputs
from hil.trace.events import TRACE, Edge
from hil.world import Plots, World
from interfaces.wire import NS_PER_MS

REFERENCE = "fixtures/controllers/reference/inprocess.py:ReferenceController"
ROOT = Path(__file__).parents[2]
Mutation: TypeAlias = Callable[[pytest.MonkeyPatch], None]

HEARTBEATS_UNTIL_S = 20.0
LATE_NS = 120 * NS_PER_MS


def controller_class() -> Any:
    return plugins.find("hil.controllers", REFERENCE, ROOT)


def _core() -> Any:
    """The decision core's module, as the controller imported it."""
    return controller_class().receive.__globals__["Core"]


def mute_controller(patch: pytest.MonkeyPatch) -> None:
    """It decides nothing."""
    patch.setattr(_core(), "tick", lambda self, now_s: [])


def phantom_track(patch: pytest.MonkeyPatch) -> None:
    """It takes every status of the radar for a confirmed, hostile track."""
    core = _core()
    names = core.hear_radar.__globals__
    hear = core.hear_radar

    def hear_too_much(self: Any, now_s: float, heard: Any) -> None:
        hear(self, now_s, heard)
        if isinstance(heard, names["Status"]):
            hostile = names["Classification"].HOSTILE
            ghost = names["Track"](999, names["TrackState"].CONFIRMED, hostile, 45.0, 0.0)
            hear(self, now_s, names["Tracks"]((ghost,)))

    patch.setattr(core, "hear_radar", hear_too_much)


def heartless_controller(patch: pytest.MonkeyPatch) -> None:
    """Its heartbeat ends."""
    core = _core()
    beat = core._heartbeat
    patch.setattr(
        core, "_heartbeat", lambda self, now_s, *rest: beat(self, now_s, *rest) if now_s < HEARTBEATS_UNTIL_S else []
    )


def deaf_to_the_operator(patch: pytest.MonkeyPatch) -> None:
    """It ignores hold-fire."""
    kind = controller_class()
    receive = kind.receive
    patch.setattr(
        kind, "receive", lambda self, now_ns, port, item: () if port == DISTURB else receive(self, now_ns, port, item)
    )


def stale_controller(patch: pytest.MonkeyPatch) -> None:
    """It goes on with a track that the radar dropped."""
    core = _core()
    dropped = core.hear_radar.__globals__["TrackState"].DROPPED
    hear = core._hear_tracks

    def hear_no_loss(self: Any, now_s: float, reports: Any) -> None:
        hear(self, now_s, [report for report in reports if report.state is not dropped])

    patch.setattr(core, "_hear_tracks", hear_no_loss)
    patch.setattr(core, "_is_threat", lambda self, now_s, view: not view.done)


def trusting_controller(patch: pytest.MonkeyPatch) -> None:
    """It goes on with the tracks of a radar that does not search, and never has it tested."""
    core = _core()

    def believe(self: Any, status: Any) -> None:
        names = core.hear_radar.__globals__
        if status.state is not names["RadarState"].FAULT:
            self.radar_state, self.radar_posture = status.state, status.posture

    patch.setattr(core, "_hear_status", believe)


def deaf_launcher(patch: pytest.MonkeyPatch) -> None:
    """Hold-fire is acknowledged and has no effect on what is under way; nor has an abort."""
    patch.setattr(LauncherLogic, "hold", property(lambda self: False, lambda self, held: None), raising=False)
    patch.setattr(Orders, "effect_abort", lambda self, now_ns, values: "")


def restless_controller(patch: pytest.MonkeyPatch) -> None:
    """It launches again and again, whatever came of the flight before."""
    core = _core()
    arm = core._arm

    def no_wait(self: Any, now_s: float, launcher: Any, engagement: Any) -> None:
        launcher.engagement = None

    def arm_again(self: Any, now_s: float, name: str, launcher: Any, report: Any) -> Any:
        self.tracks[report.number].shots = 0
        return arm(self, now_s, name, launcher, report)

    patch.setattr(core, "_wait_for_outcome", no_wait)
    patch.setattr(core, "_arm", arm_again)


def late_launcher(patch: pytest.MonkeyPatch) -> None:
    """It takes its time to answer."""
    make = Launcher.__init__

    def make_late(self: Launcher, *arguments: Any) -> None:
        make(self, *arguments)
        self._server.response_delay_ns = LATE_NS

    patch.setattr(Launcher, "__init__", make_late)


def mended_misfire(patch: pytest.MonkeyPatch) -> None:
    """A launcher made safe takes a misfired cell for a loaded one."""
    make_safe = LauncherLogic.effect_make_safe

    def make_too_safe(self: LauncherLogic, now_ns: int) -> None:
        make_safe(self, now_ns)
        for cell in self.cells.values():
            if cell.table.state == "misfired":
                cell.table.force(now_ns, "loaded")
                self.out.extend(cell.table.take())

    patch.setattr(LauncherLogic, "effect_make_safe", make_too_safe)


def mute_radar(patch: pytest.MonkeyPatch) -> None:
    """It never sends its status."""
    patch.setattr(Radar, "_send_status", lambda self, now_ns: None)


def deaf_radar(patch: pytest.MonkeyPatch) -> None:
    """It neither obeys nor answers."""
    patch.setattr(Radar, "_obey", lambda self, now_ns, message: None)


def faulty_radar(patch: pytest.MonkeyPatch) -> None:
    """It finds a fault in itself at its tenth scan."""
    scanned = RadarLogic.scanned

    def scanned_with_fault(self: RadarLogic, now_ns: int, plots: Any) -> None:
        scanned(self, now_ns, plots)
        self.find_fault(now_ns, self.scans >= 10)

    patch.setattr(RadarLogic, "scanned", scanned_with_fault)


def quiet_sky(patch: pytest.MonkeyPatch) -> None:
    """The radar has no false alarms, where it should."""
    patch.setattr(Sensor, "_false_alarms", lambda self: 0)


def blind_radar(patch: pytest.MonkeyPatch) -> None:
    """Nothing is ever in its sight."""
    patch.setattr(World, "receive", lambda self, now_ns, port, item: [(port, Plots(()))])


def stuttering_release(patch: pytest.MonkeyPatch) -> None:
    """The interceptor logic releases twice for one arming."""
    for name in ("receive", "expire"):
        patch.setattr(Twin, name, _twice(getattr(Twin, name)))


def _twice(method: Callable[..., Outputs]) -> Callable[..., Outputs]:
    def stutter(self: Twin, *arguments: Any) -> Outputs:
        outputs = method(self, *arguments)
        return [*outputs, *(one for one in outputs if _is_release(one[1]))]

    return stutter


def _is_release(item: Any) -> bool:
    return isinstance(item, Edge | Level) and item.line == "release" and item.active


def rogue_release(patch: pytest.MonkeyPatch) -> None:
    """The interceptor logic releases whenever it is told anything, powered or not."""
    receive = Twin.receive

    def release(self: Twin, now_ns: int, port: str, item: Any) -> Outputs:
        edge, level = Edge(now_ns, self.name, "release", True), Level("release", True)
        return [*receive(self, now_ns, port, item), (TRACE, edge), (LINES, level)]

    patch.setattr(Twin, "receive", release)
