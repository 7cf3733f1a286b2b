# SPDX-License-Identifier: Apache-2.0
"""The receiver's pieces: what is heard is recorded frame by frame, as each ends."""

from __future__ import annotations

import pytest

from hil.interceptor.receiver import Receiver
from hil.interceptor.twin import Twin
from hil.trace.events import Framed, Message, Rejected
from interfaces.spec.load import shipped
from interfaces.wire import NS_PER_MS, NS_PER_US, Burst, Direction, Flaw, Mark
from tests.suites.interceptor_rig import ABORT, ARM, ARM_CODE, BIT_RATE, BODY, CLOCK_NS, HEARTBEAT, Rig
from tests.suites.uart import CHAR_BITS

_ICD = shipped("interceptor")


@pytest.fixture
def rig() -> Rig:
    rig = Rig(Twin(BODY, _ICD, 1), _ICD)
    rig.power_up()
    return rig


def test_each_frame_of_a_burst_is_recorded_as_it_ends(rig: Rig) -> None:
    """Also between two clock edges; a flaw keeps its place in its own frame."""
    frames = [rig.frame(HEARTBEAT), rig.frame(ABORT), rig.frame(ARM, ARM_CODE)]
    flaw = Mark(len(frames[0]) + 2, Flaw.PARITY)
    rig.run(30)
    burst = Burst(rig.now_ns, b"".join(frames), BIT_RATE, CHAR_BITS, (flaw,))
    rig.hear(burst)
    rig.run(NS_PER_MS)
    ends = [len(b"".join(frames[: place + 1])) for place in range(3)]
    first_ns, second_ns, third_ns = (burst.char_start_ns(end) for end in ends)
    kinds = [(first_ns, Framed), (first_ns, Message), (second_ns, Rejected), (third_ns, Framed), (third_ns, Message)]
    assert [(at, type(item)) for at, _, item in _heard(rig)] == kinds


def test_what_ends_after_power_was_lost_leaves_no_record(rig: Rig) -> None:
    """The frame that ended before does."""
    frame = rig.frame(HEARTBEAT)
    burst = Burst(rig.now_ns, frame + rig.frame(ABORT), BIT_RATE, CHAR_BITS)
    rig.hear(burst)
    rig.run_to(burst.char_start_ns(len(frame)))
    rig.drive("power", active=False)
    rig.run(NS_PER_MS)
    assert [type(item) for _, _, item in _heard(rig)] == [Framed, Message]


def test_what_is_left_behind_the_last_zero_is_a_piece_too() -> None:
    """Its end is awaited, though it completes nothing."""
    assert _ICD.discrete is not None
    receiver = Receiver(BODY, _ICD, _ICD.discrete)
    receiver.power(0)
    burst = Burst(1_000 * CLOCK_NS, b"\0\1\1", BIT_RATE, CHAR_BITS)
    receiver.hear(burst)
    assert receiver.due_ns == burst.char_start_ns(1)
    assert receiver.expire(burst.char_start_ns(1)) == ([], [])
    assert receiver.due_ns == burst.end_ns
    assert receiver.expire(burst.end_ns) == ([], [])
    assert receiver.due_ns is None


def test_damage_without_an_end_is_told_by_the_next_zero(rig: Rig) -> None:
    """A burst that breaks off in a frame, then one that begins with a zero."""
    rig.say_bytes(rig.frame(ABORT)[:4])
    rig.run(50 * NS_PER_US)
    rig.say(HEARTBEAT)
    rig.run(NS_PER_MS)
    assert [type(item) for _, _, item in _heard(rig)] == [Rejected, Framed, Message]


def _heard(rig: Rig) -> list[tuple[int, str, Framed | Message | Rejected]]:
    kinds = Framed | Message | Rejected
    records = [entry for entry in rig.log if isinstance(entry[2], kinds)]
    return [entry for entry in records if getattr(entry[2], "direction", Direction.RECEIVED) is Direction.RECEIVED]
