# SPDX-License-Identifier: Apache-2.0
"""The scenario's truth: motion, appearing and leaving, and how flights end."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hil.disturb import DISTURB, Disturb
from hil.part import Outputs
from hil.trace.events import TRACE, Note
from hil.trace.events import World as WorldEvent
from hil.truth import FLIGHT_S, Course, DetectionTable, Waypoint, to_ns
from hil.world import Away, Look, Outcome, Plots, Tracked, Truth, World
from interfaces.spec import source
from interfaces.wire import NS_PER_S

RADAR = "radar#radar1"
LAUNCHER = "launcher#land1"


def truth(**changes: Any) -> Truth:
    target = {
        "id": "raider",
        "classification": "hostile",
        "appears_s": 10,
        "path": [{"t_s": 10, "x_m": 0, "y_m": 40_000, "z_m": 0}, {"t_s": 110, "x_m": 30_000, "y_m": 0, "z_m": 0}],
        "outcomes": [{"result": "miss", "after_s": 5}, {"result": "hit", "after_s": 7.5}],
        **changes,
    }
    return msgspec.convert({"targets": [target], "detection": [{"range_m": 50_000, "probability": 1}]}, Truth)


def appeared(**changes: Any) -> World:
    world = World("world", truth(**changes), 1)
    world.expire(10 * NS_PER_S)
    world.receive(10 * NS_PER_S, RADAR, Tracked(7, "raider"))
    return world


def events(outputs: Outputs) -> list[tuple[str, str]]:
    return [
        (item.what, str(item.about["target"])) for port, item in outputs if port == TRACE and type(item) is WorldEvent
    ]


def look(world: World, now_s: int) -> Plots:
    ((port, plots),) = world.receive(now_s * NS_PER_S, RADAR, Look(0, 0))
    assert port == RADAR
    assert type(plots) is Plots
    return plots


def test_a_target_is_seen_from_the_instant_it_appears_to_the_instant_it_leaves() -> None:
    """Deadlines are exactly `appears_s` and `leaves_s`, and `Plots` has the target only in between."""
    world = World("world", truth(leaves_s=60), 1)
    assert look(world, 5).plots == ()
    assert world.deadline_ns == 10 * NS_PER_S
    assert events(world.expire(10 * NS_PER_S)) == [("appeared", "raider")]
    assert [plot.target for plot in look(world, 10).plots] == ["raider"]
    assert world.deadline_ns == 60 * NS_PER_S
    assert events(world.expire(60 * NS_PER_S)) == [("gone", "raider")]
    assert look(world, 60).plots == ()
    assert world.deadline_ns is None


def test_a_plot_is_relative_to_the_radar_that_looks() -> None:
    """Range, bearing (clockwise from north), elevation and speed on a 3-4-5 triangle, half way along the path."""
    world = appeared()
    ((_, plots),) = world.receive(60 * NS_PER_S, RADAR, Look(0, 0))
    plot = plots.plots[0]
    assert (plot.range_m, plot.bearing_cdeg, plot.elevation_cdeg, plot.speed_mps) == (25_000, 3_687, 0, 500)
    ((_, plots),) = world.receive(60 * NS_PER_S, RADAR, Look(30_000, 20_000))
    plot = plots.plots[0]
    assert (plot.range_m, plot.bearing_cdeg) == (15_000, 27_000)


def test_a_course_stands_before_its_first_and_after_its_last_waypoint() -> None:
    """Interpolation is exact at waypoints and one nanosecond beside them never leaves the path."""
    course = Course((Waypoint(1, 0, 0, 0), Waypoint(2, 1_000, -1_000, 50)))
    assert course.at(0) == course.at(NS_PER_S - 1)
    first, last = course.at(NS_PER_S), course.at(2 * NS_PER_S)
    assert (first.x_mm, first.y_mm, first.z_mm, first.speed_mps) == (0, 0, 0, 1_415)
    assert (last.x_mm, last.y_mm, last.z_mm, last.speed_mps) == (1_000_000, -1_000_000, 50_000, 0)
    assert course.at(2 * NS_PER_S - 1).x_mm == 999_999
    assert course.at(9 * NS_PER_S) == last


@pytest.mark.parametrize(
    ("range_m", "ppm"),
    [(0, 900_000), (1_000, 900_000), (1_001, 899_500), (2_000, 400_000), (2_999, 400), (3_000, 0), (3_001, 0)],
)
def test_detection_is_interpolated_and_ends_with_the_table(range_m: int, ppm: int) -> None:
    """The table's rows are met exactly, in between it is linear, beyond the last row it is 0."""
    rows = [(1_000, 0.9), (2_000, 0.4), (3_000, 0)]
    made = msgspec.convert({"detection": [{"range_m": r, "probability": p} for r, p in rows]}, Truth)
    assert DetectionTable(made.detection).at(range_m) == ppm


def test_the_table_ends_abruptly_when_its_last_row_is_not_zero() -> None:
    """A last row above 0 holds up to its range and not beyond."""
    table = DetectionTable(truth().detection)
    assert (table.at(50_000), table.at(50_001)) == (1_000_000, 0)


