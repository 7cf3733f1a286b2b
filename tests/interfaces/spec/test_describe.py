# SPDX-License-Identifier: Apache-2.0
"""An ICD as text: what an integrator looks for stands on one line, with the right numbers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from interfaces.spec.columns import columns, section
from interfaces.spec.describe import describe
from interfaces.spec.describe_messages import place_text
from interfaces.spec.describe_modbus import reference
from interfaces.spec.load import load, shipped, shipped_names


def line(text: str, *words: str) -> str:
    """The one line of a text with all of these words, its gaps narrowed to single blanks."""
    (found,) = [one for one in text.splitlines() if all(word in one.split() for word in words)]
    return " ".join(found.split())


@pytest.fixture(scope="module")
def sound() -> str:
    return describe(load(Path(__file__).with_name("sound.yaml")))


REFERENCES = [
    ("coil", 0, "00001"),
    ("discrete input", 0, "10001"),
    ("input", 0, "30001"),
    ("holding", 0, "40001"),
    ("holding", 9_998, "49999"),
    ("holding", 9_999, "410000"),
    ("holding", 65_535, "465536"),
    ("coil", 9_999, "010000"),
]


@pytest.mark.parametrize(("table", "address", "text"), REFERENCES)
def test_references(table: str, address: int, text: str) -> None:
    """1-based, behind the table's digit; six digits where five do not suffice."""
    assert reference(table, address) == text


PLACES = [
    (0, 8, "0"),
    (16, 32, "2-5"),
    (0, 1, "0.7"),
    (15, 1, "1.0"),
    (56, 4, "7.7-7.4"),
    (60, 2, "7.3-7.2"),
    (4, 8, "0.3-1.4"),
    (8, 12, "1.7-2.4"),
]


@pytest.mark.parametrize(("at", "bits", "text"), PLACES)
def test_places(at: int, bits: int, text: str) -> None:
    """Bytes from 0; within a byte, bit 7 is the first on the wire."""
    assert place_text(at, bits) == text


def test_registers(sound: str) -> None:
    assert line(sound, "mode_wanted") == ("holding 0 (40001) mode_wanted u16 rw 1 mode: 0 off, 1 on Mode; effect mode")
    assert line(sound, "angle") == "holding 1 (40002) angle u16 rw 10 x 0.1 deg 1 to 359.9 Angle"
    assert line(sound, "total", "u32") == "holding 2-3 (40003-40004) total u32 CDAB r Total"
    assert line(sound, "tail") == "input 65532-65535 (365533-365536) tail i32[2] r The last four"
    assert line(sound, "once") == "input 0 (30001) once u16 r Cleared when read; cleared when read"
    assert line(sound, "mid") == "mid bits 1-8 wide: 0 low, 200 high"
    assert line(sound, "lamps") == "coil 1-4 (00002-00005) lamps rw Lamps"
    assert line(sound, "lamp", "coil") == "coil 0 (00001) lamp rw light Lamp"
    assert line(sound, "events", "fifo") == "fifo 100 events 31 Events"
    assert "functions: 1, 2, 3, 4, 5, 6, 8, 15, 16, 22, 23, 24, 43" in sound


def test_messages(sound: str) -> None:
    """Places, groups that count from their own begin, and places behind an array of varying length."""
    assert "message set: id 0x01, sent by the controller, answered by ack, within 200 ms, refused by refusal" in sound
    assert line(sound, "level") == "3 8 level uint x 0.5 -10 deg -10 to 117.5"
    assert line(sound, "depth", "int") == "4-5 16 depth int little-endian m -32768 to 32767"
    assert line(sound, "number", "uint") == "2.3-2.0 4 number uint to 3"
    assert line(sound, "rows", "group[number,") == "3.7 rows group[number, at most 3]"
    assert line(sound, "size") == "+1-2 16 size uint little-endian"
    assert line(sound, "trace", "32") == "rows+0-3 32 trace uint little-endian[2]"


def test_machines(sound: str) -> None:
    assert line(sound, "ring") == "on timeout tick (100 ms) warm hot ring"
    assert line(sound, "cool") == "cool every state but off not_on"
    assert "machine main: begins in off" in sound


def test_timings_lines_and_slots(sound: str) -> None:
    assert line(sound, "tick", "+-99") == "tick 100 ms +-99 ms Tick"
    assert line(sound, "most", "3") == "most 3 (0x3) frames Most"
    assert line(sound, "bus") == "bus 19200 bit/s 8N1 half duplex 1000 us 20000 ppm"
    assert line(sound, "launcher") == "key launcher high inactive 20 clocks 3 of 3 Key"
    assert line(sound, "release", "interceptor") == "release interceptor high inactive on, hot Release"
    assert line(sound, "key_lost") == "key_lost edge:key state:off 23 23 Least"
    assert "slots: 3 in 1000 us, the first at 100 us, one every 300 us, each 300 us long" in sound


@pytest.mark.parametrize("name", shipped_names())
def test_every_name_of_a_shipped_icd_is_shown(name: str) -> None:
    """No register, message, field, state, line, timing, constant or requirement is left out."""
    icd = shipped(name)
    words = set(re.findall(r"[\w-]+", describe(icd)))
    wanted = {*icd.timings, *icd.constants, *icd.enums, *icd.serial, *icd.requirements, *icd.machines}
    wanted |= {state for machine in icd.machines.values() for state in machine.states}
    if icd.messages is not None:
        wanted |= icd.messages.messages.keys()
        wanted |= {field.name for one in icd.messages.messages.values() for field in one.fields}
    if icd.modbus is not None:
        tables = (icd.modbus.coils, icd.modbus.discrete_inputs, icd.modbus.holding, icd.modbus.input, icd.modbus.fifos)
        wanted |= {one.name for table in tables for one in table}
    if icd.discrete is not None:
        wanted |= {one.name for one in (*icd.discrete.lines, *icd.discrete.latencies)}
    assert wanted - words == set()


def test_columns() -> None:
    """Aligned; an empty column is left out; a table without rows has no title either."""
    assert columns(("a", "b", "c"), [("1", "", "x"), ("22", "", "yy")]) == ["  a   c", "  1   x", "  22  yy"]
    assert section("t", ("a",), [("1",)]) == ["", "t", "  a", "  1"]
    assert section("t", ("a",), []) == []
