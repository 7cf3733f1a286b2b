# SPDX-License-Identifier: Apache-2.0
"""A scenario's timed events: each at its instant, to its place, and in the trace."""

from __future__ import annotations

import copy

import pytest

from hil.disturb import Disturb
from hil.script import Script, Timed
from hil.trace.events import TRACE, Disturbed

HATCH = Disturb("land1", "hatch_jam", 2)
RADAR = Disturb("radar1", "silence", None)
AGAIN = Disturb("land1", "hatch_free", 2)


def script() -> Script:
    return Script("script", [Timed(50, RADAR), Timed(20, HATCH), Timed(50, AGAIN)])


def test_at_its_instant() -> None:
    """Not 1 ns before, at its instant, and not again 1 ns after."""
    one = script()
    assert one.deadline_ns == 20
    assert list(one.expire(19)) == []
    assert list(one.expire(20)) == [(TRACE, Disturbed(20, "land1", "hatch_jam", 2)), ("land1", HATCH)]
    assert list(one.expire(21)) == []
    assert one.deadline_ns == 50


def test_same_instant_in_the_files_order() -> None:
    """Events of one instant come in the order they were written in; then there is nothing more to do."""
    one = script()
    one.expire(20)
    assert [port for port, _ in one.expire(50) if port != TRACE] == ["radar1", "land1"]
    assert one.deadline_ns is None


def test_late() -> None:
    """What was due meanwhile comes together, stamped with the instant that is."""
    outputs = script().expire(1000)
    assert [item.time_ns for port, item in outputs if port == TRACE] == [1000, 1000, 1000]


def test_copy_goes_on_alone() -> None:
    """A copy in mid-run does what the original does, and leaves it alone."""
    one = script()
    one.expire(20)
    other = copy.deepcopy(one)
    assert list(other.expire(50)) == list(one.expire(50))


def test_nothing_to_do() -> None:
    """Without events there is no deadline."""
    assert Script("script", []).deadline_ns is None


def test_takes_no_input() -> None:
    """Nothing speaks to it; if something does, the bench was composed wrong."""
    with pytest.raises(TypeError, match="script takes no input"):
        script().receive(0, "land1", HATCH)
