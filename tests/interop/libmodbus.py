# SPDX-License-Identifier: Apache-2.0
"""libmodbus as a master, through ctypes: only what the tests call, with its own words for errors."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from collections.abc import Sequence

# Functions of libmodbus 3.1 whose last arguments are (address, count, destination).
READS = {
    1: "modbus_read_bits",
    2: "modbus_read_input_bits",
    3: "modbus_read_registers",
    4: "modbus_read_input_registers",
}
BIT_FUNCTIONS = (1, 2, 15)
EXCEPTION_BASE = 112345678  # MODBUS_ENOBASE


def available() -> bool:
    """Whether the library is installed."""
    return ctypes.util.find_library("modbus") is not None


class MasterError(Exception):
    """What libmodbus says went wrong; `exception` is the Modbus exception code, 0 for anything else."""

    def __init__(self, number: int, text: str) -> None:
        self.exception = number - EXCEPTION_BASE if 0 < number - EXCEPTION_BASE < 12 else 0
        super().__init__(text)


class Master:
    """One connection of libmodbus, over TCP or RTU."""

    def __init__(self, context: int, library: ctypes.CDLL, unit: int) -> None:
        self._library, self._context = library, ctypes.c_void_p(context)
        self._check(library.modbus_set_slave(self._context, unit))
        library.modbus_set_response_timeout(self._context, 0, 500_000)
        self._check(library.modbus_connect(self._context))

    @classmethod
    def tcp(cls, host: str, port: int, unit: int) -> Master:
        library = _library()
        return cls(library.modbus_new_tcp(host.encode(), port), library, unit)

    @classmethod
    def rtu(cls, device: str, bit_rate: int, unit: int) -> Master:
        library = _library()
        return cls(library.modbus_new_rtu(device.encode(), bit_rate, b"N", 8, 1), library, unit)

    def close(self) -> None:
        self._library.modbus_close(self._context)
        self._library.modbus_free(self._context)

    def read(self, function: int, address: int, count: int) -> list[int]:
        kind = ctypes.c_uint8 if function in BIT_FUNCTIONS else ctypes.c_uint16
        values = (kind * max(count, 1))()
        self._check(getattr(self._library, READS[function])(self._context, address, count, values))
        return list(values)[:count]

    def write(self, function: int, address: int, values: Sequence[int]) -> None:
        if function == 5:
            result = self._library.modbus_write_bit(self._context, address, values[0])
        elif function == 6:
            result = self._library.modbus_write_register(self._context, address, values[0])
        else:
            kind = ctypes.c_uint8 if function == 15 else ctypes.c_uint16
            name = "modbus_write_bits" if function == 15 else "modbus_write_registers"
            result = getattr(self._library, name)(self._context, address, len(values), (kind * len(values))(*values))
        self._check(result)

    def mask_write(self, address: int, and_mask: int, or_mask: int) -> None:
        self._check(self._library.modbus_mask_write_register(self._context, address, and_mask, or_mask))

    def write_and_read(self, write_at: int, values: Sequence[int], read_at: int, count: int) -> list[int]:
        source, target = (ctypes.c_uint16 * len(values))(*values), (ctypes.c_uint16 * count)()
        self._check(
            self._library.modbus_write_and_read_registers(
                self._context, write_at, len(values), source, read_at, count, target
            )
        )
        return list(target)

    def server_id(self) -> bytes:
        target = (ctypes.c_uint8 * 256)()
        length = self._check(self._library.modbus_report_slave_id(self._context, 256, target))
        return bytes(target)[:length]

    def raw(self, request: bytes) -> bytes:
        """Send unit and PDU as they are, return function and first byte of the reply's PDU."""
        self._check(self._library.modbus_send_raw_request(self._context, request, len(request)))
        target = (ctypes.c_uint8 * 260)()
        self._check(self._library.modbus_receive_confirmation(self._context, target))
        at = self._library.modbus_get_header_length(self._context)
        return bytes(target)[at : at + 2]

    def _check(self, result: int) -> int:
        if result < 0:
            number = ctypes.get_errno()
            raise MasterError(number, self._library.modbus_strerror(number).decode() or os.strerror(number))
        return result


def _library() -> ctypes.CDLL:
    name = ctypes.util.find_library("modbus")
    assert name is not None
    library = ctypes.CDLL(name, use_errno=True)
    library.modbus_new_tcp.restype = library.modbus_new_rtu.restype = ctypes.c_void_p
    library.modbus_new_rtu.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_char, ctypes.c_int, ctypes.c_int]
    library.modbus_strerror.restype = ctypes.c_char_p
    return library
