# SPDX-License-Identifier: Apache-2.0
"""A Modbus unit from its map: addresses, access, checks, all-or-nothing writes, FIFOs, trace."""

from __future__ import annotations

import copy
import struct
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.devices.modbus_unit import ModbusUnit
from hil.part import Output
from hil.trace.events import Overflow, Register
from interfaces.errors import CodecError
from interfaces.modbus.bank import ExceptionCode, ModbusError, Table
from interfaces.modbus.counters import Counters
from interfaces.modbus.pdu import answer
from interfaces.spec.model import Icd, Identification, ModbusMap, RegisterDef

ILLEGAL_ADDRESS, ILLEGAL_VALUE = ExceptionCode.ILLEGAL_DATA_ADDRESS, ExceptionCode.ILLEGAL_DATA_VALUE
FAILURE = ExceptionCode.SERVER_DEVICE_FAILURE
MAP = {
    "functions": [1, 3, 16],
    "identification": {
        "vendor_name": "V",
        "product_code": "P",
        "revision": "1",
        "model_name": "M",
        "extended": {"0x80": "private"},
        "server_id": 0x4C,
    },
    "coils": [
        {"name": "lamp", "address": 3, "access": "rw", "text": "Lamp"},
        {"name": "valves", "address": 4, "access": "rw", "count": 12, "effect": "valve", "text": "Valves"},
        {"name": "pulse", "address": 16, "access": "w", "text": "Pulse"},
    ],
    "discrete_inputs": [{"name": "ends", "address": 0, "count": 9, "initial": True, "text": "Ends"}],
    "holding": [
        {"name": "mode", "address": 2, "access": "rw", "enum": "mode", "effect": "mode", "text": "Mode"},
        {"name": "level", "address": 3, "access": "rw", "type": "i16", "min": -5, "max": 5, "text": "Level"},
        {"name": "wide", "address": 4, "access": "rw", "type": "u32", "word_order": "CDAB", "max": 70000, "text": "W"},
        {"name": "fixed", "address": 6, "initial": 77, "text": "Read only"},
        {"name": "code", "address": 7, "access": "w", "effect": "code", "text": "Write only"},
        {"name": "rows", "address": 20, "access": "rw", "count": 100, "max": 1000, "text": "Rows"},
        {"name": "ratio", "address": 120, "access": "rw", "type": "f32", "min": 0, "max": 1, "text": "Ratio"},
    ],
    "input": [
        {
            "name": "status",
            "address": 0,
            "text": "Status",
            "bits": [{"name": "armed", "low": 1}, {"name": "step", "low": 4, "bits": 3}],
        },
        {"name": "peak", "address": 1, "type": "u32", "initial": 5, "on_read": "clear", "text": "Peak"},
    ],
    "fifos": [
        {"name": "events", "address": 64, "depth": 3, "text": "Events"},
        {"name": "deep", "address": 65, "depth": 40, "text": "Deeper than function 24 can tell"},
    ],
}
ICD = msgspec.convert(
    {
        "icd": 1,
        "name": "thing",
        "title": "Thing",
        "revision": "1",
        "notice": "Notional.",
        "enums": {"mode": {"off": 0, "on": 2}},
        "modbus": MAP,
    },
    Icd,
)


