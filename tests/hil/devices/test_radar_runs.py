# SPDX-License-Identifier: Apache-2.0
"""The radar over longer runs: the same outputs again, copies, and an engagement with the world."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from hil.attach import Node
from hil.devices.radar import Radar
from hil.devices.radar_options import RadarOptions
from hil.kernel import Kernel
from hil.part import Outputs
from hil.trace.events import Event, Message, State
from hil.world import Away, Truth, World
from interfaces.wire import Burst
from tests.hil.devices.radar_rig import COMMANDS, ICD, Rig, in_state, plot, seconds


def busy(seed: int = 7, **options: Any) -> Rig:
    rig = in_state("standby", seed=seed, **{"false_alarms_per_scan_ppm": 1_500_000, **options})
    rig.plots = [plot(f"t{n}", 700_000, range_m=10_000 + 3_000 * n) for n in range(10)]
    rig.command("search")
    return rig


def test_the_same_seed_gives_the_same_outputs() -> None:
    """Everything the radar puts out, three times; another seed gives something else."""
    first, second, third, other = busy(), busy(), busy(), busy(seed=8)
    for rig in (first, second, third, other):
        rig.run(seconds(60))
    assert first.out == second.out == third.out
    assert first.out != other.out


def test_false_alarms_change_no_detection() -> None:
    """The tracks of the targets measure the same with and without false alarms."""

    def figures(ppm: int) -> set[tuple[Any, ...]]:
        rig = busy(false_alarms_per_scan_ppm=ppm)
        rig.run(seconds(20))
        return {
            (track["range"], track["bearing"], track["elevation"], track["speed"])
            for report in rig.reports
            for track in report
            if track["classification"] == "hostile"
        }

    assert figures(0) <= figures(100_000)


def test_a_copy_in_mid_run_goes_on_alike() -> None:
    """Both halves of a radar copied between two scans put out the same, and share nothing."""
    rig = busy()
    rig.run(seconds(11))
    twin = copy.deepcopy(rig)
    rig.run(seconds(30))
    assert len(twin.out) < len(rig.out)
    twin.run(seconds(30))
    assert twin.out == rig.out


ACTIONS = st.one_of(
    st.tuples(st.just("command"), st.sampled_from(sorted(COMMANDS))),
    st.tuples(st.just("disturb"), st.sampled_from(sorted(Radar.DISTURBANCES)), st.booleans()),
    st.tuples(st.just("plots"), st.integers(0, 30)),
    st.tuples(st.just("run"), st.sampled_from([1, 40_000_000, 1_000_000_000, 2_500_000_000, 12_000_000_000])),
    st.tuples(st.just("noise"), st.binary(max_size=20)),
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(ACTIONS, max_size=25))
def test_nothing_that_happens_upsets_the_radar(actions: list[Any]) -> None:
    """Any order of commands, disturbances, targets and noise: it carries on, in track just while it holds a track."""
    rig = Rig(false_alarms_per_scan_ppm=500_000)
    rig.run_to(seconds(7))
    for kind, *about in actions:
        if kind == "command":
            rig.command(about[0])
        elif kind == "disturb":
            rig.disturb(*about)
        elif kind == "plots":
            rig.plots = [plot(f"t{n}", 800_000, bearing_cdeg=1_000 * n) for n in range(about[0])]
        elif kind == "run":
            rig.run(about[0])
        else:
            rig.give("serial", Burst(rig.now_ns, about[0]))
    rig.give("serial", Burst(rig.now_ns, b"\0"))
    rig.disturb("silent", False)
    status = rig.status
    assert (status["state"] == "track") == (status["track_count"] > 0)


def test_an_engagement_between_radar_and_world() -> None:
    """Over a kernel: the world is asked and told; a hit takes the target away, its track coasts and is dropped."""
    path = [{"t_s": 0, "x_m": 0, "y_m": 40_000}, {"t_s": 200, "x_m": 0, "y_m": 10_000}]
    ends = [{"result": "hit", "after_s": 5}]
    raider = {"id": "raider", "classification": "hostile", "path": path, "outcomes": ends}
    kernel, trace = Kernel(), Trace()
    world = Node(kernel, World("world", msgspec.convert({"targets": [raider]}, Truth), 1), trace.add)
    radar = Node(kernel, Radar("radar1", ICD, RadarOptions(), 1), trace.add)
    line = Node(kernel, Sink("line"), trace.add)
    radar.connect("world", world, "radar#radar1")
    radar.connect("serial", line, "a")
    world.connect("radar#radar1", radar, "world")
    kernel.run_to(seconds(8))
    radar.inject("serial", Burst(kernel.now_ns, Rig().frame(*COMMANDS["search"])))
    kernel.run_to(seconds(30))
    world.inject("launcher#land1", Away(1, 1))
    kernel.run_to(seconds(60))
    said = [(event.place, event.after) for event in trace.events if type(event) is State]
    assert said[3:] == [
        ("radar1", "search"),
        ("radar1.track1", "confirmed"),
        ("radar1", "track"),
        ("radar1.track1", "coasting"),
        ("radar1.track1", "dropped"),
        ("radar1", "search"),
    ]
    sent = [event for event in trace.events if type(event) is Message and event.message == "outcome_report"]
    assert [(event.time_ns, event.fields["result"]) for event in sent] == [(seconds(35), "hit")]


class Trace:
    """Keeps what a bench records."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(self, event: Event) -> None:
        self.events.append(event)


class Sink:
    """Takes everything and says nothing."""

    deadline_ns = None

    def __init__(self, name: str) -> None:
        self.name = name

    def receive(self, now_ns: int, port: str, item: Any) -> Outputs:
        return ()

    def expire(self, now_ns: int) -> Outputs:
        return ()
