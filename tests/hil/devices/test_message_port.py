# SPDX-License-Identifier: Apache-2.0
"""One end of a framed interface: what is sent, what is heard, what the trace tells."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.devices.message_port import SENT_MAX, MessagePort
from hil.part import Output
from hil.trace.events import TRACE, Connection, Framed, Message, Note, Rejected
from interfaces.errors import CodecError
from interfaces.framing.cobs import CobsFramer
from interfaces.spec.model import Icd
from interfaces.wire import Burst, Direction, Down, Flaw, Full, Mark, Ready, Sent, Transmit, Up

ICD = msgspec.convert(
    {
        "icd": 1,
        "name": "thing",
        "title": "Thing",
        "revision": "1",
        "notice": "Notional.",
        "messages": {
            "framing": {"kind": "cobs", "crc": "crc16_kermit", "max_payload": 16},
            "header": [
                {"name": "id", "bits": 8},
                {"name": "sequence", "bits": 4, "role": "counter"},
                {"name": "time_us", "bits": 20, "role": "time_tag"},
            ],
            "messages": {
                "set": {"id": 1, "sender": "controller", "text": "S", "fields": [{"name": "x", "bits": 8, "max": 9}]},
                "seen": {"id": 2, "sender": "device", "text": "T", "fields": [{"name": "x", "bits": 8}]},
            },
        },
    },
    Icd,
)
FRAMER = CobsFramer("crc16_kermit", 16)


def ends() -> tuple[MessagePort, MessagePort]:
    return MessagePort("cut", "line", ICD, "controller"), MessagePort("thing", "serial", ICD, "device")


def wire(out: list[Output]) -> bytes:
    return b"".join(item.data for _, item in out if isinstance(item, Transmit))


def traced(out: list[Output], kind: type) -> list[Any]:
    return [item for port, item in out if port == TRACE and type(item) is kind]


def frame(payload: bytes) -> Burst:
    return Burst(0, FRAMER.encode(payload))


def test_message_goes_from_end_to_end() -> None:
    """Fields, the header's counter and time tag; both ends record the message, the listener the frame."""
    controller, device = ends()
    out = controller.send(3_000_000, "set", {"x": 7})
    assert out[-1][0] == "line"
    (sent,) = traced(out, Message)
    assert (sent.direction, sent.message, sent.fields) == (
        Direction.SENT,
        "set",
        {"x": 7, "sequence": 0, "time_us": 3000},
    )
    burst = Burst(5, wire(out), 9600)
    (received,) = device.receive(burst.end_ns, burst)
    assert (received.name, received.fields, received.missed) == ("set", sent.fields, 0)
    assert 5 <= received.start_ns < received.end_ns <= burst.end_ns
    records = device.take()
    (framed,) = traced(records, Framed)
    assert framed.payload == "01" + "000bb8" + "07"
    assert traced(records, Message)[0].direction is Direction.RECEIVED
    assert device.take() == []


def test_counter_and_time_tag_wrap() -> None:
    """Modulo what their bits hold; values that are given are taken."""
    controller, _ = ends()
    sequences = [traced(controller.send(0, "set", {"x": 1}), Message)[0].fields["sequence"] for _ in range(17)]
    assert sequences == [*range(16), 0]
    late = traced(controller.send((2**20 + 5) * 1000, "set", {"x": 1, "sequence": 9}), Message)[0].fields
    assert (late["time_us"], late["sequence"]) == (5, 9)


def test_message_that_does_not_fit_is_not_sent_and_leaves_no_gap() -> None:
    """The caller is told by name; the counter has not moved."""
    controller, _ = ends()
    with pytest.raises(CodecError, match=r"set\.x: 10 is above 9"):
        controller.send(0, "set", {"x": 10})
    assert traced(controller.send(0, "set", {"x": 1}), Message)[0].fields["sequence"] == 0


def test_missing_messages_are_counted_and_noted() -> None:
    """A jump of the other end's counter, across its wrap too; a new connection starts afresh."""
    controller, device = ends()
    lost = {1, 2, 15, 16}
    missed = []
    for number in range(18):
        burst = Burst(number, wire(controller.send(number, "set", {"x": 1})))
        if number not in lost:
            missed += [one.missed for one in device.receive(number, burst)]
    assert missed == [0, 2, *[0] * 11, 2]
    notes = [note.text for note in traced(device.take(), Note)]
    assert notes == ["serial: sequence 3 after 0", "serial: sequence 1 after 14"]
    device.receive(20, Down("cut"))
    controller.send(21, "set", {"x": 1})
    assert [one.missed for one in device.receive(22, Burst(22, wire(controller.send(22, "set", {"x": 1}))))] == [0]


