# SPDX-License-Identifier: Apache-2.0
"""The scenario's truth: where targets are, and how each flight ends. Radars and launchers ask it.

Nothing here is physics: how likely a detection is at a range, what a target is, and how a flight ends are
data of the scenario.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping
from typing import Any, ClassVar

from hil.disturb import DISTURB, Disturb, Disturbance
from hil.part import Output, Outputs
from hil.trace.events import TRACE, Note
from hil.trace.events import World as WorldEvent
from hil.truth import FLIGHT_S, MM_PER_M, Course, DetectionTable, FlightEnd, Target, Truth, to_ns
from interfaces.wire import Record

__all__ = ["Away", "Look", "Outcome", "Plot", "Plots", "Tracked", "Truth", "World"]


class Look(Record, frozen=True, gc=False):
    """A radar asks what stands around it; `x_m`, `y_m` is where it stands itself (east, north)."""

    x_m: int
    y_m: int


class Plot(Record, frozen=True, gc=False):
    """One target as it truly is, seen from the asker; the asker draws detection and noise itself."""

    target: str
    range_m: int
    bearing_cdeg: int
    elevation_cdeg: int
    speed_mps: int
    classification: str
    detection_ppm: int


class Plots(Record, frozen=True):
    """The world's answer to `Look`."""

    plots: tuple[Plot, ...]


class Tracked(Record, frozen=True, gc=False):
    """A radar tells which target its track follows (scenario bookkeeping, never on a wire)."""

    track: int
    target: str


class Away(Record, frozen=True, gc=False):
    """A launcher tells that a cell's interceptor left, and the track number it was given."""

    cell: int
    track: int


class Outcome(Record, frozen=True, gc=False):
    """The world tells every radar how a flight ended, after the scenario's delay."""

    track: int
    target: str
    result: str


class Body:
    """A target and its course."""

    __slots__ = ("course", "target")

    def __init__(self, target: Target) -> None:
        self.target = target
        self.course = Course(target.path)


