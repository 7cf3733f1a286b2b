# SPDX-License-Identifier: Apache-2.0
"""What an interceptor body does of itself: power, the chain of a launch, time-outs.

Limits are taken at one clock less, at the limit and at one more.
"""

from __future__ import annotations

import pytest

from interfaces.spec.model import Icd
from interfaces.wire import NS_PER_MS, NS_PER_S, NS_PER_US
from tests.suites.interceptor_rig import (
    ABORT,
    ARM,
    ARM_CODE,
    CLOCK_NS,
    INTERLOCKS,
    OUTPUTS,
    STATES,
    Rig,
    assert_outputs,
)


class ChainSuite:
    """Mixed into the suite of interceptor bodies."""

    def test_without_power_nothing_is_said_or_due(self, rig: Rig) -> None:
        """INT-002: lines and frames without power have no effect; once they have settled, nothing is due."""
        rig.drive("umbilical_intact", *INTERLOCKS)
        rig.say(ARM, ARM_CODE)
        rig.run(NS_PER_MS)
        assert rig.log == []
        assert rig.body.deadline_ns is None
        rig.run(NS_PER_S)
        assert rig.log == []

    @pytest.mark.parametrize("state", STATES)
    def test_loss_of_power_is_safe_from_every_state(self, rig: Rig, state: str) -> None:
        """INT-002: at the ICD's clock, every output inactive, nothing due."""
        rig.bring_to(state)
        lost_ns = rig.now_ns
        rig.drive("power", active=False)
        rig.run_to(lost_ns + 23 * CLOCK_NS)
        assert rig.state == state
        rig.run_to(lost_ns + 24 * CLOCK_NS)
        assert rig.state == "safe"
        assert_outputs(rig)
        assert rig.body.deadline_ns is None

    def test_power_again_begins_afresh(self, rig: Rig) -> None:
        """INT-002, INT-010: a fired interceptor that lost power takes any sequence number and may be armed."""
        rig.bring_to("hang_fire")
        rig.drive("power", "power_good", "latch_open", active=False)
        rig.run(NS_PER_MS)
        rig.drive("power")
        rig.run(NS_PER_MS)
        rig.say(ARM, ARM_CODE, sequence=1)
        rig.run(NS_PER_MS)
        assert rig.state == "armed"

    @pytest.mark.parametrize("state", STATES)
    def test_outputs_of_each_state(self, rig: Rig, state: str) -> None:
        """Each state drives exactly its outputs, in the clock it is entered."""
        rig.bring_to(state)
        assert_outputs(rig)
        for line in OUTPUTS.get(state, ()):
            assert rig.edges(line)[-1][0] <= rig.state_ns(state)

    def test_chain_to_the_clock(self, rig: Rig) -> None:
        """INT-004, INT-007: each transition stands its latency after its cause, and its output with it."""
        rig.power_up()
        armed_ns, fired_ns = rig.arm(), rig.fire()
        assert rig.state_ns("armed") == armed_ns + 8 * CLOCK_NS
        assert rig.state_ns("step_power") == fired_ns + 8 * CLOCK_NS
        power_ns = rig.now_ns
        rig.confirm("power_good")
        assert rig.edges("unlock") == [(power_ns + 54 * CLOCK_NS, True)]
        latch_ns = rig.now_ns
        rig.confirm("latch_open")
        assert rig.edges("release") == [(latch_ns + 54 * CLOCK_NS, True)]
        away_ns = rig.now_ns
        rig.drive("umbilical_intact", active=False)
        rig.run(NS_PER_MS)
        assert rig.edges("release")[-1] == (away_ns + 24 * CLOCK_NS, False)
        assert rig.state_ns("away") == away_ns + 24 * CLOCK_NS
        assert rig.body.deadline_ns is None, "nothing is left to do"

    @pytest.mark.parametrize("offset_ns", [0, 1, CLOCK_NS - 1])
    def test_cause_between_edges_counts_from_the_earlier_one(self, rig: Rig, offset_ns: int) -> None:
        """ICD, how clocks are counted."""
        rig.bring_to("step_power")
        edge_ns = (rig.now_ns // CLOCK_NS + 1) * CLOCK_NS
        rig.run_to(edge_ns + offset_ns)
        rig.drive("power_good")
        rig.run(NS_PER_MS)
        assert rig.state_ns("step_unlock") == edge_ns + 54 * CLOCK_NS

    @pytest.mark.parametrize("line", [*INTERLOCKS, "umbilical_intact"])
    def test_no_fire_without(self, rig: Rig, line: str) -> None:
        """INT-004: one line missing, no arming or no fire, and the reason says interlock."""
        rig.drive("power", *({"umbilical_intact", *INTERLOCKS} - {line}))
        rig.run(50 * NS_PER_US)
        rig.arm()
        rig.fire()
        assert rig.state in ("safe", "armed")
        assert rig.answers()[-2 if rig.state == "safe" else -1][1] == "interlock"

    @pytest.mark.parametrize("line", ["power_good", "latch_open"])
    def test_no_fire_with_a_confirmation_already_there(self, rig: Rig, line: str) -> None:
        """INT-007: what is confirmed before it was asked for is a fault of the wiring."""
        rig.bring_to("armed")
        rig.confirm(line)
        rig.fire()
        assert rig.state == "armed"
        assert rig.answers()[-1] == ("fire", "interlock")

    def test_early_latch_confirms_nothing(self, rig: Rig) -> None:
        """INT-007: the latch opens in step_power already; step_unlock runs into its time-out."""
        rig.bring_to("step_power")
        rig.confirm("latch_open")
        rig.confirm("power_good")
        assert rig.state == "step_unlock"
        rig.wait(201 * NS_PER_MS)
        assert rig.state == "misfire"

    def test_one_release_a_power_cycle(self, rig: Rig) -> None:
        """INT-005: after a release that was aborted, arming is refused."""
        rig.bring_to("step_release")
        rig.say(ABORT)
        rig.run(NS_PER_MS)
        rig.drive("power_good", "latch_open", active=False)
        rig.run(NS_PER_MS)
        rig.arm()
        assert rig.state == "safe"
        assert rig.answers()[-1] == ("arm", "wrong_state")

    @pytest.mark.parametrize(
        ("state", "timing", "line", "confirmed", "late"),
        [
            ("step_power", "step_power", "power_good", "step_unlock", "misfire"),
            ("step_unlock", "step_unlock", "latch_open", "step_release", "misfire"),
            ("step_release", "step_release", "umbilical_intact", "away", "hang_fire"),
        ],
    )
    @pytest.mark.parametrize("more_clocks", [-1, 0, 1])
    def test_step_time_out(
        self, rig: Rig, icd: Icd, state: str, timing: str, line: str, confirmed: str, late: str, more_clocks: int
    ) -> None:
        """INT-007, INT-009: a confirmation that takes effect at the limit is in time, one clock later it is not."""
        rig.bring_to(state)
        limit_ns = rig.state_ns(state) + icd.time_ns(timing)
        clocks = 24 if line == "umbilical_intact" else 54
        rig.run_to(limit_ns + (more_clocks - clocks) * CLOCK_NS)
        rig.drive(line, active=line != "umbilical_intact")
        rig.run(clocks * CLOCK_NS + CLOCK_NS)
        if more_clocks <= 0:
            assert rig.states()[-1] == (limit_ns + more_clocks * CLOCK_NS, confirmed)
        else:
            assert (limit_ns, late) in rig.states()

    @pytest.mark.parametrize("more_clocks", [-1, 0, 1])
    def test_arm_window(self, rig: Rig, icd: Icd, more_clocks: int) -> None:
        """INT-005: fire at the window's last clock is in time; one clock later it is refused as late."""
        rig.bring_to("armed")
        limit_ns = rig.state_ns("armed") + icd.time_ns("arm_window")
        rig.wait(limit_ns - rig.now_ns - NS_PER_MS)
        frame_ns = 9 * 11 * NS_PER_US  # zero, COBS code, id, sequence, code, CRC, zero
        rig.run_to(limit_ns + more_clocks * CLOCK_NS - 8 * CLOCK_NS + 500 - frame_ns)
        centre_ns = rig.fire()
        assert centre_ns + 8 * CLOCK_NS == limit_ns + more_clocks * CLOCK_NS, "the test's own frame length"
        assert rig.answers()[-1] == ("fire", "done" if more_clocks <= 0 else "late")
        assert rig.state == ("step_power" if more_clocks <= 0 else "safe")

    def test_hang_fire_then_late_away(self, rig: Rig) -> None:
        """INT-009: release is inactive in hang_fire, and a late break still means away."""
        rig.bring_to("hang_fire")
        assert_outputs(rig)
        rig.wait(2 * NS_PER_S)
        rig.drive("umbilical_intact", active=False)
        rig.run(NS_PER_MS)
        assert [name for _, name in rig.states()][-2:] == ["hang_fire", "away"]

    @pytest.mark.parametrize("first", ["wait", "abort"])
    def test_away_later_still(self, rig: Rig, icd: Icd, first: str) -> None:
        """INT-009: also out of misfire, and out of safe, once released."""
        rig.bring_to("hang_fire")
        if first == "wait":
            rig.wait(icd.time_ns("hang_fire"))
            assert rig.state == "misfire"
        else:
            rig.say(ABORT)
            rig.run(NS_PER_MS)
            assert rig.state == "safe"
        rig.drive("umbilical_intact", active=False)
        rig.run(NS_PER_MS)
        assert rig.state == "away"
