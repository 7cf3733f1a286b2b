# SPDX-License-Identifier: Apache-2.0
"""The server side against the standard: its own examples, its limits, and the order of its checks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfaces.modbus.bank import ExceptionCode, Table
from interfaces.modbus.counters import Counters
from interfaces.modbus.pdu import answer, obey
from tests.interfaces.modbus.flat_bank import FIFO_ADDRESS, FUNCTIONS, FlatBank


def ask(request: str, bank: FlatBank | None = None) -> str:
    return answer(0, bytes.fromhex(request), bank or FlatBank(), Counters()).hex()


def bits(text: str) -> list[bool]:
    return [mark == "1" for mark in text]


def example_bank() -> FlatBank:
    """The values that the examples of V1.1b3 section 6 read."""
    bank = FlatBank()
    coils = int.from_bytes(bytes.fromhex("cd6b05"), "little")
    bank.bits[Table.COILS][19:38] = [bool(coils >> index & 1) for index in range(19)]
    inputs = int.from_bytes(bytes.fromhex("acdb35"), "little")
    bank.bits[Table.DISCRETE_INPUTS][196:218] = [bool(inputs >> index & 1) for index in range(22)]
    bank.words[Table.HOLDING][107:110] = [0x022B, 0, 0x0064]
    bank.words[Table.INPUT][8] = 0x000A
    bank.words[Table.HOLDING][4] = 0x0012
    bank.fifo = [0x01B8, 0x1284]
    return bank


EXAMPLES = [
    ("0100130013", "0103cd6b05"),  # 6.1
    ("0200c40016", "0203acdb35"),  # 6.2
    ("03006b0003", "0306022b00000064"),  # 6.3
    ("0400080001", "0402000a"),  # 6.4
    ("0500acff00", "0500acff00"),  # 6.5
    ("0600010003", "0600010003"),  # 6.6
    ("080000a537", "080000a537"),  # 6.8
    ("0f0013000a02cd01", "0f0013000a"),  # 6.11
    ("100001000204000a0102", "1000010002"),  # 6.12
    ("16000400f20025", "16000400f20025"),  # 6.16
    ("1804de", "180006000201b81284"),  # 6.18
]


@pytest.mark.parametrize(("request_hex", "response_hex"), EXAMPLES)
def test_examples_of_the_standard(request_hex: str, response_hex: str) -> None:
    assert ask(request_hex, example_bank()) == response_hex


def test_written_values_are_those_of_the_examples() -> None:
    """What the write examples leave behind: 6.5, 6.6, 6.11, 6.12, 6.16 (result 17 hex), 6.17."""
    bank = example_bank()
    for request, _ in EXAMPLES:
        ask(request, bank)
    assert bank.bits[Table.COILS][172]
    assert bank.bits[Table.COILS][19:29] == bits("1011001110")
    assert bank.words[Table.HOLDING][1:3] == [0x000A, 0x0102]
    assert bank.words[Table.HOLDING][4] == 0x0017
    assert ask("170003000600 0e00030600ff00ff00ff".replace(" ", ""), bank)[:4] == "170c"
    assert bank.words[Table.HOLDING][14:17] == [0xFF] * 3


def test_read_write_writes_first() -> None:
    """Function 23 reads what it has just written (6.17)."""
    assert ask("17000000010000000102beef") == "1702beef"


def write_many(function: int, count: int, size: int, address: int = 0) -> str:
    return f"{function:02x}{address:04x}{count:04x}{size & 0xFF:02x}" + "00" * size


LIMITS = [
    ("01 0000 0000", 3), ("01 0000 0001", 0), ("01 0000 07d0", 0), ("01 0000 07d1", 3),
    ("02 0000 0000", 3), ("02 0000 0001", 0), ("02 0000 07d0", 0), ("02 0000 07d1", 3),
    ("03 0000 0000", 3), ("03 0000 0001", 0), ("03 0000 007d", 0), ("03 0000 007e", 3),
    ("04 0000 0000", 3), ("04 0000 0001", 0), ("04 0000 007d", 0), ("04 0000 007e", 3),
    ("05 0000 0000", 0), ("05 0000 ff00", 0), ("05 0000 0001", 3), ("05 0000 ff01", 3), ("05 0000 00ff", 3),
    (write_many(15, 1968, 246), 0), (write_many(15, 1969, 247), 3), (write_many(15, 0, 0), 3),
    (write_many(15, 8, 2), 3), (write_many(15, 9, 1), 3), (write_many(15, 8, 1) + "00", 3),
    (write_many(16, 123, 246), 0), (write_many(16, 124, 248), 3), (write_many(16, 0, 0), 3),
    (write_many(16, 2, 2), 3), (write_many(16, 1, 4), 3), (write_many(16, 2, 4)[:-2], 3),
    ("17 0000 007d 0000 0001 02 0000", 0), ("17 0000 007e 0000 0001 02 0000", 3),
    ("17 0000 0000 0000 0001 02 0000", 3), ("17 0000 0001 0000 0000 00", 3),
    ("17 0000 0001 0000 0079 f2" + "00" * 242, 0), ("17 0000 0001 0000 007a f4" + "00" * 244, 3),
    ("17 0000 0001 0000 0002 02 0000", 3), ("17 0000 0001 0000 0001 02 00", 3),
    ("16 0000 0000 00", 3), ("06 0000 00", 3), ("03 0000 0001 00", 3), ("18 04", 3),
    ("0b 00", 3), ("0c 00", 3), ("11 00", 3),
    ("18 04de", 0), ("18 0000", 2),
    ("01 ffff 0001", 0), ("01 ffff 0002", 2), ("03 ffff 0001", 0), ("03 ffff 0002", 2),
    ("04 ff83 007d", 0), ("04 ff84 007d", 2),
    (write_many(16, 2, 4, 0xFFFE), 0), (write_many(16, 2, 4, 0xFFFF), 2), (write_many(15, 2, 1, 0xFFFF), 2),
    ("17 ffff 0002 0000 0001 02 0000", 2), ("17 0000 0001 ffff 0002 04 0000 0000", 2),
]  # fmt: skip


@pytest.mark.parametrize(("request_hex", "code"), LIMITS)
def test_limits(request_hex: str, code: int) -> None:
    """Each quantity, value and byte count at its limit and one beyond; addresses to the very last."""
    response = bytes.fromhex(ask(request_hex))
    function = int(request_hex[:2], 16)
    assert response[:1] == bytes((function | 0x80 if code else function,))
    if code:
        assert response[1:] == bytes((code,))


@pytest.mark.parametrize(
    ("request_hex", "code"),
    [
        ("07", 1),  # function before anything else, whatever the rest
        ("41 0000 0000", 1),
        ("83 02", 1),
        ("00", 1),
        ("03 ffff 0000", 3),  # quantity before address
        ("03 ffff 007e", 3),
        (write_many(16, 124, 248, 0xFFFF), 3),
        ("05 000a 1234", 3),  # value before address
        ("0f 000a 0001 02 00 00", 3),  # byte count before address
        ("17 0009 0002 0000 0001 02 0000", 2),
        ("03 0009 0002", 2),  # address before execution
        ("03 0009 0001", 4),
        ("06 000a 0000", 2),
        ("16 000a 0000 0000", 2),
        ("05 0009 ff00", 4),
    ],
)
def test_order_of_the_checks(request_hex: str, code: int) -> None:
    """Ten addresses and a device that always fails: the first check that does not hold names the exception."""
    bank = FlatBank(10)
    bank.failure = ExceptionCode.SERVER_DEVICE_FAILURE
    assert ask(request_hex, bank) == f"{int(request_hex[:2], 16) | 0x80:02x}{code:02x}"


def test_read_write_of_an_unreadable_range_writes_nothing() -> None:
    bank = FlatBank(10)
    assert ask("1700090002000000010200ff", bank) == "9702"
    assert bank.words[Table.HOLDING] == [0] * 10


def test_padding_bits_of_a_write_mean_nothing() -> None:
    """Function 15's last byte may hold anything past the last coil."""
    bank = FlatBank()
    assert ask("0f0000000901ff", bank) == "8f03"
    assert ask("0f0000000902ffff", bank) == "0f00000009"
    assert bank.bits[Table.COILS][:10] == bits("1111111110")


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_functions_that_the_unit_does_not_list_are_illegal(function: int) -> None:
    bank = FlatBank(functions=FUNCTIONS - {function})
    assert ask(f"{function:02x}00000001", bank) == f"{function | 0x80:02x}01"


