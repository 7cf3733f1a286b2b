# SPDX-License-Identifier: Apache-2.0
"""Whatever is done to the twin, release is the end of the whole chain (INT-004, INT-005)."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hil.interceptor.twin import Twin
from interfaces.spec.load import shipped
from interfaces.wire import NS_PER_MS, NS_PER_US, Burst
from tests.suites.interceptor_rig import (
    ABORT,
    ARM,
    ARM_CODE,
    BODY,
    CLOCK_NS,
    FIRE,
    FIRE_CODE,
    HEARTBEAT,
    INTERLOCKS,
    STATES,
    TIME,
    Rig,
)

_ICD = shipped("interceptor")
_LINES = ("power", "umbilical_intact", *INTERLOCKS, "power_good", "latch_open", "pps")
_ORDER = ["armed", "step_power", "step_unlock", "step_release"]
# From the loss of a line to the safe outputs: the slowest line of the ICD.
_SLOWEST_NS = 204 * CLOCK_NS

_pauses = st.sampled_from([0, 70, 1_000, 30 * NS_PER_US, NS_PER_MS, 99 * NS_PER_MS, 210 * NS_PER_MS, 600 * NS_PER_MS])
_drives = st.tuples(st.just("drive"), st.sampled_from(_LINES), st.booleans(), _pauses)
# Likely orders too, or no example would ever get as far as a release.
_likely = st.sampled_from(
    [
        ("say", ARM, ARM_CODE, 30 * NS_PER_US),
        ("say", FIRE, FIRE_CODE, 30 * NS_PER_US),
        ("drive", "power_good", True, 30 * NS_PER_US),
        ("drive", "latch_open", True, 30 * NS_PER_US),
        ("drive", "umbilical_intact", False, 30 * NS_PER_US),
        ("drive", "power_good", False, 30 * NS_PER_US),
        ("drive", "latch_open", False, 30 * NS_PER_US),
    ]
)
_says = st.tuples(
    st.just("say"),
    st.sampled_from([ARM, FIRE, ABORT, HEARTBEAT, TIME]),
    st.sampled_from([ARM_CODE, FIRE_CODE, b"", b"\0\0\0\0\1"]),
    _pauses,
)
_prefixes = st.sampled_from(STATES)
_actions = st.lists(st.one_of(_likely, _drives, _says), min_size=1, max_size=30)


@settings(max_examples=150, deadline=None)
@given(prefix=_prefixes, actions=_actions)
def test_release_only_at_the_end_of_the_chain(prefix: str, actions: list[tuple[Any, ...]]) -> None:
    """In order, once a power cycle, and never later than the slowest line after any interlock was lost."""
    rig, lost = _rig(), _Losses()
    rig.bring_to(prefix)
    for kind, what, value, pause_ns in actions:
        if kind == "drive":
            lost.note(rig.now_ns, what, value)
            rig.drive(what, active=value)
        else:
            rig.say(what, value)
        rig.run(pause_ns)
        assert not (rig.is_active("release") and lost.long_before(rig.now_ns))
    _assert_chain(rig)
    assert all(port in ("lines", "trace") or isinstance(item, Burst) for _, port, item in rig.log)


@settings(max_examples=40, deadline=None)
@given(prefix=_prefixes, actions=_actions, cut=st.integers(0, 29))
def test_copy_at_any_point_goes_on_the_same(prefix: str, actions: list[tuple[Any, ...]], cut: int) -> None:
    """Both halves of a run that was copied put out what the uncut run does."""
    rig = _rig()
    rig.bring_to(prefix)
    _play(rig, actions[:cut])
    other = copy.deepcopy(rig)
    _play(rig, actions[cut:])
    _play(other, actions[cut:])
    assert rig.log == other.log


def test_the_random_course_can_reach_release() -> None:
    """The property above is not empty: the likely actions, in order, release."""
    rig = _rig()
    rig.power_up()
    likely = [
        ("say", ARM, ARM_CODE),
        ("say", FIRE, FIRE_CODE),
        ("drive", "power_good", True),
        ("drive", "latch_open", True),
    ]
    _play(rig, [(*action, 30 * NS_PER_US) for action in likely])
    assert rig.is_active("release")


class _Losses:
    """Since when an interlock has been lost, at the wires."""

    def __init__(self) -> None:
        self._since: dict[str, int] = {}

    def note(self, now_ns: int, line: str, active: bool) -> None:
        if active:
            self._since.pop(line, None)
        elif line in INTERLOCKS or line in ("power", "umbilical_intact"):
            self._since.setdefault(line, now_ns)

    def long_before(self, now_ns: int) -> bool:
        return any(since_ns + _SLOWEST_NS <= now_ns for since_ns in self._since.values())


def _rig() -> Rig:
    return Rig(Twin(BODY, _ICD, 1), _ICD)


def _play(rig: Rig, actions: list[tuple[Any, ...]]) -> None:
    for kind, what, value, pause_ns in actions:
        if kind == "drive":
            rig.drive(what, active=value)
        else:
            rig.say(what, value)
        rig.run(pause_ns)


def _assert_chain(rig: Rig) -> None:
    """Release is active in step_release only, which a fresh arming and all steps precede."""
    names = [name for _, name in rig.states()]
    for place, name in enumerate(names):
        if name == "step_release":
            assert names[max(0, place - 3) : place + 1] == _ORDER
    entered = {at for at, name in rig.states() if name == "step_release"}
    assert {at for at, active in rig.edges("release") if active} == entered
