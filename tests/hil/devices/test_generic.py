# SPDX-License-Identifier: Apache-2.0
"""A device that an ICD alone describes is served without a line of Python."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
import pytest

from hil.devices.generic import SERIAL, Generic, GenericOptions
from hil.devices.message_port import MessagePort
from hil.disturb import DISTURB, Disturb
from hil.part import Outputs
from hil.trace.events import TRACE, Register
from interfaces.errors import BenchError
from interfaces.framing.mbap import MbapFramer
from interfaces.modbus import client
from interfaces.spec.load import shipped
from interfaces.spec.model import Icd
from interfaces.wire import NS_PER_MS, Burst, Transmit, Up

MBAP = MbapFramer()
HEAD = {"icd": 1, "name": "thing", "title": "Thing", "revision": "1", "notice": "Notional."}
MAP = {
    "functions": [3, 4, 6, 16],
    "identification": {"vendor_name": "V", "product_code": "P", "revision": "1"},
    "unit": 9,
    "holding": [{"name": "level", "address": 4, "access": "rw", "max": 10, "effect": "nobody_here", "text": "Level"}],
    "input": [{"name": "reading", "address": 2, "text": "Reading"}],
}
SET = {
    "framing": {"kind": "cobs", "crc": "crc16_kermit"},
    "header": [{"name": "id", "bits": 8}, {"name": "sequence", "bits": 8, "role": "counter"}],
    "messages": {
        "move": {
            "id": 1,
            "sender": "controller",
            "text": "Move",
            "reply": "done",
            "fields": [{"name": "place", "bits": 16, "type": "int"}, {"name": "pace", "bits": 16, "type": "float"}],
        },
        "poke": {"id": 2, "sender": "controller", "text": "No reply"},
        "done": {
            "id": 3,
            "sender": "device",
            "text": "Done",
            "fields": [
                {"name": "command", "bits": 8, "type": "enum", "enum": "command"},
                {"name": "command_sequence", "bits": 8},
            ],
        },
        "report": {
            "id": 4,
            "sender": "device",
            "text": "Report",
            "period": "tick",
            "fields": [
                {"name": "place", "bits": 8, "type": "int", "text": "Narrower than the command's"},
                {"name": "pace", "bits": 32, "type": "float", "order": "little"},
                {"name": "least", "bits": 7, "min": 3},
                {"name": "on", "bits": 1, "type": "bool"},
                {"name": "turns", "bits": 8, "role": "counter"},
                {"name": "number", "bits": 8, "min": 1},
                {
                    "name": "rows",
                    "type": "group",
                    "count": "number",
                    "max_count": 3,
                    "fields": [{"name": "kind", "bits": 8, "type": "enum", "enum": "command"}],
                },
            ],
        },
    },
}
TICK_NS = 20 * NS_PER_MS


def icd(**sections: Any) -> Icd:
    common = {
        "enums": {"command": {"move": 1, "poke": 2}},
        "timings": {"tick": {"unit": "ms", "value": 20, "text": "Tick"}},
    }
    return msgspec.convert({**HEAD, **common, **sections}, Icd)


def device(one: Icd, **options: Any) -> Generic:
    return Generic("thing", one, GenericOptions(**options), 1)


def ask(part: Generic, pdu: bytes, unit: int = 9) -> tuple[bytes, Outputs]:
    """One Modbus/TCP request; the answer's PDU and all that came out."""
    out = part.receive(5, "tcp#1", Burst(5, MBAP.encode(pdu, unit, 1)))
    wires = [item.data for _, item in out if isinstance(item, Transmit)]
    return (wires[0][7:] if wires else b""), out


class Controller:
    """The other end of the message port."""

    def __init__(self, part: Generic, one: Icd) -> None:
        self.part = part
        self._port = MessagePort("cut", "line", one, "controller")

    def say(self, now_ns: int, name: str, **fields: Any) -> list[Any]:
        ((_, transmit),) = [pair for pair in self._port.send(now_ns, name, fields) if pair[0] != TRACE]
        return self.hear(now_ns, self.part.receive(now_ns, SERIAL, Burst(now_ns, transmit.data)))

    def hear(self, now_ns: int, out: Outputs) -> list[Any]:
        heard: list[Any] = []
        for port, item in out:
            if port == SERIAL:
                heard += self._port.receive(now_ns, Burst(now_ns, item.data))
        return heard


def test_registers_hold_what_is_written() -> None:
    """A register with an effect that no code has takes writes like any other; the trace tells."""
    part = device(icd(modbus=MAP))
    part.receive(0, "tcp#1", Up("peer"))
    answer, out = ask(part, client.write_register(4, 7))
    assert answer == client.write_register(4, 7)
    assert [(item.name, item.value, item.source) for _, item in out if isinstance(item, Register)] == [
        ("level", 7, "peer")
    ]
    assert ask(part, client.read_holding_registers(4, 1))[0] == b"\x03\x02\x00\x07"


def test_limits_of_the_icd_hold() -> None:
    """A value above `max` is exception 3 and is not kept."""
    part = device(icd(modbus=MAP))
    part.receive(0, "tcp#1", Up("peer"))
    assert ask(part, client.write_register(4, 11))[0] == b"\x86\x03"
    assert ask(part, client.read_holding_registers(4, 1))[0] == b"\x03\x02\x00\x00"


