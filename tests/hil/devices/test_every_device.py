# SPDX-License-Identifier: Apache-2.0
"""Every device kind that is installed keeps the contract of devices."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hil import plugins
from hil.devices.generic import Generic
from hil.devices.launcher import Launcher
from hil.devices.radar import Radar
from hil.disturb import DISTURB, Disturb
from hil.trace.events import Note
from interfaces.spec.load import load, shipped
from tests.suites.devices import CHECKS, Case

TABLES = Path(__file__).parents[2] / "interop" / "tables.yaml"
LAUNCHER_DISTURBANCES = {
    "power": False,
    "reset": None,
    "local_key": False,
    "crew_safe": False,
    "fault": True,
    "response_delay": 20,
    "dud_cell": 1,
    "hang_fire": [1, 500],
    "hatch_stuck": 1,
    "hatch_lost": 1,
}
RADAR_DISTURBANCES = {
    "fault": True,
    "restart": None,
    "silent": True,
    "blind": True,
    "stuck_posture": True,
    "drop_track": 1,
    "drop_all": None,
}
GENERIC_DISTURBANCES = {"silent": True, "response_delay": 20, "value": ["holding", 3]}
GENERIC_MESSAGE_DISTURBANCES = {"silent": True, "response_delay": 20, "value": ["state", "search"]}
CASES = {
    "radar": Case(Radar, shipped("radar"), {}, RADAR_DISTURBANCES),
    "launcher-land": Case(Launcher, shipped("launcher"), {"variant": "land"}, LAUNCHER_DISTURBANCES),
    "launcher-sea": Case(Launcher, shipped("launcher"), {"variant": "sea"}, LAUNCHER_DISTURBANCES),
    "generic-modbus": Case(Generic, load(TABLES), {}, GENERIC_DISTURBANCES),
    "generic-messages": Case(Generic, shipped("radar"), {}, GENERIC_MESSAGE_DISTURBANCES),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("check", CHECKS)
def test_contract(case: Case, check: Callable[[Case], None]) -> None:
    """One promise, one device."""
    check(case)


def test_every_kind_is_here() -> None:
    """No installed kind is left out."""
    assert {type(case.make()) for case in CASES.values()} >= {
        plugins.find("hil.devices", name) for name in plugins.names("hil.devices")
    }


def test_cell_that_is_not_fitted() -> None:
    """A disturbance of a cell beyond those fitted is noted; nothing else comes of it."""
    device = CASES["launcher-land"].make()
    for what, value in (("dud_cell", 9), ("hang_fire", [9, 100]), ("hatch_stuck", -9), ("hatch_lost", 9)):
        outputs = device.receive(0, DISTURB, Disturb("device1", what, value))
        assert [item.text for port, item in outputs if isinstance(item, Note)] == [
            "cell 9 is not fitted (1 to 4 are): the disturbance has no effect"
        ]