class World:
    """Answers `Look` with `Plots`, and ends each flight that an `Away` begins with an `Outcome`.

    Ports: `radar#<device>` and `launcher#<device>`. Every radar that ever looked is told each outcome. A
    hit takes its target away at that instant. A flight ends as a miss after `FLIGHT_S` when the target's
    outcomes are exhausted or nobody follows a target with its track; it is a miss too if its
    target has gone before it ends. Two radars must not give the same track numbers.
    """

    DISTURBANCES: ClassVar[Mapping[str, Disturbance]] = {
        "target_appears": Disturbance("the target with this id is there from now on", str),
        "target_gone": Disturbance("the target with this id is not there from now on", str),
    }

    def __init__(self, name: str, truth: Truth, seed: int) -> None:
        """`seed` is there as for every part that a bench makes; the world draws nothing."""
        self.name = name
        self._bodies = {target.id: Body(target) for target in truth.targets}
        self._detection = DetectionTable(truth.detection)
        self._present: dict[str, Body] = {}
        self._followed: dict[int, str] = {}
        self._shots: dict[str, int] = {}
        self._radars: dict[str, None] = {}
        self._agenda: list[tuple[int, int, str, Any]] = []
        self._planned = 0
        for target in truth.targets:
            self._plan(to_ns(target.appears_s), "_appear", target.id)
            if target.leaves_s is not None:
                self._plan(to_ns(target.leaves_s), "_leave", target.id)

    @property
    def deadline_ns(self) -> int | None:
        return self._agenda[0][0] if self._agenda else None

    def receive(self, now_ns: int, port: str, item: Any) -> Outputs:
        """A radar looks or tells what it follows, a launcher tells what left, or a disturbance comes."""
        if type(item) is Look:
            self._radars[port] = None
            plots = [_seen(now_ns, body, item, self._detection) for body in self._present.values()]
            return [(port, Plots(tuple(plots)))]
        if type(item) is Tracked:
            self._followed[item.track] = item.target
            return ()
        if type(item) is Away:
            return self._away(now_ns, port.partition("#")[2], item)
        if type(item) is Disturb and port == DISTURB:
            return self._disturb(now_ns, item)
        raise TypeError(f"{self.name} takes no {item!r} on {port}")

    def expire(self, now_ns: int) -> Outputs:
        """Do what the scenario has planned for this instant."""
        outputs: list[Output] = []
        while self._agenda and self._agenda[0][0] <= now_ns:
            _, _, act, about = heapq.heappop(self._agenda)
            outputs.extend(getattr(self, act)(now_ns, about))
        return outputs

    def _disturb(self, now_ns: int, disturb: Disturb) -> Outputs:
        if disturb.value not in self._bodies:
            return [(TRACE, Note(now_ns, self.name, f"{disturb.what}: the scenario has no target {disturb.value!r}"))]
        act = {"target_appears": self._appear, "target_gone": self._leave}[disturb.what]
        return act(now_ns, disturb.value)

    def _plan(self, at_ns: int, act: str, about: Any) -> None:
        heapq.heappush(self._agenda, (at_ns, self._planned, act, about))
        self._planned += 1

    def _appear(self, now_ns: int, target: str) -> Outputs:
        if target in self._present:
            return ()
        self._present[target] = self._bodies[target]
        return [self._event(now_ns, "appeared", target=target)]

    def _leave(self, now_ns: int, target: str) -> Outputs:
        if self._present.pop(target, None) is None:
            return ()
        return [self._event(now_ns, "gone", target=target)]

    def _away(self, now_ns: int, launcher: str, away: Away) -> Outputs:
        target = self._followed.get(away.track, "")
        shot = self._shots.get(target, 0)
        self._shots[target] = shot + 1
        ends = self._bodies[target].target.outcomes if target else ()
        end = ends[shot] if shot < len(ends) else FlightEnd("miss", FLIGHT_S)
        self._plan(now_ns + to_ns(end.after_s), "_end", Outcome(away.track, target, end.result))
        about = {"launcher": launcher, "cell": away.cell, "track": away.track, "target": target, "shot": shot + 1}
        return [self._event(now_ns, "away", **about)]

    def _end(self, now_ns: int, planned: Outcome) -> Outputs:
        target = planned.target
        result = planned.result if target in self._present else "miss"
        outcome = Outcome(planned.track, target, result)
        outputs = [self._event(now_ns, "outcome", track=outcome.track, target=target, result=result)]
        if result == "hit":
            outputs.extend(self._leave(now_ns, target))
        outputs.extend((radar, outcome) for radar in self._radars)
        return outputs

    def _event(self, now_ns: int, what: str, **about: Any) -> Output:
        return TRACE, WorldEvent(now_ns, self.name, what, about)


def _seen(now_ns: int, body: Body, look: Look, detection: DetectionTable) -> Plot:
    """A target as it truly is, from where `look` stands on the ground."""
    motion = body.course.at(now_ns)
    east, north = motion.x_mm - look.x_m * MM_PER_M, motion.y_mm - look.y_m * MM_PER_M
    ground = math.isqrt(east * east + north * north)
    range_m = math.isqrt(east * east + north * north + motion.z_mm * motion.z_mm) // MM_PER_M
    return Plot(
        target=body.target.id,
        range_m=range_m,
        bearing_cdeg=_cdeg(east, north) % 36_000,
        elevation_cdeg=_cdeg(motion.z_mm, ground),
        speed_mps=motion.speed_mps,
        classification=body.target.classification,
        detection_ppm=detection.at(range_m),
    )


def _cdeg(opposite: int, adjacent: int) -> int:
    """An angle to the nearest centidegree: the only floating point here, gone before anything is decided."""
    return round(math.degrees(math.atan2(opposite, adjacent)) * 100)
