# SPDX-License-Identifier: Apache-2.0
"""Function 43/14, read device identification (MODBUS Application Protocol V1.1b3, 6.21).

request   2B 0E | read code | object id
response  2B 0E | read code | conformity | more follows | next object id | number | (id, length, value)...
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from interfaces.modbus.bank import ExceptionCode, ModbusError

MEI_TYPE = 0x0E
BASIC, REGULAR, EXTENDED, INDIVIDUAL = 1, 2, 3, 4

_LAST_OBJECT = {BASIC: 0x02, REGULAR: 0x7F, EXTENDED: 0xFF}
_REQUEST_BYTES = 4
_PDU_MAX = 253
_HEAD_BYTES = 7
_VALUE_MAX = _PDU_MAX - _HEAD_BYTES - 2
_INDIVIDUAL_ACCESS = 0x80  # bit 7 of the conformity level: stream and individual access
_MORE_FOLLOWS = 0xFF


def identify(pdu: bytes, objects: Mapping[int, bytes]) -> bytes:
    """The response to a read; an object longer than a response can hold is cut to fit."""
    if len(pdu) >= 2 and pdu[1] != MEI_TYPE:
        raise ModbusError(ExceptionCode.ILLEGAL_FUNCTION)
    if len(pdu) != _REQUEST_BYTES or not BASIC <= pdu[2] <= INDIVIDUAL:
        raise ModbusError(ExceptionCode.ILLEGAL_DATA_VALUE)
    code, first = pdu[2], pdu[3]
    if code != INDIVIDUAL:
        ids = sorted(number for number in objects if number <= _LAST_OBJECT[code])
        # An object id that is not there starts the stream at the beginning.
        start = ids.index(first) if first in ids else 0
        return _response(code, objects, ids[start:])
    if first not in objects:
        raise ModbusError(ExceptionCode.ILLEGAL_DATA_ADDRESS)
    return _response(code, objects, [first])


def _response(code: int, objects: Mapping[int, bytes], ids: Iterable[int]) -> bytes:
    body, number, more, following = b"", 0, 0, 0
    for object_id in ids:
        value = objects[object_id][:_VALUE_MAX]
        if _HEAD_BYTES + len(body) + 2 + len(value) > _PDU_MAX:
            more, following = _MORE_FOLLOWS, object_id
            break
        body += bytes((object_id, len(value))) + value
        number += 1
    return bytes((0x2B, MEI_TYPE, code, _conformity(objects), more, following, number)) + body


def _conformity(objects: Mapping[int, bytes]) -> int:
    highest = max(objects, default=0)
    category = next(code for code, last in _LAST_OBJECT.items() if highest <= last)
    return _INDIVIDUAL_ACCESS | category
