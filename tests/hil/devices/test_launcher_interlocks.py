# SPDX-License-Identifier: Apache-2.0
"""What takes an armed launcher to safe: interlocks, hold-fire, abort, heartbeat; and until when."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from interfaces.wire import NS_PER_MS, NS_PER_S
from tests.hil.devices.launcher_rig import Rig, time_ns


def hold_register(rig: Rig) -> None:
    assert rig.write("hold_fire", 1) == 0


def hold_coil(rig: Rig) -> None:
    assert rig.write_coil("hold_fire_coil", True) == 0


def hold_broadcast(rig: Rig) -> None:
    assert rig.broadcast("hold_fire", 1) == b""


def abort(rig: Rig) -> None:
    assert rig.write("abort_command", 1) == 0


def safe(rig: Rig) -> None:
    assert rig.mode("safe") == 0


def local_key(rig: Rig) -> None:
    rig.disturb("local_key", False)


def crew_safe(rig: Rig) -> None:
    rig.disturb("crew_safe", False)


def hatch(rig: Rig) -> None:
    rig.disturb("hatch_lost", 1)


def fault(rig: Rig) -> None:
    rig.disturb("fault", True)


STOPS = [hold_register, hold_coil, hold_broadcast, abort, safe, local_key, crew_safe, fault]
Stop = Callable[[Rig], None]


@pytest.mark.parametrize("state", ["arming", "armed", "sequencing"])
@pytest.mark.parametrize("stop", STOPS)
def test_each_stop_makes_safe_at_once(stop: Stop, state: str) -> None:
    """LCH-030 to LCH-032: safe within the limit, every permission gone, and nothing leaves afterwards."""
    rig = Rig()
    getattr(rig, f"to_{state}")()
    stop(rig)
    assert rig.state == ("fault" if stop is fault else "safe")
    assert rig.cell_state(1) == "loaded"
    body = rig.bodies[0]
    for line in ("arm_enable", "fire_enable", "key_b", "power_good", "latch_open", "hatch_open"):
        assert not body.active.get(line)
    rig.live(2 * NS_PER_S)
    assert rig.aways() == []
    assert body.active["power"] is False
    assert "abort" in body.heard or state == "arming"


@pytest.mark.parametrize("state", ["armed", "sequencing"])
def test_a_lost_hatch_makes_safe(state: str) -> None:
    rig = Rig("sea")
    getattr(rig, f"to_{state}")()
    hatch(rig)
    assert rig.state == "safe"
    rig.live(2 * NS_PER_S)
    assert rig.aways() == []


@pytest.mark.parametrize("what", ["local_key", "crew_safe"])
def test_interlocks_in_the_states_before(what: str) -> None:
    """An interlock that is not given: ready is refused, and a ready launcher becomes safe."""
    rig = Rig().to_standby()
    rig.disturb(what, False)
    assert rig.state == "standby"
    assert (rig.mode("ready"), rig.refusal, rig.flag("interlocks_ok")) == (4, what, False)
    rig.disturb(what, True)
    assert (rig.mode("ready"), rig.state) == (0, "ready")
    rig.disturb(what, False)
    assert rig.state == "safe"


def released(rig: Rig) -> int:
    rig.to_sequencing()
    while not rig.edges("release") and not any(body.active.get("latch_open") for body in rig.bodies):
        rig.live(NS_PER_MS)
    return rig.now_ns


@pytest.mark.parametrize("what", ["abort_command", "mode_command"])
def test_nothing_is_taken_back_after_the_release(what: str) -> None:
    rig = Rig()
    released(rig)
    assert (rig.write(what, 1), rig.refusal, rig.state) == (4, "released", "sequencing")
    assert rig.write("hold_fire", 1) == 0
    assert rig.state == "sequencing"
    rig.live(NS_PER_S // 10)
    assert (rig.state, len(rig.aways())) == ("away", 1)
    rig.live(time_ns("away_time"))
    assert (rig.arm(2), rig.refusal) == (4, "hold_fire")


def test_an_interlock_lost_after_the_release_still_reaches_the_interceptor() -> None:
    """The launcher can't be made safe, but the interceptor withdraws its release: a hang-fire, not an away."""
    rig = Rig()
    released(rig)
    rig.disturb("crew_safe", False)
    assert rig.state == "sequencing"
    rig.live(time_ns("separation_limit"))
    assert (rig.state, rig.aways()) == ("hang_fire", [])


@pytest.mark.parametrize(("late_ns", "state"), [(-1, "armed"), (0, "safe"), (1, "safe")])
def test_the_heartbeats_time_out(late_ns: int, state: str) -> None:
    """LCH-033: a new heartbeat before the time-out keeps the launcher armed; one at it is too late."""
    rig = Rig().to_armed()
    rig.beat()
    last_ns = rig.now_ns
    rig.run_to(last_ns + time_ns("heartbeat_timeout") + late_ns)
    rig.beat()
    assert rig.state == state
    if state == "safe":
        assert rig.moves()[-1] == (last_ns + time_ns("heartbeat_timeout"), "safe")
        assert not rig.bodies[0].active["arm_enable"]


def test_a_repeated_heartbeat_is_none() -> None:
    """Only a changed value is a beat."""
    rig = Rig().to_ready()
    start_ns = rig.now_ns
    for _ in range(4):
        rig.run_to(rig.now_ns + NS_PER_S // 2)
        rig.write("heartbeat", rig.beats)
    assert rig.moves()[-1] == (start_ns + time_ns("heartbeat_timeout"), "safe")
    assert not rig.flag("heartbeat_alive")
    assert (rig.mode("standby"), rig.refusal) == (4, "heartbeat")


def test_hold_fire_is_one_switch_with_two_faces() -> None:
    """Coil and register show the same; either releases it."""
    rig = Rig().to_ready()
    hold_coil(rig)
    assert rig.pdu(b"\x03\x00\x02\x00\x01")[2:] == b"\x00\x01"
    assert rig.flag("hold_fire_active")
    rig.write("hold_fire", 0)
    assert rig.pdu(b"\x01\x00\x00\x00\x01")[2:] == b"\x00"


@pytest.mark.parametrize("order", ["arm", "fire"])
def test_no_order_by_broadcast(order: str) -> None:
    """LCH-022: it does nothing, whatever its code and number."""
    rig = Rig()
    rig.to_ready() if order == "arm" else rig.to_armed()
    state = rig.state
    rig.broadcast_order(order)
    assert (rig.state, rig.refusal) == (state, "broadcast")


def test_a_fault_leads_to_fault_and_a_reset_to_boot() -> None:
    rig = Rig().to_safe()
    rig.disturb("fault", True)
    assert (rig.mode("reset"), rig.refusal) == (4, "fault")
    rig.disturb("fault", False)
    assert (rig.mode("reset"), rig.state) == (0, "boot")


def test_a_fault_at_boot_is_found_at_its_end() -> None:
    rig = Rig()
    rig.disturb("fault", True)
    rig.run_to(time_ns("boot_time") - 1)
    assert rig.state == "boot"
    rig.run_to(time_ns("boot_time"))
    assert rig.state == "fault"
