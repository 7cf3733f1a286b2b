# SPDX-License-Identifier: Apache-2.0
"""How long a PDU is, told from its first bytes; for cutting glued RTU bytes by content.

Both functions take the bytes and the index of the function code, and return None where the length
cannot be told: an unknown function code, or too few bytes. Function 8 counts with one data word, all
but the loopback have no other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

_Rule: TypeAlias = tuple[int, int]  # (index of the byte count, bytes besides what it counts)

_REQUEST_FIXED = {1: 5, 2: 5, 3: 5, 4: 5, 5: 5, 6: 5, 7: 1, 8: 5, 11: 1, 12: 1, 17: 1, 22: 7, 24: 3, 43: 4}
_REQUEST_COUNTED: Mapping[int, _Rule] = {15: (5, 6), 16: (5, 6), 20: (1, 2), 21: (1, 2), 23: (9, 10)}

_RESPONSE_FIXED = {5: 5, 6: 5, 7: 2, 8: 5, 11: 5, 15: 5, 16: 5, 22: 7}
_RESPONSE_COUNTED: Mapping[int, _Rule] = dict.fromkeys((1, 2, 3, 4, 12, 17, 20, 21, 23), (1, 2))

_EXCEPTION_BIT = 0x80
_EXCEPTION_BYTES = 2


def request_length(data: bytes, at: int) -> int | None:
    """Bytes of the request PDU whose function code is `data[at]`."""
    return _length(data, at, _REQUEST_FIXED, _REQUEST_COUNTED)


def response_length(data: bytes, at: int) -> int | None:
    """Bytes of the response or exception PDU whose function code is `data[at]`."""
    if at >= len(data):
        return None
    function = data[at]
    if function & _EXCEPTION_BIT:
        return _EXCEPTION_BYTES
    own_rule = _RESPONSE_OWN.get(function)
    return own_rule(data, at) if own_rule else _length(data, at, _RESPONSE_FIXED, _RESPONSE_COUNTED)


def _length(data: bytes, at: int, fixed: Mapping[int, int], counted: Mapping[int, _Rule]) -> int | None:
    if at >= len(data):
        return None
    function = data[at]
    rule = counted.get(function)
    if rule is None:
        return fixed.get(function)
    index, besides = rule
    return besides + data[at + index] if at + index < len(data) else None


def _fifo_length(data: bytes, at: int) -> int | None:
    """Function 24 counts its bytes in a word (6.18)."""
    return 3 + int.from_bytes(data[at + 1 : at + 3], "big") if at + 3 <= len(data) else None


def _identification_length(data: bytes, at: int) -> int | None:
    """Function 43/14 lists objects of (id, length, value) (6.21)."""
    if at + 7 > len(data):
        return None
    end = at + 7
    for _ in range(data[at + 6]):
        if end + 2 > len(data):
            return None
        end += 2 + data[end + 1]
    return end - at


_RESPONSE_OWN: Mapping[int, Callable[[bytes, int], int | None]] = {24: _fifo_length, 43: _identification_length}
