# SPDX-License-Identifier: Apache-2.0
"""The server side of Modbus: request PDU in, response PDU out (MODBUS Application Protocol V1.1b3).

Order of the checks, from the standard's state diagrams: function known (exception 1), then quantity,
value and byte count (3), then address (2), then the execution (4 and others); the last two are the
bank's. A request of the wrong length is a wrong byte count.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import TypeAlias

from interfaces.modbus.bank import Bank, ExceptionCode, ModbusError, Table
from interfaces.modbus.counters import SENT, Counters
from interfaces.modbus.diagnostics import diagnose, is_restart
from interfaces.modbus.identification import identify

__all__ = ["BROADCAST", "Bank", "Counters", "ExceptionCode", "ModbusError", "Table", "answer", "obey", "refusal"]

READ_BITS_MAX = 2000
READ_WORDS_MAX = 125
WRITE_BITS_MAX = 1968
WRITE_WORDS_MAX = 123
READ_WRITE_WORDS_MAX = 121
FIFO_WORDS_MAX = 31

BROADCAST = frozenset((5, 6, 15, 16, 22))  # functions that only write; a broadcast of any other does nothing

_TWO_WORDS = Struct(">xHH")
_MULTIPLE = Struct(">xHHB")
_MASK = Struct(">xHHH")
_READ_WRITE = Struct(">xHHHHB")
_COIL_VALUES = {0xFF00: b"\x01", 0x0000: b"\x00"}
_NO_EVENT = frozenset((11,))  # asking for the event counter does not move it (6.9)

_Serve: TypeAlias = Callable[[int, bytes, Bank, Counters], bytes]


def answer(now_ns: int, pdu: bytes, bank: Bank, counters: Counters) -> bytes:
    """The response or exception PDU to a request to this unit; b"" where none is sent. Any bytes will do."""
    if not pdu:
        return b""
    counters.took()
    if counters.listen_only and not is_restart(pdu):
        counters.no_responses += 1
        return b""
    function = pdu[0]
    try:
        if function not in bank.functions or function not in _SERVE:
            raise ModbusError(ExceptionCode.ILLEGAL_FUNCTION)
        response = _SERVE[function](now_ns, pdu, bank, counters)
    except ModbusError as error:
        counters.refused(error.code)
        return refusal(function, error.code)
    if function not in _NO_EVENT:
        counters.events += 1
    if response:
        counters.log.append(SENT)
    return response


def obey(now_ns: int, pdu: bytes, bank: Bank, counters: Counters) -> None:
    """Carry out a broadcast: nothing is ever answered."""
    counters.took_broadcast()
    if not pdu or counters.listen_only or pdu[0] not in BROADCAST or pdu[0] not in bank.functions:
        return
    try:
        _SERVE[pdu[0]](now_ns, pdu, bank, counters)
    except ModbusError:
        return  # nobody is told of a broadcast that is refused
    counters.events += 1


def refusal(function: int, code: ExceptionCode) -> bytes:
    """An exception PDU."""
    return bytes((function | 0x80, code))


def _check(right: bool) -> None:
    if not right:
        raise ModbusError(ExceptionCode.ILLEGAL_DATA_VALUE)


def _read_bits(table: Table, pdu: bytes, bank: Bank) -> bytes:
    _check(len(pdu) == 5)
    address, count = _TWO_WORDS.unpack(pdu)
    _check(1 <= count <= READ_BITS_MAX)
    return bytes((pdu[0], (count + 7) // 8)) + bank.read_bits(table, address, count)


def _read_words(table: Table, pdu: bytes, bank: Bank) -> bytes:
    _check(len(pdu) == 5)
    address, count = _TWO_WORDS.unpack(pdu)
    _check(1 <= count <= READ_WORDS_MAX)
    return bytes((pdu[0], 2 * count)) + bank.read_words(table, address, count)


def _read_coils(now_ns: int, pdu: bytes, bank: Bank, counters: Counters) -> bytes:
    return _read_bits(Table.COILS, pdu, bank)


def _read_discrete_inputs(now_ns: int, pdu: bytes, bank: Bank, counters: Counters) -> bytes:
    return _read_bits(Table.DISCRETE_INPUTS, pdu, bank)


def _read_holding(now_ns: int, pdu: bytes, bank: Bank, counters: Counters) -> bytes:
    return _read_words(Table.HOLDING, pdu, bank)


def _read_input(now_ns: int, pdu: bytes, bank: Bank, counters: Counters) -> bytes:
    return _read_words(Table.INPUT, pdu, bank)


def _write_coil(now_ns: int, pdu: bytes, bank: Bank, counters: Counters) -> bytes:
    _check(len(pdu) == 5)
    address, value = _TWO_WORDS.unpack(pdu)
    _check(value in _COIL_VALUES)
    bank.write_bits(now_ns, address, 1, _COIL_VALUES[value])
    return pdu


def _write_register(now_ns: int, pdu: bytes, bank: Bank, counters: Counters) -> bytes:
    _check(len(pdu) == 5)
    bank.write_words(now_ns, pdu[1] << 8 | pdu[2], pdu[3:5])
    return pdu


def _write_coils(now_ns: int, pdu: bytes, bank: Bank, counters: Counters) -> bytes:
    _check(len(pdu) > 6)
    address, count, size = _MULTIPLE.unpack_from(pdu)
    _check(size == (count + 7) // 8 == len(pdu) - 6)
    _check(1 <= count <= WRITE_BITS_MAX)
    bank.write_bits(now_ns, address, count, _clean(pdu[6:], count))
    return pdu[:5]


def _clean(packed: bytes, count: int) -> bytes:
    """Bits past the last one are padding and may hold anything."""
    spare = -count % 8
    return packed[:-1] + bytes((packed[-1] & 0xFF >> spare,)) if spare else packed


def _write_registers(now_ns: int, pdu: bytes, bank: Bank, counters: Counters) -> bytes:
    _check(len(pdu) > 6)
    address, count, size = _MULTIPLE.unpack_from(pdu)
    _check(size == 2 * count == len(pdu) - 6)
    _check(1 <= count <= WRITE_WORDS_MAX)
    bank.write_words(now_ns, address, pdu[6:])
    return pdu[:5]


def _mask_write(now_ns: int, pdu: bytes, bank: Bank, counters: Counters) -> bytes:
    _check(len(pdu) == 7)
    address, and_mask, or_mask = _MASK.unpack(pdu)
    current = int.from_bytes(bank.peek_words(Table.HOLDING, address, 1), "big")
    masked = current & and_mask | or_mask & ~and_mask  # 6.16
    bank.write_words(now_ns, address, masked.to_bytes(2, "big"))
    return pdu


def _read_write(now_ns: int, pdu: bytes, bank: Bank, counters: Counters) -> bytes:
    _check(len(pdu) > 10)
    read_at, read_count, write_at, write_count, size = _READ_WRITE.unpack_from(pdu)
    _check(1 <= read_count <= READ_WORDS_MAX and 1 <= write_count <= READ_WRITE_WORDS_MAX)
    _check(size == 2 * write_count == len(pdu) - 10)
    # The write comes first (6.17), but a range that cannot be read must leave nothing written.
    bank.peek_words(Table.HOLDING, read_at, read_count)
    bank.write_words(now_ns, write_at, pdu[10:])
    return bytes((pdu[0], 2 * read_count)) + bank.read_words(Table.HOLDING, read_at, read_count)


def _read_fifo(now_ns: int, pdu: bytes, bank: Bank, counters: Counters) -> bytes:
    _check(len(pdu) == 3)
    words = bank.read_fifo(pdu[1] << 8 | pdu[2])
    count = len(words) // 2
    _check(count <= FIFO_WORDS_MAX)
    return bytes((pdu[0], 0, 2 + 2 * count, 0, count)) + words


def _diagnostics(now_ns: int, pdu: bytes, bank: Bank, counters: Counters) -> bytes:
    return diagnose(pdu, counters)


def _event_counter(now_ns: int, pdu: bytes, bank: Bank, counters: Counters) -> bytes:
    _check(len(pdu) == 1)
    return pdu + counters.event_counter()


def _event_log(now_ns: int, pdu: bytes, bank: Bank, counters: Counters) -> bytes:
    _check(len(pdu) == 1)
    log = counters.event_log()
    return bytes((pdu[0], len(log))) + log


def _server_id(now_ns: int, pdu: bytes, bank: Bank, counters: Counters) -> bytes:
    _check(len(pdu) == 1)
    server_id = bank.server_id()
    return bytes((pdu[0], len(server_id))) + server_id


def _identification(now_ns: int, pdu: bytes, bank: Bank, counters: Counters) -> bytes:
    return identify(pdu, bank.identification)


_SERVE: dict[int, _Serve] = {
    1: _read_coils,
    2: _read_discrete_inputs,
    3: _read_holding,
    4: _read_input,
    5: _write_coil,
    6: _write_register,
    8: _diagnostics,
    11: _event_counter,
    12: _event_log,
    15: _write_coils,
    16: _write_registers,
    17: _server_id,
    22: _mask_write,
    23: _read_write,
    24: _read_fifo,
    43: _identification,
}