@pytest.mark.parametrize(
    ("burst", "reason"),
    [
        (frame(b"\x07\x00\x00\x00"), "no message"),
        (frame(b"\x01"), "too short"),
        (frame(b"\x01\x00\x00\x00\x0a"), "above 9"),
        (frame(b"\x01\x00\x00\x00\x01\x01"), "too long"),
        (frame(b"\x02\x00\x00\x00\x01"), "seen is ours to send"),
        (Burst(0, FRAMER.encode(b"\x01\x00\x00\x00\x01")[:-3] + b"\x55\x55\x00"), "crc"),
        (Burst(0, FRAMER.encode(b"\x01\x00\x00\x00\x01"), marks=(Mark(3, Flaw.PARITY),)), "parity"),
    ],
)
def test_what_is_wrong_becomes_a_record(burst: Burst, reason: str) -> None:
    """With its reason and bytes; the next good message is heard."""
    controller, device = ends()
    assert list(device.receive(1, burst)) == []
    (record,) = traced(device.take(), Rejected)
    assert reason in record.reason
    assert record.data
    assert len(device.receive(2, Burst(2, wire(controller.send(2, "set", {"x": 1}))))) == 1


def test_sent_frames_are_recorded_with_their_instants() -> None:
    """From being handed over, or from the end of the one before, to the end that the link reports."""
    controller, _ = ends()
    controller.send(100, "set", {"x": 1})
    controller.send(110, "set", {"x": 2})
    controller.receive(500, Sent(500))
    controller.receive(900, Sent(900))
    controller.receive(950, Sent(950))
    records = traced(controller.take(), Framed)
    assert [(one.direction, one.start_ns, one.end_ns) for one in records] == [
        (Direction.SENT, 100, 500),
        (Direction.SENT, 500, 900),
    ]
    assert [one.payload[-2:] for one in records] == ["01", "02"]


def test_what_a_full_link_drops_is_not_recorded_as_sent() -> None:
    """Between `Full` and `Ready` nothing waits for a `Sent`."""
    controller, _ = ends()
    controller.receive(1, Full())
    controller.send(2, "set", {"x": 1})
    controller.receive(3, Ready())
    controller.send(4, "set", {"x": 2})
    controller.receive(9, Sent(9))
    assert [one.payload[-2:] for one in traced(controller.take(), Framed)] == ["02"]


def test_owner_that_passes_no_sent_on_costs_no_memory() -> None:
    """Bounded, whatever is sent."""
    controller, _ = ends()
    for now_ns in range(3 * SENT_MAX):
        controller.send(now_ns, "set", {"x": 1})
    for now_ns in range(3 * SENT_MAX):
        controller.receive(now_ns, Sent(now_ns))
    assert len(traced(controller.take(), Framed)) == SENT_MAX


def test_connection_that_goes_takes_its_half_frame_with_it() -> None:
    """Up and down are recorded, the half frame is rejected as truncated."""
    controller, device = ends()
    device.receive(1, Up("cut"))
    device.receive(2, Burst(2, wire(controller.send(2, "set", {"x": 1}))[:-2]))
    assert list(device.receive(3, Down("gone"))) == []
    records = device.take()
    assert [(one.up, one.text) for one in traced(records, Connection)] == [(True, "cut"), (False, "gone")]
    assert [one.reason for one in traced(records, Rejected)] == ["truncated"]


@given(st.lists(st.binary(max_size=30)), st.integers(0, 9))
def test_garbage_raises_nothing_and_loses_no_good_message(pieces: list[bytes], x: int) -> None:
    """Whatever comes before, the next message arrives."""
    controller, device = ends()
    for piece in pieces:
        device.receive(1, Burst(1, piece))
    received = device.receive(2, Burst(2, wire(controller.send(2, "set", {"x": x}))))
    assert [one.fields["x"] for one in received][-1:] == [x]


def test_copy_goes_its_own_way() -> None:
    """A copied port counts for itself."""
    controller, _ = ends()
    twin = copy.deepcopy(controller)
    controller.send(0, "set", {"x": 1})
    assert traced(twin.send(0, "set", {"x": 1}), Message)[0].fields["sequence"] == 0


def test_icd_without_messages_is_refused() -> None:
    """A bug of whoever builds the port."""
    with pytest.raises(ValueError, match="no messages"):
        MessagePort("cut", "line", msgspec.structs.replace(ICD, messages=None), "device")
