# SPDX-License-Identifier: Apache-2.0
"""Our client and server sides against pymodbus's encoders and decoders, and against each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.pdu import DecodePDU, ModbusPDU, bit_message, diag_message, file_message, mei_message, other_message
from pymodbus.pdu import register_message as words_message

from interfaces.modbus import client
from interfaces.modbus.bank import Table
from interfaces.modbus.counters import Counters
from interfaces.modbus.lengths import request_length, response_length
from interfaces.modbus.pdu import answer
from tests.interfaces.modbus.flat_bank import FIFO_ADDRESS, FlatBank

ADDRESS = st.integers(0, 0xFFFF)
WORD = st.integers(0, 0xFFFF)
BITS = st.lists(st.booleans(), min_size=1, max_size=1968)


def words(most: int) -> st.SearchStrategy[list[int]]:
    return st.lists(WORD, min_size=1, max_size=most)


Pair = tuple[Callable[..., bytes], Callable[..., ModbusPDU], Sequence[st.SearchStrategy[Any]]]

REQUESTS: dict[str, Pair] = {
    "1": (
        client.read_coils,
        lambda a, n: bit_message.ReadCoilsRequest(address=a, count=n),
        [ADDRESS, st.integers(1, 2000)],
    ),
    "2": (
        client.read_discrete_inputs,
        lambda a, n: bit_message.ReadDiscreteInputsRequest(address=a, count=n),
        [ADDRESS, st.integers(1, 2000)],
    ),
    "3": (
        client.read_holding_registers,
        lambda a, n: words_message.ReadHoldingRegistersRequest(address=a, count=n),
        [ADDRESS, st.integers(1, 125)],
    ),
    "4": (
        client.read_input_registers,
        lambda a, n: words_message.ReadInputRegistersRequest(address=a, count=n),
        [ADDRESS, st.integers(1, 125)],
    ),
    "5": (
        client.write_coil,
        lambda a, v: bit_message.WriteSingleCoilRequest(address=a, bits=[v]),
        [ADDRESS, st.booleans()],
    ),
    "6": (
        client.write_register,
        lambda a, v: words_message.WriteSingleRegisterRequest(address=a, registers=[v]),
        [ADDRESS, WORD],
    ),
    "8": (
        lambda v: client.diagnose(0, v),
        lambda v: diag_message.ReturnQueryDataRequest(message=v),
        [st.binary(min_size=2, max_size=2)],
    ),
    "11": (client.read_event_counter, other_message.GetCommEventCounterRequest, []),
    "12": (client.read_event_log, other_message.GetCommEventLogRequest, []),
    "15": (client.write_coils, lambda a, v: bit_message.WriteMultipleCoilsRequest(address=a, bits=v), [ADDRESS, BITS]),
    "16": (
        client.write_registers,
        lambda a, v: words_message.WriteMultipleRegistersRequest(address=a, registers=v),
        [ADDRESS, words(123)],
    ),
    "17": (client.read_server_id, other_message.ReportDeviceIdRequest, []),
    "22": (client.mask_write, words_message.MaskWriteRegisterRequest, [ADDRESS, WORD, WORD]),
    "23": (
        client.read_write,
        words_message.ReadWriteMultipleRegistersRequest,
        [ADDRESS, st.integers(1, 125), ADDRESS, words(121)],
    ),
    "24": (client.read_fifo, file_message.ReadFifoQueueRequest, [ADDRESS]),
    "43": (
        client.read_identification,
        mei_message.ReadDeviceInformationRequest,
        [st.integers(1, 4), st.integers(0, 255)],
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
@given(data=st.data())
def test_requests_are_those_of_pymodbus(name: str, data: st.DataObject) -> None:
    """Byte for byte the same request from the same arguments, and of the length that `request_length` tells."""
    ours, theirs, arguments = REQUESTS[name]
    values = [data.draw(argument) for argument in arguments]
    request = ours(*values)
    message = theirs(*values)
    assert request == bytes((message.function_code,)) + message.encode()
    assert request_length(b"\x01" + request + b"\xff\xff", 1) == len(request)
    assert request_length(request[:0], 0) is None


def bank() -> FlatBank:
    filled = FlatBank(256)
    filled.words[Table.HOLDING] = [(index * 257) & 0xFFFF for index in range(256)]
    filled.words[Table.INPUT] = [(index * 263) & 0xFFFF for index in range(256)]
    filled.bits[Table.COILS] = [index % 3 == 0 for index in range(256)]
    filled.bits[Table.DISCRETE_INPUTS] = [index % 5 == 0 for index in range(256)]
    filled.fifo = [1, 2, 0xFFFF]
    return filled


EXCHANGES: dict[str, tuple[bytes, client.Result]] = {
    "1": (client.read_coils(3, 10), client.Bits(tuple(index % 3 == 0 for index in range(3, 13)))),
    "2": (client.read_discrete_inputs(0, 16), client.Bits(tuple(index % 5 == 0 for index in range(16)))),
    "3": (client.read_holding_registers(1, 2), client.Words((0x0101, 0x0202))),
    "4": (client.read_input_registers(1, 1), client.Words((263,))),
    "5": (client.write_coil(1, True), client.Done()),
    "6": (client.write_register(1, 2), client.Done()),
    "8": (client.diagnose(0, b"ab"), client.Loopback(b"ab")),
    "11": (client.read_event_counter(), client.EventCount(False, 0)),
    "12": (client.read_event_log(), client.EventLog(False, 0, 0, b"\x80")),
    "15": (client.write_coils(0, [True] * 9), client.Done()),
    "16": (client.write_registers(0, [1, 2]), client.Done()),
    "17": (client.read_server_id(), client.ServerId(b"\x4c\xff")),
    "22": (client.mask_write(0, 1, 2), client.Done()),
    "23": (client.read_write(0, 1, 0, [7]), client.Words((7,))),
    "24": (client.read_fifo(FIFO_ADDRESS), client.Words((1, 2, 0xFFFF))),
    "43": (client.read_identification(1), client.Identified(0x81, {0: b"Vendor", 1: b"Code", 2: b"1.0"}, None)),
    "refused": (client.read_holding_registers(0, 126), client.Refused(3)),
}


@pytest.mark.parametrize("name", EXCHANGES)
def test_client_understands_the_server(name: str) -> None:
    """The typed result of each function, and the response's length by content."""
    request, result = EXCHANGES[name]
    response = answer(0, request, bank(), Counters())
    assert client.parse(request, response) == result
    assert response_length(b"\x01" + response + b"\xff\xff", 1) == len(response)


