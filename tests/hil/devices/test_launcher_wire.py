# SPDX-License-Identifier: Apache-2.0
"""The launcher on its wires: boot, one poll for all status, serial line and response delay."""

from __future__ import annotations

import struct

import pytest

from hil.devices.launcher import Launcher
from interfaces.wire import NS_PER_MS, Transmit
from tests.hil.devices.launcher_rig import ADDRESS, LAUNCHER, Rig, time_ns


@pytest.mark.parametrize(("early_ns", "state"), [(1, "boot"), (0, "safe"), (-1, "safe")])
def test_boot_time(early_ns: int, state: str) -> None:
    """LCH-003."""
    rig = Rig()
    rig.run_to(time_ns("boot_time") - early_ns)
    assert rig.state == state


def test_one_poll_reads_all_status() -> None:
    """40 registers from 0 on, each where the ICD says."""
    rig = Rig("sea", cells=3, local_key=False).to_safe()
    rig.beat()
    rig.run_to(rig.now_ns + 1_500 * NS_PER_MS)
    words = struct.unpack(">40H", rig.pdu(struct.pack(">BHH", 4, 0, 40))[2:])
    assert words[ADDRESS["state"]] == LAUNCHER.machines["launcher"].states["safe"]
    assert words[ADDRESS["heartbeat_age"]] == 1500
    assert words[ADDRESS["uptime"] + 1] == 3
    assert words[ADDRESS["variant"]] == 1
    assert words[ADDRESS["cells_fitted"]] == 3
    assert words[10:26] == (1, 1, 1) + (0,) * 13
    # crew_safe, hatch_closed, heartbeat_alive, events_pending; the key is not given
    assert words[ADDRESS["flags"]] == 0b10_0100_1010


def test_flags_and_discrete_inputs_agree() -> None:
    assert LAUNCHER.modbus is not None
    flags = next(item for item in LAUNCHER.modbus.input if item.name == "flags")
    names = [f"flag_{item.name}" for item in sorted(LAUNCHER.modbus.discrete_inputs, key=lambda item: item.address)]
    assert [field.name for field in flags.bits] == names
    rig = Rig().to_armed()
    word = rig.read("flags")
    for low, item in enumerate(LAUNCHER.modbus.discrete_inputs):
        assert rig.flag(item.name) == bool(word >> low & 1)


def test_a_delayed_response() -> None:
    """The disturbance makes LCH-001 fail by as much as it says."""
    rig = Rig().to_safe()
    rig.disturb("response_delay", 80)
    asked_ns = rig.now_ns
    assert rig.pdu(struct.pack(">BHH", 4, 0, 1)) == b""
    rig.run_to(asked_ns + time_ns("boot_time"))
    answered_ns = next(at for at, item in rig.peer.items if isinstance(item, Transmit) and at > asked_ns)
    assert answered_ns - asked_ns == 80 * NS_PER_MS


def test_every_disturbance_has_a_body() -> None:
    """A name that the bench may accept is one that the device knows."""
    for what in Launcher.DISTURBANCES:
        assert hasattr(Launcher, f"_disturb_{what}")
