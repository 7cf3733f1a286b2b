# SPDX-License-Identifier: Apache-2.0
"""A bank of plain memory: each table has addresses 0 to `size` - 1."""

from __future__ import annotations

from interfaces.modbus.bank import ExceptionCode, ModbusError, Table

FUNCTIONS = frozenset((1, 2, 3, 4, 5, 6, 8, 11, 12, 15, 16, 17, 22, 23, 24, 43))
FIFO_ADDRESS = 0x04DE


class FlatBank:
    def __init__(self, size: int = 0x10000, functions: frozenset[int] = FUNCTIONS) -> None:
        self.functions = functions
        self.identification = {0: b"Vendor", 1: b"Code", 2: b"1.0"}
        self.bits = {Table.COILS: [False] * size, Table.DISCRETE_INPUTS: [False] * size}
        self.words = {Table.HOLDING: [0] * size, Table.INPUT: [0] * size}
        self.fifo: list[int] = []
        self.failure: ExceptionCode | None = None

    def server_id(self) -> bytes:
        return b"\x4c\xff"

    def read_bits(self, table: Table, address: int, count: int) -> bytes:
        self._check(address, count, len(self.bits[table]))
        bits = self.bits[table][address : address + count]
        return sum(1 << index for index, bit in enumerate(bits) if bit).to_bytes((count + 7) // 8, "little")

    def read_words(self, table: Table, address: int, count: int) -> bytes:
        self._check(address, count, len(self.words[table]))
        return b"".join(word.to_bytes(2, "big") for word in self.words[table][address : address + count])

    peek_words = read_words

    def write_bits(self, now_ns: int, address: int, count: int, packed: bytes) -> None:
        self._check(address, count, len(self.bits[Table.COILS]))
        value = int.from_bytes(packed, "little")
        assert value >> count == 0
        self.bits[Table.COILS][address : address + count] = [bool(value >> index & 1) for index in range(count)]

    def write_words(self, now_ns: int, address: int, data: bytes) -> None:
        count = len(data) // 2
        self._check(address, count, len(self.words[Table.HOLDING]))
        words = [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]
        self.words[Table.HOLDING][address : address + count] = words

    def read_fifo(self, address: int) -> bytes:
        if address != FIFO_ADDRESS:
            raise ModbusError(ExceptionCode.ILLEGAL_DATA_ADDRESS)
        return b"".join(word.to_bytes(2, "big") for word in self.fifo)

    def _check(self, address: int, count: int, size: int) -> None:
        if address + count > size:
            raise ModbusError(ExceptionCode.ILLEGAL_DATA_ADDRESS)
        if self.failure is not None:
            raise ModbusError(self.failure)
