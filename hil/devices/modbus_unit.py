# SPDX-License-Identifier: Apache-2.0
"""One Modbus unit as its ICD describes it: tables, checks on what a peer writes, FIFOs, identification.

The device works with plain values by name: raw integers in the ICD's units (numbers for float
registers, lists for arrays). A peer's write is all or nothing: every value is checked, then all are
stored, then the device is asked; a refusal puts everything back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from hil.devices.modbus_tables import BitTable, Spot, WordTable
from hil.part import Output
from hil.trace.events import TRACE, Register
from interfaces.codec.registers import WORD_BYTES, RegisterCodec
from interfaces.errors import CodecError
from interfaces.modbus.bank import ExceptionCode, ModbusError, Table
from interfaces.spec.model import Icd, Identification, ModbusMap

Writes: TypeAlias = list[tuple[str, Any]]
OnWrite: TypeAlias = Callable[[int, Writes], ExceptionCode | None]

FIFO_MAX_WORDS = 31  # MODBUS Application Protocol V1.1b3, 6.18
_RUNNING = 0xFF
_OBJECTS = ("vendor_name", "product_code", "revision", "vendor_url", "product_name", "model_name", "application_name")
_BASIC_OBJECTS = 3


def obey_all(now_ns: int, writes: Writes) -> None:
    """The hook of a device that takes every write."""


class ModbusUnit:
    """A `Bank`. `on_write(now_ns, [(name, value)])` gets what a peer wrote to registers with an `effect`,
    and returns an exception code to refuse it. `before_read(now_ns)` may bring values up to date.

    The owner keeps `now_ns` at the instant of what it is doing: reads and records carry it.
    """

    def __init__(
        self,
        place: str,
        modbus_map: ModbusMap,
        icd: Icd,
        on_write: OnWrite = obey_all,
        before_read: Callable[[int], None] | None = None,
    ) -> None:
        self.now_ns = 0
        self.functions = frozenset(modbus_map.functions)
        self.identification = _identification(modbus_map.identification)
        self._place, self._on_write, self._before_read = place, on_write, before_read
        self._server_id = bytes([modbus_map.identification.server_id, _RUNNING])
        order, enums = modbus_map.word_order, icd.enums
        self._words = {
            Table.HOLDING: WordTable([RegisterCodec(one, order, enums) for one in modbus_map.holding]),
            Table.INPUT: WordTable([RegisterCodec(one, order, enums) for one in modbus_map.input]),
        }
        self._bits = {
            Table.COILS: BitTable(modbus_map.coils),
            Table.DISCRETE_INPUTS: BitTable(modbus_map.discrete_inputs),
        }
        self._tables = {name: table for table in self._all() for name in table.spots}
        self._fifos = {fifo.name: deque[int](maxlen=fifo.depth) for fifo in modbus_map.fifos}
        self._fifo_at = {fifo.address: fifo.name for fifo in modbus_map.fifos}
        self._records: list[Output] = []
        self._reading = False

    def _all(self) -> list[WordTable | BitTable]:
        return [*self._words.values(), *self._bits.values()]

    # The device's side

    def has(self, name: str) -> bool:
        """Whether the map has a register or bit of this name."""
        return name in self._tables

    def get(self, name: str) -> Any:
        """The plain value of a register or bit."""
        table = self._tables[name]
        return table.get(table.spots[name])  # type: ignore[arg-type]  # a table's spots are its own kind

    def set(self, name: str, value: Any) -> None:
        """Give a register or bit a value; only a change costs anything, and is recorded.

        An array may be given its first elements alone. What `before_read` brings up to date is not
        recorded: it would change at every poll.
        """
        table = self._tables[name]
        if isinstance(table, WordTable):
            spot = table.spots[name]
            values = value if isinstance(value, Sequence) else (value,)
            data = b"".join([spot.codec.pack(one) for one in values])
            if table.data[spot.start : spot.start + len(data)] == data:
                return
            table.data[spot.start : spot.start + len(data)] = data
        else:
            if table.get(table.spots[name]) == value:
                return
            table.put(table.spots[name].address, value if isinstance(value, Sequence) else (value,))
        if not self._reading:
            self._records.append((TRACE, Register(self.now_ns, self._place, name, value, "device")))

    def push(self, name: str, word: int) -> None:
        """Put a word into a FIFO; a full one loses its oldest."""
        self._fifos[name].append(word)

    def drop(self, name: str, count: int) -> None:
        """Take the oldest words out of a FIFO."""
        fifo = self._fifos[name]
        for _ in range(min(count, len(fifo))):
            fifo.popleft()

    def waiting(self, name: str) -> int:
        """Words in a FIFO."""
        return len(self._fifos[name])

    def take(self) -> list[Output]:
        """The trace records since the last call."""
        records, self._records = self._records, []
        return records

    # The peer's side

    def server_id(self) -> bytes:
        return self._server_id

    def read_bits(self, table: Table, address: int, count: int) -> bytes:
        self._refresh()
        return self._bits[table].read(address, count)

    def read_words(self, table: Table, address: int, count: int) -> bytes:
        self._refresh()
        return self._words[table].read(address, count)

    def read_fifo(self, address: int) -> bytes:
        name = self._fifo_at.get(address)
        if name is None:
            raise ModbusError(ExceptionCode.ILLEGAL_DATA_ADDRESS)
        words = self._fifos[name]
        if len(words) > FIFO_MAX_WORDS:
            raise ModbusError(ExceptionCode.ILLEGAL_DATA_VALUE)
        return b"".join(word.to_bytes(WORD_BYTES, "big") for word in words)

    def write_bits(self, now_ns: int, address: int, count: int, packed: bytes) -> None:
        self.now_ns = now_ns
        table = self._bits[Table.COILS]
        table.layout.demand_writable(address, count)
        before = bytes(table.data)
        number = int.from_bytes(packed, "little")
        table.put(address, [bool(number >> index & 1) for index in range(count)])
        self._written(now_ns, table, table.layout.touched(address, count), before)

    def write_words(self, now_ns: int, address: int, data: bytes) -> None:
        self.now_ns = now_ns
        table = self._words[Table.HOLDING]
        count = len(data) // WORD_BYTES
        table.layout.demand_writable(address, count)
        before = bytes(table.data)
        touched = table.layout.touched(address, count)
        table.data[address * WORD_BYTES : address * WORD_BYTES + len(data)] = data
        try:
            for spot in touched:
                values = table.get(spot)
                for value in values if isinstance(values, list) else (values,):
                    spot.codec.check(value)
        except CodecError:
            table.data[:] = before
            raise ModbusError(ExceptionCode.ILLEGAL_DATA_VALUE) from None
        self._written(now_ns, table, touched, before)

    def _written(self, now_ns: int, table: WordTable | BitTable, touched: Sequence[Spot], before: bytes) -> None:
        writes = [(spot.name, self.get(spot.name)) for spot in touched]
        effects = [write for write, spot in zip(writes, touched, strict=True) if spot.effect is not None]
        refusal = self._on_write(now_ns, effects) if effects else None
        if refusal is not None:
            table.data[:] = before
            raise ModbusError(refusal)
        for name, value in writes:
            self._records.append((TRACE, Register(now_ns, self._place, name, value, "peer")))

    def _refresh(self) -> None:
        if self._before_read is not None:
            self._reading = True
            self._before_read(self.now_ns)
            self._reading = False


def _identification(one: Identification) -> Mapping[int, bytes]:
    objects = {code: getattr(one, name).encode() for code, name in enumerate(_OBJECTS)}
    given = {code: value for code, value in objects.items() if value or code < _BASIC_OBJECTS}
    return given | {int(code, 0): text.encode() for code, text in one.extended.items()}
