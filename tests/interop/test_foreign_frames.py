# SPDX-License-Identifier: Apache-2.0
"""Other units' requests and responses pass by on the same pty, split and glued, and disturb nobody."""

from __future__ import annotations

import os
import select
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymodbus.client import ModbusSerialClient
from pymodbus.framer import FramerType

from interfaces.framing.rtu import RtuFramer
from tests.processes import Served, serve

ICD = Path(__file__).with_name("tables.yaml")
BENCH = Path(__file__).parents[2] / "fixtures" / "benches" / "coastal.yaml"
UNIT, OTHER, BIT_RATE = 7, 9, 115_200
ENCODE = RtuFramer(BIT_RATE).encode
OUR_REQUEST = ENCODE(bytes.fromhex("03001e0002"), UNIT)
OUR_RESPONSE = ENCODE(bytes.fromhex("030400000000"), UNIT)
OTHER_REQUEST = ENCODE(bytes.fromhex("03001e0002"), OTHER)
OTHER_RESPONSE = ENCODE(bytes.fromhex("030411112222"), OTHER)
NOISE = bytes.fromhex("ff00a5")


class Line:
    """The far end of the pty, as raw bytes."""

    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self._fd)

    def write(self, data: bytes) -> None:
        os.write(self._fd, data)

    def read(self, count: int, limit_s: float) -> bytes:
        """Up to `count` bytes, waiting for them as long as the limit."""
        data, end_s = b"", time.monotonic() + limit_s
        while len(data) < count and select.select([self._fd], [], [], max(0.0, end_s - time.monotonic()))[0]:
            data += os.read(self._fd, count - len(data))
        return data

    def close(self) -> None:
        os.close(self._fd)


@pytest.fixture
def line() -> Iterator[Line]:
    with serve(["--icd", ICD, "--rtu", "pty"]) as running:
        far = Line(running.ports["rtu"])
        yield far
        far.close()


@pytest.mark.parametrize(
    "before",
    [b"", OTHER_REQUEST, OTHER_REQUEST + OTHER_RESPONSE, (OTHER_REQUEST + OTHER_RESPONSE) * 3, NOISE],
    ids=["alone", "request", "exchange", "three exchanges", "noise"],
)
def test_glued(line: Line, before: bytes) -> None:
    """Our request right behind others' frames, in one write, gets its one response and nothing else does."""
    line.write(before + OUR_REQUEST)
    assert line.read(len(OUR_RESPONSE) + 1, 0.5) == OUR_RESPONSE


def test_split(line: Line) -> None:
    """A request that comes in single bytes, as a slow program writes them, is one request."""
    for byte in OUR_REQUEST:
        line.write(bytes([byte]))
    assert line.read(len(OUR_RESPONSE) + 1, 0.5) == OUR_RESPONSE


def test_others_alone(line: Line) -> None:
    """Frames of other units, and a broken one of ours, get no response; the next good one does."""
    line.write(OTHER_REQUEST + OTHER_RESPONSE)
    line.write(OUR_REQUEST[:-1] + b"\0")
    assert line.read(1, 0.3) == b""
    line.write(OUR_REQUEST)
    assert line.read(len(OUR_RESPONSE), 0.5) == OUR_RESPONSE


@pytest.fixture(scope="module")
def coastal() -> Iterator[Served]:
    with serve([BENCH]) as running:
        yield running


def test_two_launchers_on_one_bus(coastal: Served) -> None:
    """pymodbus polls two units on one bus, turn and turn about; each answers for itself."""
    client = ModbusSerialClient(coastal.ports["bus"], framer=FramerType.RTU, baudrate=BIT_RATE, timeout=1, retries=0)
    assert client.connect()
    variants = [client.read_input_registers(38, count=2, device_id=unit).registers for unit in (1, 2, 1, 2)]
    client.close()
    assert variants == [[0, 4]] * 4
