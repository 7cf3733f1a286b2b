# SPDX-License-Identifier: Apache-2.0
"""How an interceptor body takes its input lines: debouncing, voting, interlocks and confirmations lost."""

from __future__ import annotations

import pytest

from interfaces.spec.model import Icd
from interfaces.wire import NS_PER_MS, NS_PER_S, NS_PER_US
from tests.suites.interceptor_rig import (
    ABORT,
    CLOCK_NS,
    HELD,
    INTERLOCKS,
    Rig,
    assert_outputs,
    debounce_clocks,
    latency_clocks,
)

_BROKEN_TO = {"step_release": "away", "hang_fire": "away", "misfire": "misfire", "fault": "fault", "safe": "safe"}


class InterlockSuite:
    """Mixed into the suite of interceptor bodies."""

    @pytest.mark.parametrize("state", HELD)
    @pytest.mark.parametrize("line", INTERLOCKS)
    def test_interlock_lost_is_safe_at_its_clock(self, rig: Rig, icd: Icd, state: str, line: str) -> None:
        """INT-003: at limit - 1 still there, at the limit safe with every output inactive."""
        rig.bring_to(state)
        clocks = latency_clocks(icd, f"{line}_lost")
        lost_ns = -(-rig.now_ns // CLOCK_NS) * CLOCK_NS
        rig.run_to(lost_ns)
        rig.drive(line, active=False)
        rig.run_to(lost_ns + (clocks - 1) * CLOCK_NS)
        assert rig.state == state
        rig.run_to(lost_ns + clocks * CLOCK_NS)
        assert rig.states()[-1] == (lost_ns + clocks * CLOCK_NS, "safe")
        assert_outputs(rig)

    @pytest.mark.parametrize("line", INTERLOCKS)
    @pytest.mark.parametrize("state", ["away", "fault"])
    def test_away_and_fault_stay(self, rig: Rig, state: str, line: str) -> None:
        """INT-003, INT-006, INT-011: interlock, abort and silence change nothing; only fault is active."""
        rig.bring_to(state)
        rig.drive(line, active=False)
        rig.say(ABORT)
        rig.run(NS_PER_S)
        assert rig.state == state
        assert_outputs(rig)

    @pytest.mark.parametrize("state", ["armed", "step_power", "step_unlock", *_BROKEN_TO])
    def test_umbilical_broken(self, rig: Rig, state: str) -> None:
        """INT-003, INT-008, INT-009: safe before release, away after it, and nothing new otherwise."""
        rig.bring_to(state)
        spent = state == "fault"
        broken_ns = rig.now_ns
        rig.drive("umbilical_intact", active=False)
        rig.run(23 * CLOCK_NS)
        assert rig.state == state
        rig.run(CLOCK_NS)
        assert rig.state == ("away" if spent else _BROKEN_TO.get(state, "safe"))
        if rig.state != state:
            assert rig.states()[-1][0] == broken_ns // CLOCK_NS * CLOCK_NS + 24 * CLOCK_NS

    @pytest.mark.parametrize(
        ("state", "line"),
        [("step_unlock", "power_good"), ("step_release", "power_good"), ("step_release", "latch_open")],
    )
    def test_confirmation_lost_is_safe(self, rig: Rig, state: str, line: str) -> None:
        """INT-003: what was confirmed must stay."""
        rig.bring_to(state)
        rig.drive(line, active=False)
        rig.run(10 * NS_PER_US)
        assert rig.state == "safe"

    @pytest.mark.parametrize("line", ["arm_enable", "fire_enable", "crew_safe", "hatch_open"])
    def test_one_wire_of_three_is_outvoted(self, rig: Rig, line: str) -> None:
        """INT-001: one wire lost is nothing, the second is a loss."""
        rig.bring_to("step_release")
        rig.drive_wire(line, 1, False)
        rig.run(NS_PER_MS)
        assert rig.state == "step_release"
        rig.drive_wire(line, 2, False)
        rig.run(NS_PER_MS)
        assert rig.state == "safe"

    @pytest.mark.parametrize("line", [*INTERLOCKS, "umbilical_intact"])
    @pytest.mark.parametrize(("more_clocks", "state"), [(-1, "step_unlock"), (0, "safe"), (1, "safe")])
    def test_glitch_against_debounce(self, rig: Rig, icd: Icd, line: str, more_clocks: int, state: str) -> None:
        """INT-001: a pulse one clock shorter than the debounce time is nothing; exactly as long, it counts."""
        rig.bring_to("step_unlock")
        rig.run_to((rig.now_ns // CLOCK_NS + 1) * CLOCK_NS + 30)
        rig.drive(line, active=False)
        rig.run((debounce_clocks(icd, line) + more_clocks) * CLOCK_NS)
        rig.drive(line)
        rig.run(100 * NS_PER_US)
        assert rig.state == state

    def test_glitch_between_two_edges_is_never_sampled(self, rig: Rig, icd: Icd) -> None:
        """INT-001: a spike inside one clock does not even restart the count."""
        rig.bring_to("step_power")
        edge_ns = (rig.now_ns // CLOCK_NS + 1) * CLOCK_NS
        rig.run_to(edge_ns)
        rig.drive("power_good")
        rig.run(10 * CLOCK_NS + 20)
        rig.drive("power_good", active=False)
        rig.run(30)
        rig.drive("power_good")
        rig.run(NS_PER_MS)
        assert rig.state_ns("step_unlock") == edge_ns + latency_clocks(icd, "power_confirmed") * CLOCK_NS

    def test_bounce_restarts_the_count(self, rig: Rig, icd: Icd) -> None:
        """INT-001: the count is from the last change that was sampled."""
        rig.bring_to("step_power")
        edge_ns = (rig.now_ns // CLOCK_NS + 1) * CLOCK_NS
        rig.run_to(edge_ns)
        for _ in range(3):
            rig.drive("power_good")
            rig.run(10 * CLOCK_NS)
            rig.drive("power_good", active=False)
            rig.run(CLOCK_NS)
        rig.drive("power_good")
        rig.run(NS_PER_MS)
        assert rig.state_ns("step_unlock") == edge_ns + (33 + latency_clocks(icd, "power_confirmed")) * CLOCK_NS