FIELDS: dict[str, Callable[[Any], object]] = {
    "1": lambda pdu: pdu.bits[:10] == [index % 3 == 0 for index in range(3, 13)],
    "2": lambda pdu: pdu.bits == [index % 5 == 0 for index in range(16)],
    "3": lambda pdu: pdu.registers == [0x0101, 0x0202],
    "4": lambda pdu: pdu.registers == [263],
    "5": lambda pdu: (pdu.address, pdu.bits) == (1, [True]),
    "6": lambda pdu: (pdu.address, pdu.registers) == (1, [2]),
    "8": lambda pdu: pdu.sub_function_code == 0,
    "11": lambda pdu: pdu.count == 0,
    "12": lambda pdu: (pdu.event_count, pdu.message_count, pdu.events) == (0, 0, [0x80]),
    "15": lambda pdu: (pdu.address, pdu.count) == (0, 9),
    "16": lambda pdu: (pdu.address, pdu.count) == (0, 2),
    "17": lambda pdu: (pdu.identifier, pdu.status) == (b"\x4c", True),
    "22": lambda pdu: (pdu.address, pdu.and_mask, pdu.or_mask) == (0, 1, 2),
    "23": lambda pdu: pdu.registers == [7],
    "24": lambda pdu: pdu.values == [1, 2, 0xFFFF],
    "43": lambda pdu: (pdu.information, pdu.conformity) == ({0: b"Vendor", 1: b"Code", 2: b"1.0"}, 0x81),
    "refused": lambda pdu: pdu.exception_code == 3,
}


@pytest.mark.parametrize("name", EXCHANGES)
def test_pymodbus_understands_the_server(name: str) -> None:
    """pymodbus's client decoder reads the same values out of our responses."""
    decoded = DecodePDU(False).decode(answer(0, EXCHANGES[name][0], bank(), Counters()))
    assert decoded is not None
    assert FIELDS[name](decoded)


@given(words(125))
def test_client_reads_pymodbus_word_responses(values: list[int]) -> None:
    message = words_message.ReadHoldingRegistersResponse(registers=values)
    response = bytes((message.function_code,)) + message.encode()
    assert client.parse(client.read_holding_registers(0, len(values)), response) == client.Words(tuple(values))


@given(st.sampled_from([request for request, _ in EXCHANGES.values()]), st.binary(max_size=260))
def test_parse_never_raises(request: bytes, response: bytes) -> None:
    """Any bytes for a response, with and without the right function code in front."""
    for candidate in (response, request[:1] + response, request[:3] + response):
        assert client.parse(request, candidate) is not None


@pytest.mark.parametrize("name", [name for name in EXCHANGES if name not in ("8", "17", "refused")])
def test_a_response_cut_short_or_too_long_is_malformed(name: str) -> None:
    request = EXCHANGES[name][0]
    response = answer(0, request, bank(), Counters())
    assert isinstance(client.parse(request, response[:-1]), client.Malformed)
    if name != "43":
        assert isinstance(client.parse(request, response + b"\0"), client.Malformed)
