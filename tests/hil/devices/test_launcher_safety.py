# SPDX-License-Identifier: Apache-2.0
"""LCH-034: whatever a controller, a crew and a broken interceptor do, nothing leaves that must not."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hil.interceptor.contract import Level
from hil.interceptor.twin import Twin
from hil.part import Outputs
from hil.trace.events import Answer
from interfaces.wire import NS_PER_MS
from tests.hil.devices.launcher_rig import FakeInterceptor, Rig, time_ns

ACTIONS = st.sampled_from(
    [
        "arm",
        "arm",
        "fire",
        "fire",
        "beat",
        "standby",
        "ready",
        "safe",
        "abort",
        "hold",
        "release_hold",
        "key_off",
        "key_on",
        "crew_off",
        "crew_on",
        "wait",
        "long_wait",
    ]
)


class Mad(FakeInterceptor):
    """Asks for everything, release included, whenever any line of it changes."""

    def receive(self, now_ns: int, port: str, item: Any) -> Outputs:
        out = list(super().receive(now_ns, port, item))
        if port == "lines" and item.line in ("power", "hatch_open", "arm_enable", "latch_open"):
            out += [
                ("lines", Level(line, active)) for line in ("ready", "unlock", "release") for active in (False, True)
            ]
        return out


def act(rig: Rig, action: str) -> None:
    """One thing that anybody may do; whether it is obeyed is the launcher's affair."""
    if action in ("standby", "ready", "safe"):
        rig.mode(action)
    elif action in ("arm", "fire", "beat"):
        getattr(rig, action)()
    elif action in ("hold", "release_hold"):
        rig.write("hold_fire", int(action == "hold"))
    elif action == "abort":
        rig.write("abort_command", 1)
    elif action.startswith(("key", "crew")):
        rig.disturb("local_key" if action.startswith("key") else "crew_safe", action.endswith("on"))
    else:
        rig.run_to(rig.now_ns + (400 if action == "wait" else 2_000) * NS_PER_MS)


def orders(rig: Rig) -> list[str]:
    return [event.command for event in rig.trace if isinstance(event, Answer) and event.result == "done"]


@settings(deadline=None, max_examples=40)
@given(st.lists(ACTIONS, max_size=25), st.booleans())
def test_nothing_leaves_without_its_orders(actions: list[str], mad: bool) -> None:
    """Each away has an arm and then a fire order before it, and none follows a stop before the release."""
    rig = Rig(body=Mad if mad else FakeInterceptor).to_ready()
    for action in actions:
        act(rig, action)
    rig.live(2_000 * NS_PER_MS)
    done = [order for order in orders(rig) if order in ("arm", "fire")]
    assert len(rig.aways()) <= done.count("fire") <= done.count("arm")
    for (_, before), (_, after) in itertools.pairwise(rig.moves()):
        assert after != "away" or before in ("sequencing", "hang_fire")
    assert not rig.bodies[1].active.get("power")


def test_a_mad_interceptor_does_not_leave_an_armed_cell() -> None:
    """Its latch stays closed until the launcher was told to fire."""
    rig = Rig(body=Mad).to_armed()
    rig.live(time_ns("arm_window") - 10 * NS_PER_MS)
    assert rig.aways() == []
    assert not rig.bodies[0].active.get("latch_open")


def test_a_stop_a_nanosecond_before_the_release_stops_it() -> None:
    """The interceptor's release comes a few clocks after its latch; the launcher is safe until it came."""
    reference = Rig(body=Twin).to_sequencing()
    fired_ns = reference.now_ns
    reference.live(500 * NS_PER_MS)
    release_ns = next(at for at, _, active in reference.edges("release") if active)
    for early_ns, leaves in [(1, False), (-1, True)]:
        rig = Rig(body=Twin).to_sequencing()
        assert rig.now_ns == fired_ns
        rig.live_to(release_ns - early_ns)
        assert rig.write("abort_command", 1) == (4 if leaves else 0)
        rig.live(500 * NS_PER_MS)
        assert bool(rig.aways()) is leaves
