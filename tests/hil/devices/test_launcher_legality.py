# SPDX-License-Identifier: Apache-2.0
"""Every command in every state is carried out or refused as the ICD says."""

from __future__ import annotations

import pytest

from tests.hil.devices.launcher_rig import LAUNCHER, Rig

MACHINE = LAUNCHER.machines["launcher"]
COMMANDS = MACHINE.commands
STATES = [state for state in MACHINE.states if state != "off"]


def reach(state: str) -> Rig:
    rig = Rig(cells=1 if state == "empty" else 2)
    getattr(rig, f"to_{state}")()
    assert rig.state == state
    return rig


def command(rig: Rig, name: str) -> int:
    """Give a command in its best form: with right codes, fresh numbers, and a reset with its fault gone."""
    if name == "arm":
        return rig.arm(2)
    if name == "fire":
        return rig.fire(1)
    if name == "reset":
        rig.disturb("fault", False)
    if name in ("safe", "standby", "ready", "reset"):
        return rig.mode(name)
    if name == "heartbeat":
        return rig.beat()
    register, value = {
        "abort": ("abort_command", 1),
        "hold_fire": ("hold_fire", 1),
        "release_hold": ("hold_fire", 0),
        "bearing": ("bearing_command", 1234),
        "posture": ("posture", 1),
        "event_ack": ("event_ack", 1),
    }[name]
    return rig.write(register, value)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("state", STATES)
def test_command_in_state(state: str, name: str) -> None:
    """A legal one gets no exception; an illegal one exception 4, its reason, its count, and no change of state."""
    rig = reach(state)
    refusals = rig.read("refusals", 2)
    answer = command(rig, name)
    if state in COMMANDS[name].legal:
        assert (answer, rig.read("refusals", 2)) == (0, refusals)
    else:
        assert (answer, rig.refusal) == (4, COMMANDS[name].refused)
        assert rig.read("refusals", 2) == refusals + 1
        assert rig.state == state


def test_a_launcher_without_power_is_silent() -> None:
    """LCH-004: neither a read nor a command is answered in `off`, and it boots again when power is back."""
    rig = Rig()
    rig.to_safe().disturb("power", False)
    assert rig.pdu(b"\x04\x00\x00\x00\x01") == b""
    assert rig.pdu(b"\x06\x00\x01\x00\x09") == b""
    rig.disturb("power", True)
    assert rig.state == "boot"


def test_every_guard_and_effect_has_a_body() -> None:
    """The names of the ICD's rows are methods of the logic."""
    from hil.devices.launcher_logic import LauncherLogic

    for row in MACHINE.transitions:
        assert row.guard is None or hasattr(LauncherLogic, f"guard_{row.guard}")
        assert row.effect is None or hasattr(LauncherLogic, f"effect_{row.effect}")