class Device:
    """Keeps what it is asked; refuses when told to; `does` is set by its hook."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, list[tuple[str, Any]]]] = []
        self.refusal: ExceptionCode | None = None
        self.does: dict[str, Any] = {}
        self.reads: list[int] = []
        assert ICD.modbus is not None
        self.unit = ModbusUnit("place", ICD.modbus, ICD, self.on_write, self.before_read)

    def on_write(self, now_ns: int, writes: list[tuple[str, Any]]) -> ExceptionCode | None:
        self.asked.append((now_ns, writes))
        for name, value in self.does.items():
            self.unit.set(name, value)
        return self.refusal

    def before_read(self, now_ns: int) -> None:
        self.reads.append(now_ns)
        self.unit.set("status", len(self.reads))


def words(*values: int) -> bytes:
    return struct.pack(f">{len(values)}H", *values)


def registers(out: list[Output]) -> list[tuple[str, Any, str]]:
    return [(item.name, item.value, item.source) for _, item in out if isinstance(item, Register)]


def refused(code: ExceptionCode) -> Any:
    return pytest.raises(ModbusError, match=code.name)


@pytest.mark.parametrize(
    ("table", "address", "count", "good"),
    [
        (Table.HOLDING, 2, 5, True),
        (Table.HOLDING, 1, 1, False),
        (Table.HOLDING, 2, 6, False),  # `code` is write-only
        (Table.HOLDING, 8, 1, False),
        (Table.HOLDING, 20, 102, True),
        (Table.HOLDING, 121, 1, True),
        (Table.HOLDING, 121, 2, False),
        (Table.HOLDING, 122, 1, False),
        (Table.HOLDING, 65535, 1, False),
        (Table.INPUT, 0, 3, True),
        (Table.INPUT, 0, 4, False),
    ],
)
def test_words_are_readable_where_the_map_says(table: Table, address: int, count: int, good: bool) -> None:
    """Holes, ends and write-only registers are exception 2."""
    unit = Device().unit
    if good:
        assert len(unit.read_words(table, address, count)) == 2 * count
    else:
        with refused(ILLEGAL_ADDRESS):
            unit.read_words(table, address, count)


@pytest.mark.parametrize(
    ("table", "address", "count", "good"),
    [
        (Table.COILS, 3, 13, True),
        (Table.COILS, 2, 1, False),
        (Table.COILS, 3, 14, False),
        (Table.DISCRETE_INPUTS, 0, 9, True),
        (Table.DISCRETE_INPUTS, 0, 10, False),
        (Table.DISCRETE_INPUTS, 9, 1, False),
    ],
)
def test_bits_are_readable_where_the_map_says(table: Table, address: int, count: int, good: bool) -> None:
    """As words."""
    unit = Device().unit
    if good:
        assert len(unit.read_bits(table, address, count)) == (count + 7) // 8
    else:
        with refused(ILLEGAL_ADDRESS):
            unit.read_bits(table, address, count)


def test_initial_values_and_packing() -> None:
    """First address in bit 0 of the first byte, unused bits 0; words big-endian in their order."""
    unit = Device().unit
    assert unit.read_bits(Table.DISCRETE_INPUTS, 0, 9) == b"\xff\x01"
    unit.write_bits(1, 4, 12, b"\x05\x08")
    assert unit.read_bits(Table.COILS, 3, 13) == b"\x0a\x10"
    assert unit.get("valves") == [True, False, True] + [False] * 8 + [True]
    unit.set("wide", 0x0001_0002)
    assert unit.read_words(Table.HOLDING, 3, 4) == words(0, 2, 1, 77)


@pytest.mark.parametrize("address", [1, 6, 8, 119 + 3, 65535])
def test_writes_outside_the_map_or_to_read_only_are_refused(address: int) -> None:
    """Exception 2, and nothing changed."""
    unit = Device().unit
    with refused(ILLEGAL_ADDRESS):
        unit.write_words(1, address, words(1))
    with refused(ILLEGAL_ADDRESS):
        unit.write_words(1, 5, words(0, 0))  # one good, one read-only
    with refused(ILLEGAL_ADDRESS):
        unit.write_bits(1, 15, 3, b"\x07")
    assert unit.take() == []


@pytest.mark.parametrize(("level", "good"), [(-6, False), (-5, True), (5, True), (6, False)])
def test_values_are_checked_at_their_limits(level: int, good: bool) -> None:
    """Exception 3 one beyond."""
    unit = Device().unit
    if good:
        unit.write_words(1, 3, struct.pack(">h", level))
        assert unit.get("level") == level
    else:
        with refused(ILLEGAL_VALUE):
            unit.write_words(1, 3, struct.pack(">h", level))
        assert unit.get("level") == 0


@pytest.mark.parametrize("number", [1.5, -0.1, float("nan"), float("inf")])
def test_float_outside_its_limits_is_refused(number: float) -> None:
    """NaN too."""
    with refused(ILLEGAL_VALUE):
        Device().unit.write_words(1, 120, struct.pack(">f", number))


def test_undefined_code_is_refused() -> None:
    """An enumeration takes its codes alone."""
    device = Device()
    with refused(ILLEGAL_VALUE):
        device.unit.write_words(1, 2, words(1))
    assert device.asked == []


def test_write_is_all_or_nothing() -> None:
    """A write that fails at its last register leaves the first as it was, and the device unasked."""
    device = Device()
    with refused(ILLEGAL_VALUE):
        device.unit.write_words(1, 2, words(2, 6))
    assert (device.unit.get("mode"), device.unit.get("level")) == (0, 0)
    with refused(ILLEGAL_VALUE):
        device.unit.write_words(1, 20, words(*range(1, 100), 1001))
    assert device.unit.get("rows") == [0] * 100
    assert (device.asked, device.unit.take()) == ([], [])


def test_half_a_wide_value_is_checked_as_the_whole_it_makes() -> None:
    """One word of two may make a value that is too large."""
    unit = Device().unit
    unit.write_words(1, 4, words(65535))
    assert unit.get("wide") == 65535
    with refused(ILLEGAL_VALUE):
        unit.write_words(1, 5, words(2))
    unit.write_words(1, 5, words(0))


def test_device_is_asked_once_about_what_has_an_effect() -> None:
    """With names and plain values, after all of it is stored."""
    device = Device()
    device.unit.write_words(9, 2, words(2, 3))
    assert device.asked == [(9, [("mode", 2)])]
    device.unit.write_bits(10, 4, 1, b"\x01")
    assert device.asked[1] == (10, [("valves", [True] + [False] * 11)])
    device.unit.write_words(11, 3, words(1))
    assert len(device.asked) == 2


def test_refusal_puts_back_what_was_there() -> None:
    """All of the request, not only the register that was refused; nothing is recorded."""
    device = Device()
    device.refusal = FAILURE
    with refused(FAILURE):
        device.unit.write_words(1, 2, words(2, 3))
    assert (device.unit.get("mode"), device.unit.get("level")) == (0, 0)
    assert device.unit.take() == []


def test_what_the_device_sets_while_it_refuses_stays() -> None:
    """A code register reads 0 after an order, refused or not."""
    device = Device()
    device.unit.set("code", 9)
    device.unit.take()
    device.refusal, device.does = FAILURE, {"code": 0, "status": 8}
    with refused(FAILURE):
        device.unit.write_words(1, 7, words(0xA51C))
    assert (device.unit.get("code"), device.unit.get("status")) == (0, 8)


def test_records_follow_the_order_of_what_happened() -> None:
    """First what the peer wrote, then what the device made of it."""
    device = Device()
    device.does = {"code": 0}
    device.unit.write_words(5, 7, words(0xA51C))
    assert registers(device.unit.take()) == [("code", 0xA51C, "peer"), ("code", 0, "device")]


def test_only_changes_are_recorded() -> None:
    """Peer or device; a register with an effect is recorded at every write, an array by its elements."""
    unit = Device().unit
    unit.write_words(1, 3, words(0))
    unit.set("level", 0)
    assert unit.take() == []
    unit.write_words(1, 2, words(0, 4))
    assert registers(unit.take()) == [("mode", 0, "peer"), ("level", 4, "peer")]
    unit.write_words(1, 25, words(7, 8))
    assert registers(unit.take()) == [("rows[5]", [7, 8], "peer")]
    unit.set("level", -1)
    unit.set("level", -1)
    assert registers(unit.take()) == [("level", -1, "device")]


def test_set_after_a_peers_write_is_not_mistaken_for_old() -> None:
    """The device sets 3, the peer writes 4, the device sets 3 again: 3 it is."""
    unit = Device().unit
    unit.set("level", 3)
    unit.write_words(1, 3, words(4))
    unit.set("level", 3)
    assert unit.get("level") == 3


def test_values_are_brought_up_to_date_before_a_read_and_not_recorded() -> None:
    """`before_read` gets the owner's instant."""
    device = Device()
    device.unit.now_ns = 42
    assert device.unit.read_words(Table.INPUT, 0, 1) == words(1)
    assert (device.reads, device.unit.take()) == ([42], [])


