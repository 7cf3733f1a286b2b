# SPDX-License-Identifier: Apache-2.0
"""The client side of Modbus: request PDUs, and responses read back as typed results.

Builders trust the caller with the standard's limits, so that a master under test can go one beyond.
`parse` never raises: a response that does not answer its request is `Malformed`, with what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import pack, unpack_from
from typing import TypeAlias

from interfaces.modbus.identification import MEI_TYPE
from interfaces.wire import Record


class Bits(Record, frozen=True):
    values: tuple[bool, ...]


class Words(Record, frozen=True):
    values: tuple[int, ...]


class Done(Record, frozen=True):
    """A write was acknowledged."""


class Loopback(Record, frozen=True):
    """Function 8: the sub-function's data, as it came back."""

    data: bytes


class EventCount(Record, frozen=True):
    busy: bool
    events: int


class EventLog(Record, frozen=True):
    """`log` is newest first."""

    busy: bool
    events: int
    messages: int
    log: bytes


class ServerId(Record, frozen=True):
    data: bytes


class Identified(Record, frozen=True):
    """`following` is the object id to go on from, None when this was all."""

    conformity: int
    objects: dict[int, bytes]
    following: int | None


class Refused(Record, frozen=True):
    """An exception response; `code` as on the wire."""

    code: int


class Malformed(Record, frozen=True):
    problem: str


Result: TypeAlias = Bits | Words | Done | Loopback | EventCount | EventLog | ServerId | Identified | Refused | Malformed

_Reader: TypeAlias = Callable[[bytes, bytes], Result | None]  # None: the response does not fit its request


def read_coils(address: int, count: int) -> bytes:
    return pack(">BHH", 1, address, count)


def read_discrete_inputs(address: int, count: int) -> bytes:
    return pack(">BHH", 2, address, count)


def read_holding_registers(address: int, count: int) -> bytes:
    return pack(">BHH", 3, address, count)


def read_input_registers(address: int, count: int) -> bytes:
    return pack(">BHH", 4, address, count)


def write_coil(address: int, value: bool) -> bytes:
    return pack(">BHH", 5, address, 0xFF00 if value else 0)


def write_register(address: int, value: int) -> bytes:
    return pack(">BHH", 6, address, value)


def diagnose(sub: int, data: bytes = b"\0\0") -> bytes:
    return pack(">BH", 8, sub) + data


def read_event_counter() -> bytes:
    return b"\x0b"


def read_event_log() -> bytes:
    return b"\x0c"


def write_coils(address: int, values: Sequence[bool]) -> bytes:
    size = (len(values) + 7) // 8
    packed = sum(1 << index for index, value in enumerate(values) if value).to_bytes(size, "little")
    return pack(">BHHB", 15, address, len(values), size) + packed


def write_registers(address: int, values: Sequence[int]) -> bytes:
    return pack(f">BHHB{len(values)}H", 16, address, len(values), 2 * len(values), *values)


def read_server_id() -> bytes:
    return b"\x11"


def mask_write(address: int, and_mask: int, or_mask: int) -> bytes:
    return pack(">BHHH", 22, address, and_mask, or_mask)


def read_write(read_address: int, read_count: int, write_address: int, values: Sequence[int]) -> bytes:
    count = len(values)
    return pack(f">BHHHHB{count}H", 23, read_address, read_count, write_address, count, 2 * count, *values)


def read_fifo(address: int) -> bytes:
    return pack(">BH", 24, address)


def read_identification(code: int, object_id: int = 0) -> bytes:
    return bytes((43, MEI_TYPE, code, object_id))


def parse(request: bytes, response: bytes) -> Result:
    """What `response` says to `request`."""
    if not request or not response:
        return Malformed("empty PDU")
    function = request[0]
    if response[0] == function | 0x80 and len(response) == 2:
        return Refused(response[1])
    if response[0] != function or function not in _READERS:
        return Malformed(f"function {response[0]} in answer to {function}")
    result = _READERS[function](request, response)
    return Malformed(f"{len(response)} bytes that do not answer function {function}") if result is None else result


def _read_bits(request: bytes, response: bytes) -> Bits | None:
    count = int.from_bytes(request[3:5], "big")
    size = (count + 7) // 8
    if response[1:2] != bytes((size & 0xFF,)) or len(response) != 2 + size:
        return None
    packed = int.from_bytes(response[2:], "little")
    return Bits(tuple(bool(packed >> index & 1) for index in range(count)))


def _read_words(request: bytes, response: bytes) -> Words | None:
    count = int.from_bytes(request[3:5], "big")
    if len(response) != 2 + 2 * count or response[1] != 2 * count & 0xFF:
        return None
    return Words(unpack_from(f">{count}H", response, 2))


def _read_done(request: bytes, response: bytes) -> Done | None:
    """Single and mask writes are echoed whole, multiple writes up to the quantity."""
    echoed = request[:5] if request[0] in (15, 16) else request
    return Done() if response == echoed else None


def _read_loopback(request: bytes, response: bytes) -> Loopback | None:
    return Loopback(response[3:]) if response[:3] == request[:3] else None


def _read_event_count(request: bytes, response: bytes) -> EventCount | None:
    if len(response) != 5:
        return None
    status, events = unpack_from(">HH", response, 1)
    return EventCount(status != 0, events)


def _read_event_log(request: bytes, response: bytes) -> EventLog | None:
    if len(response) < 8 or len(response) != 2 + response[1]:
        return None
    status, events, messages = unpack_from(">HHH", response, 2)
    return EventLog(status != 0, events, messages, response[8:])


def _read_server_id(request: bytes, response: bytes) -> ServerId | None:
    return ServerId(response[2:]) if len(response) >= 2 and len(response) == 2 + response[1] else None


def _read_fifo(request: bytes, response: bytes) -> Words | None:
    if len(response) < 5:
        return None
    size, count = unpack_from(">HH", response, 1)
    if size != 2 + 2 * count or len(response) != 3 + size:
        return None
    return Words(unpack_from(f">{count}H", response, 5))


def _read_identified(request: bytes, response: bytes) -> Identified | None:
    if len(response) < 7 or response[1:3] != request[1:3]:
        return None
    objects: dict[int, bytes] = {}
    at = 7
    for _ in range(response[6]):
        head = response[at : at + 2]
        if len(head) < 2 or at + 2 + head[1] > len(response):
            return None
        objects[head[0]] = response[at + 2 : at + 2 + head[1]]
        at += 2 + head[1]
    return Identified(response[3], objects, response[5] if response[4] else None)


_READERS: dict[int, _Reader] = {
    1: _read_bits,
    2: _read_bits,
    3: _read_words,
    4: _read_words,
    5: _read_done,
    6: _read_done,
    8: _read_loopback,
    11: _read_event_count,
    12: _read_event_log,
    15: _read_done,
    16: _read_done,
    17: _read_server_id,
    22: _read_done,
    23: _read_words,
    24: _read_fifo,
    43: _read_identified,
}
