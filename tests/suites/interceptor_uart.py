# SPDX-License-Identifier: Apache-2.0
"""An interceptor body's own UART: when it listens, when what it hears acts, what is left of a talk cut short."""

from __future__ import annotations

import copy

import pytest

from hil.trace.events import TRACE, Framed, Message
from interfaces.spec.model import Icd
from interfaces.wire import NS_PER_MS, NS_PER_US, Burst, Direction, Flaw, Mark
from tests.suites.interceptor_rig import (
    ABORT,
    ARM,
    ARM_CODE,
    BIT_RATE,
    CLOCK_NS,
    FIRE,
    FIRE_CODE,
    HALF_BIT_NS,
    HEARTBEAT,
    INTERLOCKS,
    STATUS,
    Rig,
    debounce_clocks,
    latency_clocks,
)
from tests.suites.uart import BIT_CLOCKS, CHAR_BITS, CHAR_CLOCKS, read

_CYCLE_NS = 100 * NS_PER_MS
_STATUS_CHARS = 20
# Around the beginning and the centre of some bits of the status' first, second and last character and of the ack's.
_CUTS = sorted(
    {
        char * CHAR_CLOCKS + bit * BIT_CLOCKS + offset
        for char in (0, 1, _STATUS_CHARS - 1, _STATUS_CHARS, _STATUS_CHARS + 3)
        for bit in (0, 1, 2, 8, 9, 10)
        for offset in (0, 1, BIT_CLOCKS // 2, BIT_CLOCKS // 2 + 1)
    }
)


class UartSuite:
    """Mixed into the suite of interceptor bodies."""

    # -- hearing

    @pytest.mark.parametrize("offset_ns", [0, 1, CLOCK_NS - 1])
    def test_frames_of_one_burst_act_one_by_one(self, rig: Rig, offset_ns: int) -> None:
        """Each takes effect after its own closing zero, though all are handed over when the first one begins."""
        rig.power_up()
        rig.run(offset_ns)
        arm, fire = rig.frame(ARM, ARM_CODE), rig.frame(FIRE, FIRE_CODE)
        burst = Burst(rig.now_ns, arm + fire, BIT_RATE, CHAR_BITS)
        rig.hear(burst)
        rig.run(NS_PER_MS)
        ends_ns = [burst.char_start_ns(len(arm)), burst.end_ns]
        effects_ns = [((end_ns - HALF_BIT_NS) // CLOCK_NS + 8) * CLOCK_NS for end_ns in ends_ns]
        assert rig.states() == list(zip(effects_ns, ["armed", "step_power"], strict=True))

    @pytest.mark.parametrize("index", [1, 4, 6])
    def test_a_flaw_spoils_its_own_frame_alone(self, rig: Rig, index: int) -> None:
        """A parity error in the first frame, its closing zero included, leaves the second one good."""
        rig.power_up()
        first, second = rig.frame(ABORT), rig.frame(ARM, ARM_CODE)
        assert len(first) == 7
        rig.hear(Burst(rig.now_ns, first + second, BIT_RATE, CHAR_BITS, (Mark(index, Flaw.PARITY),)))
        rig.run(NS_PER_MS)
        assert rig.answers() == [("arm", "done")]

    @pytest.mark.parametrize("cut", [1, 4, 6])
    def test_a_frame_in_two_bursts(self, rig: Rig, cut: int) -> None:
        """A gap ends a burst but no frame."""
        rig.power_up()
        data = rig.frame(ABORT)
        rig.say_bytes(data[:cut])
        rig.run(30 * NS_PER_US)
        rig.say_bytes(data[cut:])
        rig.run(NS_PER_MS)
        assert rig.answers() == [("abort", "done")]

    @pytest.mark.parametrize(("offset_ns", "is_heard"), [(-CLOCK_NS, False), (-1, False), (0, True), (1, True)])
    def test_listens_after_a_character_of_idle_line(self, rig: Rig, offset_ns: int, is_heard: bool) -> None:
        """ICD, receiving: what begins sooner after power came is not heard."""
        powered_ns = latency_clocks(rig.icd, "power_lost") * CLOCK_NS
        rig.drive("power", "umbilical_intact", *INTERLOCKS)
        rig.run_to(powered_ns + CHAR_CLOCKS * CLOCK_NS + offset_ns)
        rig.say(ABORT)
        rig.run(NS_PER_MS)
        assert bool(rig.answers()) is is_heard

    @pytest.mark.parametrize("ahead_clocks", [300, 25, 24, 1, 0, 1 - CHAR_CLOCKS])
    @pytest.mark.parametrize(("last", "high_bits"), [(0x00, 1), (0x01, 2), (0x80, 3), (0xFE, 9)])
    @pytest.mark.parametrize(("more_clocks", "is_heard"), [(-1, False), (0, True)])
    def test_what_is_not_heard_prolongs_the_wait(
        self, rig: Rig, ahead_clocks: int, last: int, high_bits: int, more_clocks: int, is_heard: bool
    ) -> None:
        """ICD, receiving: idle counts from the last low bit, of a burst that was under way when power came too."""
        drive_clock = 1_000
        begin_clock = drive_clock + latency_clocks(rig.icd, "power_lost") - ahead_clocks
        burst = Burst(begin_clock * CLOCK_NS, bytes([0x55, 0x55, 0x55, last]), BIT_RATE, CHAR_BITS)
        for clock in sorted({drive_clock, begin_clock}):
            rig.run_to(clock * CLOCK_NS)
            if clock == drive_clock:
                rig.drive("power", "umbilical_intact", *INTERLOCKS)
            if clock == begin_clock:
                rig.hear(burst)
        rig.run_to(burst.end_ns + (CHAR_CLOCKS - high_bits * BIT_CLOCKS + more_clocks) * CLOCK_NS)
        rig.say(ABORT)
        rig.run(NS_PER_MS)
        assert bool(rig.answers()) is is_heard

    def test_a_frame_that_power_was_lost_in_is_not_heard(self, rig: Rig) -> None:
        """INT-002: nor is what follows it without a gap, though power is there again before."""
        rig.power_up()
        data = rig.frame(ABORT) + rig.frame(ABORT)
        rig.hear(Burst(rig.now_ns, data, BIT_RATE, CHAR_BITS))
        rig.run(2 * NS_PER_US)
        rig.drive("power", active=False)
        rig.run(10 * NS_PER_US)
        rig.drive("power")
        rig.run(NS_PER_MS)
        assert rig.answers() == []
        rig.say(ABORT)
        rig.run(NS_PER_MS)
        assert rig.answers() == [("abort", "done")]

    @pytest.mark.parametrize(("more_clocks", "sync"), [(-1, 0), (0, 0), (1, 1)])
    def test_what_comes_with_power_is_a_level_and_no_pulse(self, rig: Rig, more_clocks: int, sync: int) -> None:
        """INT-002: the second's pulse counts from the clock after the one at which power is seen."""
        ahead_clocks = debounce_clocks(rig.icd, "power") - debounce_clocks(rig.icd, "pps")
        rig.drive("power", "umbilical_intact", *INTERLOCKS)
        rig.run((ahead_clocks + more_clocks) * CLOCK_NS)
        rig.drive("pps")
        rig.run(150 * NS_PER_MS)
        assert [frame[5] >> 3 & 3 for _, frame in rig.sent(STATUS)] == [sync]

    # -- speaking

    def test_a_frame_is_handed_over_when_it_has_ended(self, rig: Rig) -> None:
        """Its records first, then its burst, all at the instant at which its last stop bit ends."""
        rig.power_up()
        rig.say(ABORT)
        rig.run_to(rig.powered_ns + _CYCLE_NS + NS_PER_MS)
        bursts = rig.spoken()
        assert len(bursts) == 2
        assert bursts[1].start_ns == bursts[0].end_ns
        said = [
            (at, type(item))
            for at, port, item in rig.log
            if port == "umbilical" or (isinstance(item, Framed | Message) and item.direction is Direction.SENT)
        ]
        assert said == [(burst.end_ns, kind) for burst in bursts for kind in (Framed, Message, Burst)]

    @pytest.mark.parametrize(("line", "latency"), [("power", "power_lost"), ("umbilical_intact", "umbilical_lost")])
    @pytest.mark.parametrize("sent_clocks", _CUTS)
    def test_what_is_left_of_a_talk_cut_short(
        self, rig: Rig, icd: Icd, line: str, latency: str, sent_clocks: int
    ) -> None:
        """INT-002, INT-013: idle from the very clock on, and heard as a UART hears it; frames behind are lost."""
        begin_ns, frames = _talk(rig)
        rig.run_to(begin_ns + (sent_clocks - latency_clocks(icd, latency)) * CLOCK_NS)
        rig.drive(line, active=False)
        rig.run(NS_PER_MS)
        expected = []
        for frame in frames:
            reading = read(frame, sent_clocks)
            if sent_clocks > 0 and reading.data:
                burst = Burst(begin_ns, reading.data, BIT_RATE, CHAR_BITS, reading.marks)
                expected.append((begin_ns + reading.over_clock * CLOCK_NS, burst))
            begin_ns += len(frame) * CHAR_CLOCKS * CLOCK_NS
            sent_clocks -= len(frame) * CHAR_CLOCKS
        assert [(at, item) for at, port, item in rig.log if port == "umbilical"] == expected
        messages = [item for _, port, item in rig.log if port == TRACE and isinstance(item, Message)]
        whole = [burst for _, burst in expected if burst.data in frames and not burst.marks]
        assert len([message for message in messages if message.direction is Direction.SENT]) == len(whole)

    def test_the_rest_of_a_talk_that_was_cut_is_lost(self, rig: Rig) -> None:
        """INT-013: its numbers are used up; what is said after the break is a status alone."""
        begin_ns, frames = _talk(rig)
        rig.run_to(begin_ns + 5 * CHAR_CLOCKS * CLOCK_NS)
        rig.drive("umbilical_intact", active=False)
        rig.run(NS_PER_MS)
        rig.drive("umbilical_intact")
        rig.run(_CYCLE_NS)
        cut, status = rig.spoken()
        assert frames[0].startswith(cut.data[:-1])
        assert (status.start_ns - begin_ns, len(status.data)) == (_CYCLE_NS, _STATUS_CHARS)
        assert [frame[1] for _, frame in rig.sent()] == [len(frames)]

    @pytest.mark.parametrize("after_clocks", [0, 300, CHAR_CLOCKS * _STATUS_CHARS + 300])
    @pytest.mark.parametrize("line", [None, "power", "umbilical_intact"])
    def test_copy_in_the_middle_of_a_talk_and_of_a_frame(self, rig: Rig, after_clocks: int, line: str | None) -> None:
        """What is under way both ways, and what is left of a talk cut short, is copied too."""
        begin_ns, _ = _talk(rig)
        rig.run_to(begin_ns + after_clocks * CLOCK_NS)
        rig.hear(Burst(rig.now_ns, rig.frame(ABORT) + rig.frame(HEARTBEAT), BIT_RATE, CHAR_BITS))
        rig.run(40 * NS_PER_US)
        if line is not None:
            rig.drive(line, active=False)
            rig.run(25 * CLOCK_NS)
        other = copy.deepcopy(rig)
        before = len(rig.log)
        for one in (rig, other):
            one.run(NS_PER_MS)
        assert rig.log == other.log
        assert line == "power" or len(rig.log) > before


def _talk(rig: Rig) -> tuple[int, list[bytes]]:
    """Power up and have a status and an ack to say: the instant of the first slot, and their characters."""
    rig.power_up()
    rig.say(ABORT)
    begin_ns = rig.powered_ns + _CYCLE_NS
    other = copy.deepcopy(rig)
    other.run_to(begin_ns + NS_PER_MS)
    frames = [burst.data for burst in other.spoken()]
    assert [len(frame) for frame in frames] == [_STATUS_CHARS, 9]
    return begin_ns, frames