def test_register_that_clears_on_read() -> None:
    """The reader gets the value, the next one the initial value; a part counts as the whole."""
    unit = Device().unit
    unit.set("peak", 70000)
    assert unit.read_words(Table.INPUT, 2, 1) == words(70000 % 65536)
    assert unit.get("peak") == 5
    unit.set("peak", 70000)
    assert unit.get("peak") == 70000


def test_bit_fields_have_names() -> None:
    """`register.field`, both ways, neighbours untouched."""
    unit = Device().unit
    unit.set("status.step", 5)
    unit.set("status.armed", 1)
    assert (unit.get("status"), unit.get("status.step"), unit.get("status.armed")) == (0x52, 5, 1)
    unit.set("status.step", 0)
    assert unit.get("status") == 2
    with pytest.raises(CodecError):
        unit.set("status.armed", 2)


def test_array_may_be_set_in_part_but_not_beyond_its_end() -> None:
    """The next register is somebody else's."""
    unit = Device().unit
    unit.set("rows", [1, 2])
    assert unit.get("rows") == [1, 2] + [0] * 98
    with pytest.raises(CodecError, match="101 values where there are 100"):
        unit.set("rows", [1] * 101)
    with pytest.raises(CodecError, match="level: 40000 does not fit i16"):
        unit.set("level", 40000)


