# SPDX-License-Identifier: Apache-2.0
"""What the server side of Modbus asks of one unit's data. Addresses are 0-based, as on the wire."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Protocol


class ExceptionCode(enum.IntEnum):
    """MODBUS Application Protocol V1.1b3, section 7."""

    ILLEGAL_FUNCTION = 0x01
    ILLEGAL_DATA_ADDRESS = 0x02
    ILLEGAL_DATA_VALUE = 0x03
    SERVER_DEVICE_FAILURE = 0x04
    ACKNOWLEDGE = 0x05
    SERVER_DEVICE_BUSY = 0x06
    NEGATIVE_ACKNOWLEDGE = 0x07
    MEMORY_PARITY_ERROR = 0x08
    GATEWAY_PATH_UNAVAILABLE = 0x0A
    GATEWAY_TARGET_FAILED_TO_RESPOND = 0x0B


class Table(enum.Enum):
    """The four tables of a unit."""

    COILS = "coils"
    DISCRETE_INPUTS = "discrete_inputs"
    HOLDING = "holding"
    INPUT = "input"


class ModbusError(Exception):
    """A request that is refused; it becomes the exception response, nobody else sees it."""

    def __init__(self, code: ExceptionCode) -> None:
        self.code = code
        super().__init__(code.name)


class Bank(Protocol):
    """One unit's tables, FIFOs and identification.

    Quantities are checked against the standard's limits before a call; whether every address of the
    range is there (the last may lie beyond 65535) is the bank's to say. Reading changes nothing: function
    23 may read its range twice. A call that raises `ModbusError` has changed nothing. Bits are
    packed as on the wire (first address in bit 0 of the first byte, unused bits 0), words are big-endian.
    """

    @property
    def functions(self) -> frozenset[int]:
        """Function codes that are answered; all others get exception 1."""
        ...

    @property
    def identification(self) -> Mapping[int, bytes]:
        """Objects of function 43/14 by object id; 0 to 2 are always there."""
        ...

    def server_id(self) -> bytes:
        """Function 17: the server id, the run indicator (0x00 or 0xFF) and additional data."""
        ...

    def read_bits(self, table: Table, address: int, count: int) -> bytes: ...

    def read_words(self, table: Table, address: int, count: int) -> bytes: ...

    def peek_words(self, table: Table, address: int, count: int) -> bytes:
        """As `read_words`, but what a read would clear stays as it is."""
        ...

    def write_bits(self, now_ns: int, address: int, count: int, packed: bytes) -> None: ...

    def write_words(self, now_ns: int, address: int, data: bytes) -> None: ...

    def read_fifo(self, address: int) -> bytes:
        """The words in the FIFO, oldest first, none taken out; more than 31 are refused (6.18)."""
        ...