@pytest.mark.parametrize(("count", "good"), [(0, True), (31, True), (32, False)])
def test_fifo_limits(count: int, good: bool) -> None:
    """More than 31 words in the FIFO is exception 3 (6.18)."""
    bank = FlatBank()
    bank.fifo = [7] * count
    response = bytes.fromhex(ask(f"18{FIFO_ADDRESS:04x}", bank))
    assert len(response) == (5 + 2 * count if good else 2)
    assert response[:2] == (b"\x18\x00" if good else b"\x98\x03")


@given(st.binary(max_size=300))
def test_any_bytes_get_a_response_that_fits(pdu: bytes) -> None:
    """No request raises; a response is empty, an exception, or carries the request's function in 253 bytes."""
    response = answer(0, pdu, FlatBank(100), Counters())
    assert len(response) <= 253 or pdu[:3] == b"\x08\x00\x00"
    if response:
        assert response[0] & 0x7F == pdu[0] & 0x7F


@given(st.sampled_from(sorted(FUNCTIONS)), st.binary(max_size=252))
def test_any_body_of_a_known_function(function: int, body: bytes) -> None:
    """The same for functions that are served."""
    response = answer(0, bytes((function,)) + body, FlatBank(100), Counters())
    assert not response or response[0] == function or (response[0] == function | 0x80 and response[1] in (1, 2, 3))


@pytest.mark.parametrize(
    ("request_hex", "obeyed"),
    [
        ("0600010003", True),
        ("10000100010200ff", True),
        ("16000100000003", True),
        ("06ffff0003", False),
        ("170000000100010001020003", False),
    ],
)
def test_broadcasts_write_and_are_never_answered(request_hex: str, obeyed: bool) -> None:
    bank, counters = FlatBank(10), Counters()
    obey(0, bytes.fromhex(request_hex), bank, counters)
    assert (bank.words[Table.HOLDING][1] != 0) == obeyed
    assert (counters.server_messages, counters.no_responses, counters.exceptions) == (1, 1, 0)