def test_full_fifo_keeps_the_oldest_and_records_what_is_lost() -> None:
    """Reading takes nothing out; the device does."""
    unit = Device().unit
    for word in range(1, 6):
        unit.push("events", word)
    assert [item.count for _, item in unit.take() if isinstance(item, Overflow)] == [1, 1]
    assert unit.read_fifo(64) == unit.read_fifo(64) == words(1, 2, 3)
    unit.drop("events", 2)
    assert (unit.waiting("events"), unit.read_fifo(64)) == (1, words(3))
    unit.drop("events", 9)
    assert unit.read_fifo(64) == b""
    with refused(ILLEGAL_ADDRESS):
        unit.read_fifo(63)


@pytest.mark.parametrize(("count", "good"), [(31, True), (32, False)])
def test_fifo_of_more_than_31_words_is_exception_3(count: int, good: bool) -> None:
    """MODBUS Application Protocol V1.1b3, 6.18."""
    unit = Device().unit
    for word in range(count):
        unit.push("deep", word)
    if good:
        assert len(unit.read_fifo(65)) == 62
    else:
        with refused(ILLEGAL_VALUE):
            unit.read_fifo(65)


def test_who_the_unit_says_it_is() -> None:
    """Basic objects always, others where the ICD has them; function 17's id and run indicator."""
    unit = Device().unit
    assert unit.identification == {0: b"V", 1: b"P", 2: b"1", 5: b"M", 0x80: b"private"}
    assert unit.server_id() == b"\x4c\xff"
    assert unit.functions == {1, 3, 16}


def test_copy_is_independent() -> None:
    """Deep copies share nothing that changes."""
    device = Device()
    twin = copy.deepcopy(device)
    twin.unit.write_words(1, 2, words(2))
    twin.unit.push("events", 1)
    assert (device.unit.get("mode"), device.asked, device.unit.waiting("events")) == (0, [], 0)
    assert twin.asked == [(1, [("mode", 2)])]


@given(st.lists(st.tuples(st.integers(20, 119), st.lists(st.integers(0, 1100), min_size=1, max_size=12)), max_size=20))
def test_unit_agrees_with_a_plain_model(writes: list[tuple[int, list[int]]]) -> None:
    """Any writes to `rows`: a list of numbers with the map's rules does the same."""
    unit, model = Device().unit, [0] * 100
    for address, drawn in writes:
        values = drawn[: 120 - address]
        if max(values) <= 1000:
            unit.write_words(1, address, words(*values))
            model[address - 20 : address - 20 + len(values)] = values
        else:
            with refused(ILLEGAL_VALUE):
                unit.write_words(1, address, words(*values))
        assert unit.get("rows") == model


def test_clear_on_read_waits_for_the_answer() -> None:
    """Function 23 answers with what stood in a register that clears on read; function 22 leaves it alone."""
    modbus_map = ModbusMap(
        functions=(3, 22, 23),
        identification=Identification("Notional Works", "T", "1"),
        holding=(
            RegisterDef("seen", 0, "Clears", access="rw", initial=0, on_read="clear"),
            RegisterDef("other", 1, "Stays", access="rw"),
        ),
    )
    icd = Icd(1, "clearing", "Clearing", "1", "Notional.", modbus=modbus_map)
    unit = ModbusUnit("unit1", modbus_map, icd)
    unit.set("seen", 5)
    assert answer(0, bytes.fromhex("16 0000 ffff 0002"), unit, Counters())[0] == 0x16
    assert unit.get("seen") == 5
    assert answer(0, bytes.fromhex("17 0000 0001 0001 0001 02 0009"), unit, Counters()) == bytes.fromhex("17 02 0005")
    assert unit.get("seen") == 0
