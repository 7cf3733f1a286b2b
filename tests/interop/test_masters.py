# SPDX-License-Identifier: Apache-2.0
"""Masters that are not ours read and write all four tables of a device that only an ICD describes.

libmodbus, pymodbus and mbpoll, over TCP and over RTU on a pty: at each bound and one beyond.
"""

from __future__ import annotations

import re
import shutil
import socket
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymodbus.client import ModbusSerialClient, ModbusTcpClient
from pymodbus.exceptions import ModbusIOException
from pymodbus.framer import FramerType

from tests.interop import libmodbus
from tests.processes import Served, need, serve

ICD = Path(__file__).with_name("tables.yaml")
UNIT, BIT_RATE = 7, 115_200
COILS, INPUTS, HOLDING, READINGS, QUEUE = (10, 2010), (20, 2020), (30, 230), (40, 140), 500
ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE, NO_TARGET = 1, 2, 3, 0x0B
TABLES = {1: (COILS, 2000), 2: (INPUTS, 2000), 3: (HOLDING, 125), 4: (READINGS, 125)}


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serve(["--icd", ICD, "--tcp", "127.0.0.1:0", "--rtu", "pty", "--unit", str(UNIT)]) as running:
        yield running


@pytest.fixture(params=["tcp", "rtu"])
def libmodbus_master(request: pytest.FixtureRequest, served: Served) -> Iterator[libmodbus.Master]:
    need(libmodbus.available(), "libmodbus", "libmodbus-dev")
    master = _libmodbus(request.param, served, UNIT)
    yield master
    master.close()


def _libmodbus(medium: str, served: Served, unit: int) -> libmodbus.Master:
    if medium == "tcp":
        return libmodbus.Master.tcp("127.0.0.1", served.tcp_port("tcp"), unit)
    return libmodbus.Master.rtu(served.ports["rtu"], BIT_RATE, unit)


@pytest.fixture(params=["tcp", "rtu"])
def pymodbus_master(request: pytest.FixtureRequest, served: Served) -> Iterator[ModbusTcpClient | ModbusSerialClient]:
    client: ModbusTcpClient | ModbusSerialClient
    if request.param == "tcp":
        client = ModbusTcpClient("127.0.0.1", port=served.tcp_port("tcp"), timeout=1, retries=0)
    else:
        client = ModbusSerialClient(served.ports["rtu"], framer=FramerType.RTU, baudrate=BIT_RATE, timeout=1, retries=0)
    assert client.connect()
    yield client
    client.close()


@pytest.mark.parametrize("function", TABLES)
class TestReadsByLibmodbus:
    """Functions 1 to 4."""

    def test_first_last_and_largest(self, libmodbus_master: libmodbus.Master, function: int) -> None:
        """The first and the last address, and the largest quantity the standard allows."""
        (first, count), largest = TABLES[function]
        assert len(libmodbus_master.read(function, first, 1)) == 1
        assert len(libmodbus_master.read(function, first + count - 1, 1)) == 1
        assert len(libmodbus_master.read(function, first + count - largest, largest)) == largest

    def test_one_beyond(self, libmodbus_master: libmodbus.Master, function: int) -> None:
        """One address before the table, one behind it, and a request that runs over its end."""
        (first, count), largest = TABLES[function]
        for address, quantity in ((first - 1, 1), (first + count, 1), (first + count - largest + 1, largest)):
            with pytest.raises(libmodbus.MasterError) as caught:
                libmodbus_master.read(function, address, quantity)
            assert caught.value.exception == ILLEGAL_ADDRESS

    @pytest.mark.parametrize("excess", [0, 1])
    def test_quantity_outside_the_standard(
        self, libmodbus_master: libmodbus.Master, function: int, excess: int
    ) -> None:
        """A quantity of 0, or one too many, is exception 3 even where the address is wrong as well."""
        quantity = TABLES[function][1] + 1 if excess else 0
        reply = libmodbus_raw(libmodbus_master, struct.pack(">BBHH", UNIT, function, 0, quantity))
        assert reply == ILLEGAL_VALUE


def libmodbus_raw(master: libmodbus.Master, request: bytes) -> int:
    """The exception code a raw request gets, out of the reply as libmodbus read it."""
    function, code = master.raw(request)
    assert function == request[1] | 0x80
    return code