@pytest.mark.parametrize("late_ns", [-1, 0])
def test_flights_end_in_the_order_of_the_list_at_their_instant(late_ns: int) -> None:
    """The first flight misses after 5 s, the second hits after 7.5 s and takes the target away; not 1 ns before."""
    world = appeared()
    for cell in (1, 2):
        outputs = world.receive(20 * NS_PER_S, LAUNCHER, Away(cell, 7))
        assert outputs[0][1].about == {
            "launcher": "land1",
            "cell": cell,
            "track": 7,
            "target": "raider",
            "shot": cell,
        }
    outputs = world.expire(to_ns(25) + late_ns)
    assert events(outputs) == ([("outcome", "raider")] if late_ns == 0 else [])
    world.expire(to_ns(25))
    look(world, 26)
    assert world.deadline_ns == to_ns(27.5)
    outputs = world.expire(to_ns(27.5))
    assert events(outputs) == [("outcome", "raider"), ("gone", "raider")]
    assert (RADAR, Outcome(7, "raider", "hit")) in outputs
    assert look(world, 28).plots == ()


def test_every_radar_that_looked_is_told() -> None:
    """An outcome goes to each of two radars once."""
    world = appeared()
    for radar in (RADAR, "radar#radar2", RADAR):
        world.receive(11 * NS_PER_S, radar, Look(0, 0))
    world.receive(20 * NS_PER_S, LAUNCHER, Away(1, 7))
    told = [port for port, item in world.expire(25 * NS_PER_S) if type(item) is Outcome]
    assert told == [RADAR, "radar#radar2"]


def test_a_flight_to_nobody_and_one_too_many_miss_after_the_default() -> None:
    """An unknown track, and a shot beyond the list, end as misses after FLIGHT_S."""
    world = appeared(outcomes=[])
    look(world, 11)
    world.receive(20 * NS_PER_S, LAUNCHER, Away(1, 99))
    world.receive(20 * NS_PER_S, LAUNCHER, Away(2, 7))
    assert world.deadline_ns == (20 + FLIGHT_S) * NS_PER_S
    outputs = world.expire((20 + FLIGHT_S) * NS_PER_S)
    told = [item for port, item in outputs if port == RADAR]
    assert told == [Outcome(99, "", "miss"), Outcome(7, "raider", "miss")]


def test_a_flight_to_a_target_that_has_gone_misses() -> None:
    """A hit is planned, the target leaves first, the flight misses."""
    world = appeared(outcomes=[{"result": "hit", "after_s": 5}], leaves_s=22)
    world.receive(20 * NS_PER_S, LAUNCHER, Away(1, 7))
    world.expire(22 * NS_PER_S)
    outputs = world.expire(25 * NS_PER_S)
    assert [item.about["result"] for _, item in outputs if type(item) is WorldEvent] == ["miss"]


def test_a_scenario_can_take_a_target_away_and_bring_it_back() -> None:
    """Disturbances act at once, twice is once, and an unknown target is noted."""
    world = appeared()
    gone, back = Disturb("world", "target_gone", "raider"), Disturb("world", "target_appears", "raider")
    assert events(world.receive(11 * NS_PER_S, DISTURB, gone)) == [("gone", "raider")]
    assert world.receive(11 * NS_PER_S, DISTURB, gone) == ()
    assert look(world, 12).plots == ()
    assert events(world.receive(13 * NS_PER_S, DISTURB, back)) == [("appeared", "raider")]
    assert len(look(world, 14).plots) == 1
    ((_, note),) = world.receive(15 * NS_PER_S, DISTURB, Disturb("world", "target_gone", "nobody"))
    assert type(note) is Note


def test_a_copy_goes_its_own_way() -> None:
    """A world copied in mid-flight ends the flight as the original does, and shares nothing with it."""
    world = appeared()
    world.receive(20 * NS_PER_S, LAUNCHER, Away(1, 7))
    twin = copy.deepcopy(world)
    first = world.expire(25 * NS_PER_S)
    assert twin.deadline_ns == 25 * NS_PER_S
    assert twin.expire(25 * NS_PER_S) == first


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"targets": [{"id": "a", "classification": "foe", "path": [{"t_s": 0, "x_m": 0, "y_m": 0}]}]}, "foe"),
        ({"targets": [{"id": "a", "classification": "hostile", "path": []}]}, "path"),
        (
            {"targets": [{"id": "a", "classification": "hostile", "path": [{"t_s": 1, "x_m": 0, "y_m": 0}] * 2}]},
            "later",
        ),
        (
            {"targets": [{"id": "a", "classification": "hostile", "path": [{"t_s": 1, "x_m": 0, "y_m": 0}]}] * 2},
            "once",
        ),
        ({"detection": [{"range_m": 5, "probability": 0.5}, {"range_m": 6, "probability": 0.6}]}, "must not"),
        ({"detection": [{"range_m": 5, "probability": 0.5}, {"range_m": 5, "probability": 0.5}]}, "increase"),
        ({"target": []}, "target"),
    ],
)
def test_a_wrong_section_is_refused(section: dict[str, Any], message: str) -> None:
    """Each mistake is named, with the path to it."""
    with pytest.raises(msgspec.ValidationError, match=message):
        msgspec.convert(section, Truth)


def test_a_wrong_section_is_found_with_its_line(tmp_path: Path) -> None:
    """A rule that no schema can say is a finding like any other, at the target that breaks it."""
    file = tmp_path / "scenario.yaml"
    file.write_text(
        "world:\n"
        "  targets:\n"
        "    - {id: a, classification: friendly, path: [{t_s: 1, x_m: 0, y_m: 0}]}\n"
        "    - {id: b, classification: hostile, path: [{t_s: 1, x_m: 0, y_m: 0}], appears_s: 5, leaves_s: 5}\n"
    )
    read = source.read(file)
    assert read.parse(("world",), Truth) is None
    assert [(finding.line, finding.key) for finding in read.findings] == [(4, "world.targets[1]")]
    assert "leaves_s" in read.findings[0].rule