def test_unit_is_the_icds_or_the_options() -> None:
    """Another unit is answered with 0x0B on TCP."""
    for options, good, bad in (({}, 9, 3), ({"unit": 3}, 3, 9)):
        part = device(icd(modbus=MAP), **options)
        part.receive(0, "tcp#1", Up("peer"))
        assert ask(part, client.read_input_registers(2, 1), good)[0] == b"\x04\x02\0\0"
        assert ask(part, client.read_input_registers(2, 1), bad)[0] == b"\x84\x0b"


def test_value_disturbance_shows_in_a_register() -> None:
    """A scenario can make a reading."""
    part = device(icd(modbus=MAP))
    part.receive(0, "tcp#1", Up("peer"))
    out = part.receive(1, DISTURB, Disturb("thing", "value", ("reading", 77)))
    assert [item.source for _, item in out] == ["device"]
    assert ask(part, client.read_input_registers(2, 1))[0] == b"\x04\x02\x00\x4d"


def test_silent_device_neither_hears_nor_sends() -> None:
    """On neither face, until it is no longer silent."""
    one = icd(modbus=MAP, messages=SET)
    part = device(one)
    part.receive(0, "tcp#1", Up("peer"))
    controller = Controller(part, one)
    part.receive(0, DISTURB, Disturb("thing", "silent", True))
    assert ask(part, client.write_register(4, 7))[0] == b""
    assert controller.say(0, "move", place=1, pace=1.0) == []
    assert controller.hear(TICK_NS, part.expire(TICK_NS)) == []
    part.receive(TICK_NS, DISTURB, Disturb("thing", "silent", False))
    assert ask(part, client.read_holding_registers(4, 1))[0] == b"\x03\x02\x00\x00"
    assert controller.say(TICK_NS, "move", place=1, pace=1.0)


def test_command_gets_its_reply_which_tells_what_it_answers() -> None:
    """`command` and `command_<header field>` echo the command; one without a reply gets none."""
    one = icd(messages=SET)
    controller = Controller(device(one), one)
    assert controller.say(3, "poke") == []
    (reply,) = controller.say(4, "move", place=5, pace=2.5)
    assert (reply.name, reply.fields) == ("done", {"sequence": 0, "command": "move", "command_sequence": 1})


@pytest.mark.parametrize(("early_ns", "comes"), [(1, False), (0, True)])
def test_periodic_message_comes_at_its_period(early_ns: int, comes: bool) -> None:
    """The first one period after zero, to the ns; the next deadline lies a period on."""
    one = icd(messages=SET)
    part = device(one)
    assert part.deadline_ns == TICK_NS
    assert bool(Controller(part, one).hear(0, part.expire(TICK_NS - early_ns))) is comes
    assert part.deadline_ns == (2 * TICK_NS if comes else TICK_NS)


def test_periodic_message_shows_defaults_then_what_commands_brought() -> None:
    """Like-named fields show a command's value where it fits; counters count."""
    one = icd(messages=SET)
    part = device(one)
    controller = Controller(part, one)
    (first,) = controller.hear(TICK_NS, part.expire(TICK_NS))
    assert first.fields == {
        "sequence": 0,
        "place": 0,
        "pace": 0.0,
        "least": 3,
        "on": False,
        "turns": 0,
        "number": 1,
        "rows": [{"kind": "move"}],
    }
    controller.say(TICK_NS, "move", place=-7, pace=2.5)
    (second,) = controller.hear(2 * TICK_NS, part.expire(2 * TICK_NS))
    assert (second.fields["place"], second.fields["pace"], second.fields["turns"]) == (-7, 2.5, 1)
    controller.say(2 * TICK_NS, "move", place=300, pace=2.5)
    (third,) = controller.hear(3 * TICK_NS, part.expire(3 * TICK_NS))
    assert third.fields["place"] == 0  # 300 does not fit 8 bits


def test_shipped_message_set_is_served_as_it_is() -> None:
    """The radar's ICD alone makes a device that acknowledges every command and reports."""
    one = shipped("radar")
    assert one.messages is not None
    part = device(one)
    controller = Controller(part, one)
    (reply,) = controller.say(0, "set_posture", posture="high")
    assert (reply.name, reply.fields["command"]) == ("ack", "set_posture")
    deadline_ns = part.deadline_ns
    assert deadline_ns is not None
    (status,) = controller.hear(deadline_ns, part.expire(deadline_ns))
    assert (status.name, status.fields["posture"]) == ("status", "high")
    assert [message.name for message in controller.say(deadline_ns, "status_request")] == ["status"]


def test_launcher_map_is_served_as_it_is() -> None:
    """The launcher's ICD alone makes a device with its registers."""
    part = device(shipped("launcher"))
    part.receive(0, "tcp#1", Up("peer"))
    assert ask(part, client.read_input_registers(0, 40), 1)[0][:2] == b"\x04\x50"


def test_copy_goes_on_alike() -> None:
    """A device copied in mid-run puts out the same."""
    one = icd(modbus=MAP, messages=SET)
    part = device(one)
    part.expire(TICK_NS)
    assert copy.deepcopy(part).expire(2 * TICK_NS) == part.expire(2 * TICK_NS)


def test_icd_with_nothing_to_serve_is_refused() -> None:
    """Neither a map nor messages: the bench author is told; so is one who names a serial section that is not there."""
    with pytest.raises(BenchError, match="nothing to serve"):
        device(icd())
    with pytest.raises(BenchError, match="no serial section 'fast'"):
        device(icd(modbus=MAP), serial="fast")