class TestWritesByLibmodbus:
    """Functions 5, 6, 15, 16, 22 and 23, read back by function 1 or 3."""

    def test_bits(self, libmodbus_master: libmodbus.Master) -> None:
        """Single and multiple coils, at both ends of the table and at the largest quantity."""
        first, count = COILS
        for address in (first, first + count - 1):
            libmodbus_master.write(5, address, [1])
            assert libmodbus_master.read(1, address, 1) == [1]
            libmodbus_master.write(5, address, [0])
        pattern = [number % 3 == 0 for number in range(1968)]
        libmodbus_master.write(15, first, pattern)
        assert libmodbus_master.read(1, first, 1968) == pattern

    def test_registers(self, libmodbus_master: libmodbus.Master) -> None:
        """Single and multiple registers, at both ends of the table and at the largest quantity."""
        first, count = HOLDING
        for address in (first, first + count - 1):
            libmodbus_master.write(6, address, [0xBEEF])
            assert libmodbus_master.read(3, address, 1) == [0xBEEF]
        values = list(range(1000, 1123))
        libmodbus_master.write(16, first, values)
        assert libmodbus_master.read(3, first, 123) == values

    def test_mask_and_read_write(self, libmodbus_master: libmodbus.Master) -> None:
        """The standard's own example of function 22, and function 23 at its largest."""
        first, _ = HOLDING
        libmodbus_master.write(6, first, [0x12])
        libmodbus_master.mask_write(first, 0xF2, 0x25)
        assert libmodbus_master.read(3, first, 1) == [0x17]
        values = list(range(121))
        assert libmodbus_master.write_and_read(first, values, first, 125)[:121] == values

    @pytest.mark.parametrize(("function", "table"), [(5, COILS), (6, HOLDING), (15, COILS), (16, HOLDING)])
    def test_one_beyond(self, libmodbus_master: libmodbus.Master, function: int, table: tuple[int, int]) -> None:
        """One behind the table: exception 2."""
        with pytest.raises(libmodbus.MasterError) as caught:
            libmodbus_master.write(function, sum(table), [1])
        assert caught.value.exception == ILLEGAL_ADDRESS

    def test_server_id(self, libmodbus_master: libmodbus.Master) -> None:
        """Function 17 gives the ICD's identifier and the run indicator."""
        assert libmodbus_master.server_id()[:2] == b"\x54\xff"

    def test_unknown_function(self, libmodbus_master: libmodbus.Master) -> None:
        """A function that is in no table: exception 1."""
        assert libmodbus_raw(libmodbus_master, bytes([UNIT, 7])) == ILLEGAL_FUNCTION


class TestPymodbus:
    """pymodbus's client on the same device."""

    READS = {1: "read_coils", 2: "read_discrete_inputs", 3: "read_holding_registers", 4: "read_input_registers"}

    @pytest.mark.parametrize("function", TABLES)
    def test_reads(self, pymodbus_master: ModbusTcpClient | ModbusSerialClient, function: int) -> None:
        """First, last and largest are answered; one beyond either end, and over the end, is exception 2."""
        read = getattr(pymodbus_master, self.READS[function])
        (first, count), largest = TABLES[function]
        for address, quantity in ((first, 1), (first + count - 1, 1), (first + count - largest, largest)):
            reply = read(address, count=quantity, device_id=UNIT)
            assert len(reply.bits or reply.registers) >= quantity
        for address, quantity in ((first - 1, 1), (first + count, 1), (first + count - largest + 1, largest)):
            assert read(address, count=quantity, device_id=UNIT).exception_code == ILLEGAL_ADDRESS

    def test_written_bits_come_back(self, pymodbus_master: ModbusTcpClient | ModbusSerialClient) -> None:
        """Functions 5 and 15 at both ends of the coils; one beyond is exception 2."""
        client, (first, count) = pymodbus_master, COILS
        last = first + count - 1
        assert not client.write_coil(last, True, device_id=UNIT).isError()
        assert client.read_coils(last, count=1, device_id=UNIT).bits[0]
        assert not client.write_coils(first, [True, False, True], device_id=UNIT).isError()
        assert client.read_coils(first, count=3, device_id=UNIT).bits[:3] == [True, False, True]
        assert client.write_coil(last + 1, True, device_id=UNIT).exception_code == ILLEGAL_ADDRESS
        assert client.write_coils(last, [True, True], device_id=UNIT).exception_code == ILLEGAL_ADDRESS

    def test_written_registers_come_back(self, pymodbus_master: ModbusTcpClient | ModbusSerialClient) -> None:
        """Functions 6, 16, 22 and 23 at both ends of the registers; one beyond is exception 2."""
        client, (first, count) = pymodbus_master, HOLDING
        last = first + count - 1
        assert not client.write_register(last, 0x1234, device_id=UNIT).isError()
        assert not client.mask_write_register(address=last, and_mask=0x00FF, or_mask=0xAB00, device_id=UNIT).isError()
        assert client.read_holding_registers(last, count=1, device_id=UNIT).registers == [0xAB34]
        assert not client.write_registers(first, [1, 2, 3], device_id=UNIT).isError()
        assert client.read_holding_registers(first, count=3, device_id=UNIT).registers == [1, 2, 3]
        both = client.readwrite_registers(
            read_address=first, read_count=2, write_address=first, values=[7, 8], device_id=UNIT
        )
        assert both.registers == [7, 8]
        assert client.write_register(last + 1, 1, device_id=UNIT).exception_code == ILLEGAL_ADDRESS
        assert client.write_registers(last, [1, 2], device_id=UNIT).exception_code == ILLEGAL_ADDRESS

    def test_the_rest(self, pymodbus_master: ModbusTcpClient | ModbusSerialClient) -> None:
        """Identification, loopback and a FIFO."""
        client = pymodbus_master
        if isinstance(client, ModbusTcpClient):  # over RTU pymodbus 3.16 takes a FIFO's response for 2 bytes shorter
            assert client.read_fifo_queue(address=QUEUE, device_id=UNIT).values == []
        assert client.read_device_information(device_id=UNIT).information[0] == b"Notional Works"
        assert client.diag_query_data(b"\x12\x34", device_id=UNIT).message == b"\x12\x34"


