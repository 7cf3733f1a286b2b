# SPDX-License-Identifier: Apache-2.0
"""Every guard and effect that a shipped ICD names has a body in our code, and no device is built without one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from hil.devices.launcher_cell import Cell
from hil.devices.launcher_logic import LauncherLogic
from hil.devices.launcher_orders import Orders
from hil.devices.radar_logic import RadarLogic
from hil.devices.radar_tracker import Track
from hil.devices.state_table import MissingBodiesError
from hil.interceptor.sequencer import Sequencer
from hil.interceptor.watchdog import Watchdog
from hil.plan import read_bench
from interfaces.spec.check import missing_bodies
from interfaces.spec.load import shipped, shipped_names
from interfaces.spec.model import Icd

BENCH = Path(__file__).parents[3] / "fixtures" / "benches" / "pair.yaml"
BODIES: dict[str, list[type]] = {
    "radar": [RadarLogic, Track],
    "launcher": [LauncherLogic, Cell, Orders],
    "interceptor": [Sequencer],
}
MACHINES = [("radar", "radar", "guard"), ("launcher", "launcher", "effect"), ("interceptor", "sequencer", "guard")]


def named(prefix: str, kinds: list[type]) -> list[str]:
    return [name.removeprefix(prefix) for kind in kinds for name in dir(kind) if name.startswith(prefix)]


@pytest.mark.parametrize("name", shipped_names())
def test_every_name_has_a_body(name: str) -> None:
    """Those of the machines and those of what a peer writes into a register or coil."""
    kinds = BODIES[name]
    assert missing_bodies(shipped(name), named("guard_", kinds), named("effect_", kinds)) == []


def build(name: str, icd: Icd) -> Any:
    """The device of an ICD as a bench makes it; an interceptor's sequencer, which power makes."""
    if name == "interceptor":
        return Sequencer("cell", icd, {}, Watchdog(icd, 0))
    plan = next(one for one in read_bench(BENCH).devices if one.icd.name == name)
    return plan.kind(plan.name, icd, plan.options, 1)


def renamed(icd: Icd, machine_name: str, what: str) -> Icd:
    """The ICD with one name changed in the first row that has one."""
    machine = icd.machines[machine_name]
    at = next(at for at, row in enumerate(machine.transitions) if getattr(row, what))
    rows = list(machine.transitions)
    rows[at] = msgspec.structs.replace(rows[at], **{what: "nobodys"})
    machines = {**icd.machines, machine_name: msgspec.structs.replace(machine, transitions=tuple(rows))}
    return msgspec.structs.replace(icd, machines=machines)


@pytest.mark.parametrize(("name", "machine", "what"), MACHINES)
def test_a_name_without_a_body(name: str, machine: str, what: str) -> None:
    """The device is built from the shipped ICD; one name changed, and it is not, and the name is told."""
    assert build(name, shipped(name)) is not None
    with pytest.raises(MissingBodiesError, match=f"{what}_nobodys"):
        build(name, renamed(shipped(name), machine, what))
