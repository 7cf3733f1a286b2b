# SPDX-License-Identifier: Apache-2.0
"""One Modbus unit as its ICD describes it: tables, checks on what a peer writes, FIFOs, identification.

The device works with plain values by name: raw integers in the ICD's units (numbers for float
registers, lists for arrays, `register.field` for a bit field). A peer's write is all or nothing: every
value is checked, then all are stored, then the device is asked; a refusal puts back what was there,
except where the device itself gave a register a value meanwhile.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from hil.devices.modbus_tables import BitTable, DataTable, Spot, WordTable, unpacked_bits
from hil.part import Output
from hil.trace.events import TRACE, Overflow, Register
from interfaces.codec.registers import WORD_BYTES, RegisterCodec, bit_field, with_bit_field
from interfaces.errors import CodecError
from interfaces.modbus.bank import ExceptionCode, ModbusError, Table
from interfaces.spec.model import BitField, Icd, Identification, ModbusMap

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
        all_tables: list[DataTable] = [*self._words.values(), *self._bits.values()]
        self._tables = {name: table for table in all_tables for name in table.spots}
        self._fields: dict[str, tuple[str, BitField]] = {
            f"{one.name}.{field.name}": (one.name, field)
            for one in (*modbus_map.holding, *modbus_map.input)
            for field in one.bits
        }
        self._fifos: dict[str, deque[int]] = {fifo.name: deque() for fifo in modbus_map.fifos}
        self._depths = {fifo.name: fifo.depth for fifo in modbus_map.fifos}
        self._fifo_at = {fifo.address: fifo.name for fifo in modbus_map.fifos}
        self._records: list[Output] = []
        self._reading = False
        self._last_set: dict[str, Any] = {}  # what the device gave a register that nobody changed since
        self._own: set[str] = set()  # what the device has set since a peer's write was stored

    # The device's side

    def has(self, name: str) -> bool:
        """Whether the map has a register, bit or bit field of this name."""
        return name in self._tables or name in self._fields

    def get(self, name: str) -> Any:
        """The plain value of a register, bit or bit field."""
        table = self._tables.get(name)
        if table is None:
            register, field = self._fields[name]
            return bit_field(field, self.get(register))
        return table.value(table.spots[name])

    def set(self, name: str, value: Any) -> None:
        """Give a register, bit or bit field a value; only a change costs anything, and is recorded.

        An array may be given its first elements alone. What `before_read` brings up to date is not
        recorded: it would change at every poll. Raises `CodecError` for what does not fit.
        """
        if self._last_set.get(name) == value:
            return
        table = self._tables.get(name)
        if table is None:
            register, field = self._fields[name]
            self.set(register, with_bit_field(field, self.get(register), value))
            return
        spot = table.spots[name]
        values = value if isinstance(value, list | tuple) else (value,)
        if len(values) > spot.count:
            raise CodecError(name, f"{len(values)} values where there are {spot.count}")
        data = table.pack(spot, values)
        self._own.add(name)
        self._last_set[name] = list(value) if isinstance(value, list) else value
        if table.exchange(spot.start, data) != data and not self._reading:
            self._records.append((TRACE, Register(self.now_ns, self._place, name, value, "device")))

    def push(self, name: str, word: int) -> None:
        """Put a word into a FIFO; a full one keeps the oldest, and what is lost is recorded."""
        if len(self._fifos[name]) < self._depths[name]:
            self._fifos[name].append(word)
        else:
            self._records.append((TRACE, Overflow(self.now_ns, self._place, f"words of {name}", 1)))

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

    def peek_words(self, table: Table, address: int, count: int) -> bytes:
        if self._before_read is not None:
            self._refresh()
        return self._words[table].read(address, count)

    def read_words(self, table: Table, address: int, count: int) -> bytes:
        if self._before_read is not None:
            self._refresh()
        words = self._words[table]
        data = words.read(address, count)
        for name in words.clear(address, count):
            self._last_set.pop(name, None)
        return data

    def read_fifo(self, address: int) -> bytes:
        name = self._fifo_at.get(address)
        if name is None:
            raise ModbusError(ExceptionCode.ILLEGAL_DATA_ADDRESS)
        words = self._fifos[name]
        if len(words) > FIFO_MAX_WORDS:
            raise ModbusError(ExceptionCode.ILLEGAL_DATA_VALUE)
        return b"".join([word.to_bytes(WORD_BYTES, "big") for word in words])

    def write_bits(self, now_ns: int, address: int, count: int, packed: bytes) -> None:
        table = self._bits[Table.COILS]
        touched = table.touched(address, count)
        self._store(now_ns, table, touched, address, unpacked_bits(packed, count))

    def write_words(self, now_ns: int, address: int, data: bytes) -> None:
        table = self._words[Table.HOLDING]
        touched = table.touched(address, len(data) // WORD_BYTES)
        start = address * WORD_BYTES
        before = table.exchange(start, data)
        fit = all(table.fits(spot, table.elements(spot, start, start + len(data))) for spot in touched)
        table.exchange(start, before)
        if not fit:
            raise ModbusError(ExceptionCode.ILLEGAL_DATA_VALUE)
        self._store(now_ns, table, touched, start, data)

    def _store(self, now_ns: int, table: DataTable, touched: Sequence[Spot], start: int, data: bytes) -> None:
        """Keep what was written if the device lets it, and record it before what the device made of it."""
        self.now_ns = now_ns
        before = table.exchange(start, data)
        self._own.clear()
        for spot in touched:
            self._last_set.pop(spot.name, None)
        written = self._written(now_ns, table, touched, start, before)
        effects = [(spot.name, table.value(spot)) for spot in touched if spot.effect is not None]
        recorded = len(self._records)
        refusal = self._on_write(now_ns, effects) if effects else None
        if refusal is None:
            self._records[recorded:recorded] = written
            return
        for spot in touched:
            if spot.name not in self._own:
                first, last = max(start, spot.start), min(start + len(before), spot.stop)
                table.exchange(first, before[first - start : last - start])
        raise ModbusError(refusal)

    def _written(
        self, now_ns: int, table: DataTable, touched: Sequence[Spot], start: int, before: bytes
    ) -> list[Output]:
        """Records of what changed or has an effect; of an array those elements that were written."""
        records: list[Output] = []
        stop = start + len(before)
        for spot in touched:
            first, last = max(start, spot.start), min(stop, spot.stop)
            if spot.effect is None and table.data[first:last] == before[first - start : last - start]:
                continue
            elements = table.elements(spot, first, last)
            values = table.part(spot, elements)
            name, value = (spot.name, values[0]) if spot.count == 1 else (f"{spot.name}[{elements.start}]", values)
            records.append((TRACE, Register(now_ns, self._place, name, value, "peer")))
        return records

    def _refresh(self) -> None:
        if self._before_read is not None:
            self._reading = True
            self._before_read(self.now_ns)
            self._reading = False


def _identification(one: Identification) -> Mapping[int, bytes]:
    objects = {code: getattr(one, name).encode() for code, name in enumerate(_OBJECTS)}
    given = {code: value for code, value in objects.items() if value or code < _BASIC_OBJECTS}
    return given | {int(code, 0): text.encode() for code, text in one.extended.items()}
