# SPDX-License-Identifier: Apache-2.0
"""CRC-16 by catalogue name (`crc16_xmodem`, ...), computed by fastcrc."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from fastcrc import crc16

Crc16: TypeAlias = Callable[[bytes], int]

_PREFIX = "crc16_"

modbus: Crc16 = crc16.modbus


def crc16_named(name: str) -> Crc16:
    """The algorithm of that name; ValueError for a name that fastcrc's catalogue does not have."""
    bare = name.removeprefix(_PREFIX)
    if not name.startswith(_PREFIX) or bare not in crc16.algorithms_available:
        raise ValueError(f"no CRC-16 of the name {name!r}")
    algorithm: Crc16 = getattr(crc16, bare)
    return algorithm
