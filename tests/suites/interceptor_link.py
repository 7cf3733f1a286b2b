# SPDX-License-Identifier: Apache-2.0
"""How an interceptor body takes commands and speaks: sequence numbers, replies, watchdog, slots, time."""

from __future__ import annotations

import itertools

import pytest

from interfaces.spec.model import Icd
from interfaces.wire import NS_PER_MS, NS_PER_S, NS_PER_US
from tests.suites.interceptor_rig import (
    ABORT,
    ACK,
    ARM,
    ARM_CODE,
    CHAR_BITS,
    CLOCK_NS,
    FIRE,
    FIRE_CODE,
    HALF_BIT_NS,
    HEARTBEAT,
    HELD,
    REASONS,
    REFUSAL,
    STATES,
    STATUS,
    STATUS_REQUEST,
    TIME,
    Rig,
    assert_outputs,
    pulse,
)

# From an abort's first start bit to its effect: seven characters but half a bit, and 8 clocks.
_ABORT_NS = 7 * CHAR_BITS * NS_PER_US - HALF_BIT_NS + 8 * CLOCK_NS


class LinkSuite:
    """Mixed into the suite of interceptor bodies."""

    @pytest.mark.parametrize("state", HELD)
    def test_abort(self, rig: Rig, state: str) -> None:
        """INT-006: safe, at the ICD's clock."""
        rig.bring_to(state)
        centre_ns = rig.say(ABORT)
        rig.run(NS_PER_MS)
        assert rig.states()[-1] == (centre_ns // CLOCK_NS * CLOCK_NS + 8 * CLOCK_NS, "safe")
        assert_outputs(rig)

    @pytest.mark.parametrize("code", [b"\x5a\x16", b"\0\0", FIRE_CODE])
    def test_wrong_arm_code(self, rig: Rig, code: bytes) -> None:
        rig.power_up()
        rig.say(ARM, code)
        rig.run(NS_PER_MS)
        assert rig.state == "safe"
        assert rig.answers() == [("arm", "wrong_code")]

    def test_wrong_fire_code(self, rig: Rig) -> None:
        rig.bring_to("armed")
        rig.say(FIRE, ARM_CODE)
        rig.run(NS_PER_MS)
        assert rig.state == "armed"
        assert rig.answers()[-1] == ("fire", "wrong_code")

    @pytest.mark.parametrize("state", [state for state in STATES if state not in ("safe", "away")])
    def test_arm_in_the_wrong_state(self, rig: Rig, state: str) -> None:
        rig.bring_to(state)
        rig.arm()
        assert rig.state == state
        assert rig.answers()[-1] == ("arm", "wrong_state")

    @pytest.mark.parametrize(
        ("last", "number", "fresh"),
        [
            (10, 11, True),
            (10, 10, False),
            (10, 9, False),
            (10, 137, True),
            (10, 138, False),
            (255, 0, True),
            (250, 121, True),
            (250, 122, False),
            (0, 255, False),
        ],
    )
    def test_sequence_freshness(self, rig: Rig, last: int, number: int, fresh: bool) -> None:
        """INT-010: 1 to 127 ahead, modulo 256, is fresh; a stale one never acts."""
        rig.power_up()
        rig.say(HEARTBEAT, sequence=last)
        rig.say(ARM, ARM_CODE, sequence=number)
        rig.run(NS_PER_MS)
        assert rig.state == ("armed" if fresh else "safe")
        assert rig.answers() == [("arm", "done" if fresh else "stale_sequence")]

    def test_repeated_abort_is_refused(self, rig: Rig) -> None:
        """INT-010: even abort does not act when its number is stale."""
        rig.bring_to("armed")
        rig.say(ABORT, sequence=1)
        rig.run(NS_PER_MS)
        assert rig.state == "armed"

    def test_damaged_frame_does_nothing(self, rig: Rig) -> None:
        rig.power_up()
        rig.say_bytes(b"\0\x05\x01\x01\x5a\x17\x12\x34\0")
        rig.run(NS_PER_MS)
        assert rig.answers() == []

    @pytest.mark.parametrize("state", ["armed", "hang_fire"])
    def test_link_silence(self, rig: Rig, icd: Icd, state: str) -> None:
        """INT-011: to the clock after the last fresh message's effect; a stale one does not count."""
        rig.bring_to(state)
        fed_ns = rig.say(HEARTBEAT, sequence=100) // CLOCK_NS * CLOCK_NS + 8 * CLOCK_NS
        rig.run(10 * NS_PER_MS)
        rig.say(HEARTBEAT, sequence=100)
        limit_ns = fed_ns + icd.time_ns("link_silence")
        rig.run_to(limit_ns - 1)
        assert rig.state == state
        rig.run_to(limit_ns)
        assert rig.states()[-1] == (limit_ns, "safe")

    def test_message_at_the_last_clock_keeps_the_link(self, rig: Rig, icd: Icd) -> None:
        """INT-011: its effect at the limit itself is in time."""
        rig.bring_to("armed")
        fed_ns = rig.say(HEARTBEAT, sequence=100) // CLOCK_NS * CLOCK_NS + 8 * CLOCK_NS
        limit_ns = fed_ns + icd.time_ns("link_silence")
        rig.run_to(limit_ns - 800 + 500 - 7 * 11 * NS_PER_US)
        centre_ns = rig.say(HEARTBEAT, sequence=101)
        assert centre_ns + 800 == limit_ns, "the test's own frame length"
        rig.run(NS_PER_MS)
        assert rig.state == "armed"

    def test_stuck_sequence(self, rig: Rig, icd: Icd) -> None:
        """INT-012: every step in time, all together too long: fault, at the clock."""
        rig.bring_to("fault")
        assert rig.state_ns("fault") == rig.state_ns("step_power") + icd.time_ns("sequence_limit")

    def test_slots_over_many_cycles_with_jitter(self, rig: Rig) -> None:
        """INT-013, INT-014: with a jittering pulse every frame begins within 1 us of the assigned slot."""
        rig.power_up()
        rig.say(TIME, (7_000_000).to_bytes(4, "big") + b"\x03")
        for second, jitter_ns in enumerate([0, 300, -400, 250, 900, -700, 0, 100], start=1):
            pulse(rig, second * NS_PER_S + jitter_ns)
        starts_ns = [at for at, _ in rig.sent(STATUS) if at > NS_PER_S]
        assert len(starts_ns) >= 69
        for at_ns in starts_ns:
            assert (at_ns - 3 * 12_500 * NS_PER_US + NS_PER_US) % (100 * NS_PER_MS) <= 2 * NS_PER_US

    def test_status_carries_the_time_of_its_begin(self, rig: Rig) -> None:
        """INT-014: locked, the counter reads what the time message said, plus what has passed since."""
        rig.power_up()
        rig.say(TIME, (7_000_000).to_bytes(4, "big") + b"\0")
        pulse(rig, NS_PER_S)
        rig.run_to(NS_PER_S + 450 * NS_PER_MS)
        at_ns, frame = rig.sent(STATUS)[-1]
        time_us = int.from_bytes(frame[-4:], "big")
        assert (time_us, at_ns) == (7_400_000, NS_PER_S + 400 * NS_PER_MS)

    def test_counter_wraps(self, rig: Rig) -> None:
        """ICD `time_wrap_us`: the cycle goes on over the wrap."""
        rig.power_up()
        rig.say(TIME, (3_999_900_000).to_bytes(4, "big") + b"\0")
        pulse(rig, NS_PER_S)
        rig.run(250 * NS_PER_MS)
        times = [int.from_bytes(frame[-4:], "big") for _, frame in rig.sent(STATUS)[-2:]]
        assert times == [0, 100_000]

    def test_slew_is_limited(self, rig: Rig) -> None:
        """INT-014: a pulse 500 us late moves the slots by 100 us a second, one clock a millisecond."""
        rig.power_up()
        rig.say(TIME, (7_000_000).to_bytes(4, "big") + b"\0")
        pulse(rig, NS_PER_S)
        pulse(rig, 2 * NS_PER_S + 500 * NS_PER_US)
        rig.run_to(3 * NS_PER_S)
        starts_ns = [at for at, _ in rig.sent(STATUS) if at > 2 * NS_PER_S + 50 * NS_PER_MS]
        assert {b - a for a, b in itertools.pairwise(starts_ns)} == {100 * NS_PER_MS + 10 * NS_PER_US}

    def test_holdover(self, rig: Rig) -> None:
        """INT-014: without pulses the slots go on at the nominal rate, and the status says so."""
        rig.power_up()
        rig.say(TIME, (7_000_000).to_bytes(4, "big") + b"\0")
        pulse(rig, NS_PER_S)
        rig.run_to(62_650 * NS_PER_MS)
        syncs = {at // (100 * NS_PER_MS): frame[5] >> 3 & 3 for at, frame in rig.sent(STATUS)}
        assert [syncs[tenth] for tenth in (9, 11, 24, 26, 624, 626)] == [0, 1, 1, 2, 2, 0]
        assert all(at % (100 * NS_PER_MS) == 0 for at, _ in rig.sent(STATUS) if at > NS_PER_S)

    def test_replies_wait_for_the_slot(self, rig: Rig) -> None:
        """INT-013, INT-015: status first, then the replies in order, back to back from the slot's begin."""
        rig.power_up()
        rig.say(TIME, (1_000_000).to_bytes(4, "big") + b"\x02", sequence=1)
        rig.say(ARM, b"\1\2", sequence=2)
        rig.say(STATUS_REQUEST, sequence=3)
        rig.say(HEARTBEAT, sequence=3)
        rig.run(100 * NS_PER_MS)
        first, *rest = rig.spoken()
        assert (first.start_ns - rig.powered_ns) % (12_500 * NS_PER_US) == 0
        assert [burst.start_ns for burst in rest] == [first.end_ns, rest[0].end_ns, rest[1].end_ns]
        _, ack, wrong_code, stale = (frame for _, frame in rig.sent())
        assert (ack[0], ack[2:]) == (ACK, bytes([TIME, 1]))
        assert (wrong_code[0], wrong_code[2:]) == (REFUSAL, bytes([ARM, 2, REASONS["wrong_code"]]))
        assert (stale[0], stale[2:]) == (REFUSAL, bytes([HEARTBEAT, 3, REASONS["stale_sequence"]]))

    def test_reply_queue_overflow_is_told_once(self, rig: Rig) -> None:
        """ICD `reply_queue`: the ninth reply is lost, the next status says so, the one after does not."""
        rig.power_up()
        for _ in range(9):
            rig.say(ABORT)
        rig.run(250 * NS_PER_MS)
        assert len(rig.sent(ACK)) == 8
        assert [frame[5] >> 5 & 1 for _, frame in rig.sent(STATUS)] == [1, 0]

    def test_reply_lost_after_composing_is_told_by_the_next_status(self, rig: Rig) -> None:
        """ICD `replies_lost`: the status that leaves was composed before; what it did not tell is not forgotten."""
        rig.power_up()
        for _ in range(8):
            rig.say(ABORT)
        begin_ns = rig.powered_ns + 100 * NS_PER_MS
        rig.run_to(begin_ns - 5 * NS_PER_US - _ABORT_NS)
        rig.say(ABORT)
        rig.run(250 * NS_PER_MS)
        assert len(rig.sent(ACK)) == 8
        assert [frame[5] >> 5 & 1 for _, frame in rig.sent(STATUS)] == [0, 1, 0]

    def test_what_is_dropped_told_nobody(self, rig: Rig) -> None:
        """ICD `prepare_us`: a break after composing drops the frames; the loss is told later, nothing else is lost."""
        rig.power_up()
        for _ in range(9):
            rig.say(ABORT)
        begin_ns = rig.powered_ns + 100 * NS_PER_MS
        rig.run_to(begin_ns - 8 * NS_PER_US)
        rig.drive("umbilical_intact", active=False)
        rig.run(10 * NS_PER_US)
        rig.drive("umbilical_intact")
        rig.run(250 * NS_PER_MS)
        assert [at for at, _ in rig.sent(STATUS)] == [begin_ns + 100 * NS_PER_MS, begin_ns + 200 * NS_PER_MS]
        assert [frame[5] >> 5 & 1 for _, frame in rig.sent(STATUS)] == [1, 0]
        assert len(rig.sent(ACK)) == 8

    @pytest.mark.parametrize(
        ("prepare_clocks", "is_spoken"), [(-2_000, False), (-99, False), (-1, False), (0, False), (1, True)]
    )
    def test_slot_moved_into_a_talk_is_passed_over(self, rig: Rig, prepare_clocks: int, is_spoken: bool) -> None:
        """INT-013: a load of the counter moves the next slot, to be composed so long after the talk's end."""
        rig.power_up()
        rig.say(TIME, (5_000_000 - 12).to_bytes(4, "big") + b"\0")  # the slot begins 12 us after the pulse
        talk_ns = rig.powered_ns + 100 * NS_PER_MS
        rig.run_to(talk_ns)
        rig.say(ABORT)
        end_ns = talk_ns + (20 + 9) * CHAR_BITS * NS_PER_US  # a status and an ack
        pulse_ns = end_ns + prepare_clocks * CLOCK_NS - 2 * NS_PER_US
        pulse(rig, pulse_ns)
        rig.run_to(pulse_ns + 12 * NS_PER_US + 150 * NS_PER_MS)
        slots_ns = [pulse_ns + 12 * NS_PER_US + cycle * 100 * NS_PER_MS for cycle in range(2)]
        statuses_ns = [at for at, _ in rig.sent(STATUS)]
        assert statuses_ns == [talk_ns, *(slots_ns if is_spoken else slots_ns[1:])]
        acks = [(frame[2], at > end_ns) for at, frame in rig.sent(ACK)]
        assert acks == [(TIME, False), (ABORT, True)]

    def test_silent_without_umbilical(self, rig: Rig) -> None:
        """INT-013: nothing is said while it is broken; mated again, the slot is kept."""
        rig.power_up()
        rig.run(250 * NS_PER_MS)
        rig.drive("umbilical_intact", active=False)
        rig.run(300 * NS_PER_MS)
        assert len(rig.sent()) == 2
        rig.drive("umbilical_intact")
        rig.run(100 * NS_PER_MS)
        assert len(rig.sent()) == 3
        assert len({at % (100 * NS_PER_MS) for at, _ in rig.sent()}) == 1