def test_unaddressed_units(served: Served) -> None:
    """An RTU unit that is not addressed stays silent; TCP answers with exception 0x0B."""
    serial = ModbusSerialClient(served.ports["rtu"], framer=FramerType.RTU, baudrate=BIT_RATE, timeout=0.3, retries=0)
    assert serial.connect()
    with pytest.raises(ModbusIOException):
        serial.read_holding_registers(30, count=1, device_id=UNIT + 1)
    serial.close()
    tcp = ModbusTcpClient("127.0.0.1", port=served.tcp_port("tcp"), timeout=1, retries=0)
    assert tcp.connect()
    assert tcp.read_holding_registers(30, count=1, device_id=UNIT + 1).exception_code == NO_TARGET
    tcp.close()


def test_split_and_pipelined_tcp(served: Served) -> None:
    """Three requests, sent a byte at a time and then in one go, are answered in order."""
    requests = b"".join(struct.pack(">HHHBBHH", number, 0, 6, UNIT, 3, 30, 1) for number in (1, 2, 3))
    with socket.create_connection(("127.0.0.1", served.tcp_port("tcp")), timeout=5) as peer:
        for chunks in ([bytes([byte]) for byte in requests], [requests]):
            for chunk in chunks:
                peer.sendall(chunk)
            replies = b""
            while len(replies) < 33:
                replies += peer.recv(100)
            assert [replies[at : at + 2] for at in (0, 11, 22)] == [b"\0\1", b"\0\2", b"\0\3"]


MBPOLL = {"0": COILS, "1": INPUTS, "3:hex": READINGS, "4:hex": HOLDING}  # its names of the tables
MBPOLL_REFUSED = "Illegal data address"


@pytest.mark.parametrize("medium", ["tcp", "rtu"])
@pytest.mark.parametrize("kind", MBPOLL)
def test_mbpoll_reads(served: Served, medium: str, kind: str) -> None:
    """mbpoll (1-based addresses) reads each table at both ends, and is refused one beyond either."""
    need(shutil.which("mbpoll") is not None, "mbpoll", "mbpoll")
    first, count = MBPOLL[kind]
    for address in (first, first + count - 1):
        assert _mbpoll(served, medium, kind, address).returncode == 0
    for address in (first - 1, first + count):
        refused = _mbpoll(served, medium, kind, address)
        assert MBPOLL_REFUSED in refused.stdout + refused.stderr


@pytest.mark.parametrize("medium", ["tcp", "rtu"])
@pytest.mark.parametrize(("kind", "values"), [("0", ["1", "0"]), ("4", ["4660", "7"])])
def test_mbpoll_writes(served: Served, medium: str, kind: str, values: list[str]) -> None:
    """What mbpoll writes at the end of a table it reads back; one beyond it is refused."""
    need(shutil.which("mbpoll") is not None, "mbpoll", "mbpoll")
    first, count = COILS if kind == "0" else HOLDING
    at = first + count - 2
    assert _mbpoll(served, medium, kind, at, *values).returncode == 0
    answer = _mbpoll(served, medium, kind, at, count=2).stdout
    assert re.findall(r"^\[\d+\]:\s+(\d+)", answer, re.MULTILINE) == values
    refused = _mbpoll(served, medium, kind, at + 1, *values)
    assert MBPOLL_REFUSED in refused.stdout + refused.stderr


def _mbpoll(
    served: Served, medium: str, kind: str, address: int, *values: str, count: int = 1
) -> subprocess.CompletedProcess[str]:
    if medium == "tcp":
        target = ["-m", "tcp", "-p", str(served.tcp_port("tcp")), "127.0.0.1"]
    else:
        target = ["-m", "rtu", "-b", str(BIT_RATE), "-P", "none", served.ports["rtu"]]
    command = ["mbpoll", "-1", "-a", str(UNIT), "-t", kind, "-r", str(address + 1)]
    command += [*([] if values else ["-c", str(count)]), *target, *values]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
