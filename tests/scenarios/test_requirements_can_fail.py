# SPDX-License-Identifier: Apache-2.0
"""Each requirement of each scenario is shown able to fail, by a controller or a device with one thing wrong.

`test_scenarios` shows that the same requirements pass with nothing wrong.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hil.clocks.virtual import VirtualClock
from hil.compose import compose
from hil.plan import ControllerPlan, Plan, read_scenario
from hil.run import conclude
from hil.scenario.model import ControllerDef
from hil.trace.recorder import Recorder
from interfaces.wire import NS_PER_S
from tests.scenarios.mutations import (
    REFERENCE,
    Mutation,
    blind_radar,
    controller_class,
    deaf_launcher,
    deaf_radar,
    deaf_to_the_operator,
    faulty_radar,
    heartless_controller,
    late_launcher,
    mended_misfire,
    mute_controller,
    mute_radar,
    phantom_track,
    quiet_sky,
    restless_controller,
    rogue_release,
    stale_controller,
    stuttering_release,
    trusting_controller,
)

FOLDER = Path(__file__).parents[2] / "fixtures" / "scenarios"

# In the short engagement the controller is a process; here its place is taken by the same core inside the bench.
SHORT = "engagement_short"
SHORT_OPTIONS = {
    "stand_down_s": 5,
    "launchers": {
        "land1": {"line": "bus", "medium": "rtu", "unit": 1, "sector_deg": [0, 179], "bearing_deg": 30},
        "sea1": {"line": "sea", "medium": "tcp", "unit": 1, "sector_deg": [180, 359]},
    },
}

# As much of each scenario as its story takes; `test_long_enough` holds that nothing is wrong up to there.
PLAYED_S = {
    "engagement": 200,
    "friendly": 60,
    "quiet": 200,
    "two_threats": 80,
    "dud_cell": 100,
    "dropped_track": 80,
    "hold_fire": 90,
    "radar_fault": 100,
}

ROGUE = ("SAFE-3", "SAFE-4", "SAFE-5")
SAFETY: dict[Mutation, tuple[str, ...]] = {
    phantom_track: ("SAFE-1",),
    stuttering_release: ("SAFE-2",),
    rogue_release: ROGUE,
    late_launcher: ("LCH-1", "LCH-3"),
    heartless_controller: ("LCH-2",),
    mute_radar: ("RAD-1",),
}
NOTHING_RELEASED: dict[Mutation, tuple[str, ...]] = {
    **SAFETY,
    stuttering_release: (),
    rogue_release: ("SAFE-2", *ROGUE),
}
NOTHING_ARMED = {**NOTHING_RELEASED, phantom_track: ("SAFE-1", "ENG-2", "ENG-3")}
BREAKS: dict[str, dict[Mutation, tuple[str, ...]]] = {
    "engagement": {
        **SAFETY,
        mute_radar: ("RAD-2",),
        deaf_radar: ("RAD-1",),
        mute_controller: ("ENG-1", "ENG-2", "ENG-4", "ENG-5"),
        restless_controller: ("ENG-3",),
    },
    SHORT: {
        phantom_track: ("SAFE-1",),
        late_launcher: ("LCH-1",),
        heartless_controller: ("LCH-2",),
        mute_controller: ("ENG-1", "ENG-2", "ENG-3", "ENG-5"),
    },
    "first": {mute_radar: ("RAD-1",), rogue_release: ("SAFE-1",)},
    "friendly": {**NOTHING_ARMED, blind_radar: ("ENG-1",)},
    "quiet": {
        **NOTHING_ARMED,
        phantom_track: ("SAFE-1", "ENG-2", "ENG-3", "ENG-5"),
        faulty_radar: ("ENG-1",),
        quiet_sky: ("ENG-4",),
    },
    "two_threats": {**SAFETY, restless_controller: ("ENG-2", "ENG-3"), mute_controller: ("ENG-1",)},
    "dud_cell": {**SAFETY, mute_controller: ("ENG-1", "ENG-2"), mended_misfire: ("ENG-3",)},
    "dropped_track": {
        **NOTHING_RELEASED,
        mute_controller: ("ENG-1", "ENG-3"),
        stale_controller: ("ENG-2", "ENG-5"),
        deaf_launcher: ("ENG-4",),
    },
    "hold_fire": {
        **SAFETY,
        deaf_to_the_operator: ("ENG-1", "ENG-2", "ENG-3", "ENG-4"),
        deaf_launcher: ("ENG-1", "ENG-2", "ENG-3", "ENG-4"),
        restless_controller: ("ENG-5",),
    },
    "radar_fault": {
        **SAFETY,
        trusting_controller: ("ENG-1", "ENG-2", "ENG-3", "ENG-4"),
        restless_controller: ("ENG-5",),
    },
}
CASES = [
    pytest.param(name, mutation, broken, id=f"{name}-{mutation.__name__}")
    for name, mutations in BREAKS.items()
    for mutation, broken in mutations.items()
    if broken
]


def plan_of(name: str) -> Plan:
    """A scenario's plan, with the controller inside the bench."""
    plan = read_scenario(FOLDER / f"{name}.yaml")
    if name in PLAYED_S:
        plan = replace(plan, duration_ns=PLAYED_S[name] * NS_PER_S)
    if name == SHORT:
        model = ControllerDef(python=REFERENCE, options=SHORT_OPTIONS)
        return replace(plan, controller=ControllerPlan(model, controller_class(), FOLDER))
    return plan


def outcomes(plan: Plan) -> dict[str, str]:
    """Play it in virtual time."""
    bench = compose(plan, Recorder(None, keep=True))
    VirtualClock().run(bench.kernel, plan.duration_ns)
    return {verdict.requirement: verdict.outcome.value for verdict in conclude(bench, plan)}


@pytest.mark.parametrize("name", [SHORT, *PLAYED_S])
def test_long_enough(name: str) -> None:
    """With nothing wrong all pass, so that what fails below fails for its mutation."""
    assert set(outcomes(plan_of(name)).values()) == {"pass"}


@pytest.mark.parametrize(("name", "mutation", "broken"), CASES)
def test_can_fail(name: str, mutation: Mutation, broken: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """One thing wrong, and these requirements fail."""
    plan = plan_of(name)
    mutation(monkeypatch)
    got = outcomes(plan)
    assert {requirement: got[requirement] for requirement in broken} == dict.fromkeys(broken, "fail")


def test_every_requirement_is_here() -> None:
    """No requirement of any scenario is left out, none is made up."""
    for path in FOLDER.glob("*.yaml"):
        wanted = {requirement.id for requirement in read_scenario(path).requirements}
        assert {one for broken in BREAKS[path.stem].values() for one in broken} == wanted, path.name
