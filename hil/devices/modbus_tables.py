# SPDX-License-Identifier: Apache-2.0
"""The storage of one Modbus table: flat bytes, and for each address how far a request may run from it.

A register or bit is readable or writable or both; a request that touches one that is not, or a hole
in the map, is exception 2 (ILLEGAL DATA ADDRESS), as for an address that does not exist.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from interfaces.codec.registers import WORD_BYTES, RegisterCodec
from interfaces.errors import CodecError
from interfaces.modbus.bank import ExceptionCode, ModbusError
from interfaces.spec.model import BitDef, RegisterDef

_ZERO, _ONE = ord("0"), ord("1")


class Spot:
    """Where a definition stands: `start` and `stop` in the table's bytes, `step` for each element."""

    __slots__ = ("codec", "count", "effect", "name", "start", "step", "stop")

    def __init__(self, one: RegisterDef | BitDef, start: int, step: int, codec: RegisterCodec | None) -> None:
        self.name, self.effect, self.count, self.codec = one.name, one.effect, one.count, codec
        self.start, self.step, self.stop = start, step, start + step * one.count


class DataTable(ABC):
    """What both kinds of table share; `width` bytes of `data` stand for one address."""

    width: int

    def __init__(self, definitions: Sequence[RegisterDef | BitDef], spots: Sequence[Spot]) -> None:
        self.spots = {spot.name: spot for spot in spots}
        self.end = max((spot.stop for spot in spots), default=0) // self.width
        self.data = bytearray(b"0" if self.width == 1 else b"\0") * (self.end * self.width)
        self._at: list[Spot | None] = [None] * self.end
        readable, writable = bytearray(self.end), bytearray(self.end)
        for one, spot in zip(definitions, spots, strict=True):
            first, last = spot.start // self.width, spot.stop // self.width
            self._at[first:last] = [spot] * (last - first)
            readable[first:last] = bytes(["r" in one.access] * (last - first))
            writable[first:last] = bytes(["w" in one.access] * (last - first))
        self._readable, self._writable = _runs(readable), _runs(writable)

    @abstractmethod
    def pack(self, spot: Spot, values: Sequence[Any]) -> bytes:
        """Plain values, one an element, as `data` holds them. Raises `CodecError`."""

    @abstractmethod
    def unpack(self, spot: Spot, data: bytes) -> list[Any]:
        """The plain values of whole elements of `data`."""

    def value(self, spot: Spot) -> Any:
        """The plain value, or the list of an array's."""
        values = self.unpack(spot, bytes(self.data[spot.start : spot.stop]))
        return values if spot.count > 1 else values[0]

    def demand_readable(self, address: int, count: int) -> None:
        if address >= self.end or self._readable[address] < count:
            raise ModbusError(ExceptionCode.ILLEGAL_DATA_ADDRESS)

    def touched(self, address: int, count: int) -> list[Spot]:
        """What a write to a range touches, in order; every address of it must be writable."""
        if address >= self.end or self._writable[address] < count:
            raise ModbusError(ExceptionCode.ILLEGAL_DATA_ADDRESS)
        found: list[Spot] = []
        last = address + count
        while address < last:
            spot = self._at[address]
            assert spot is not None
            found.append(spot)
            address = spot.stop // self.width
        return found

    def exchange(self, start: int, data: bytes) -> bytes:
        """Put `data` there; returns what was there."""
        stop = start + len(data)
        before = bytes(self.data[start:stop])
        self.data[start:stop] = data
        return before

    def elements(self, spot: Spot, start: int, stop: int) -> range:
        """The elements of a spot that overlap `start` to `stop`."""
        first, last = max(start, spot.start) - spot.start, min(stop, spot.stop) - spot.start
        return range(first // spot.step, -(-last // spot.step))

    def part(self, spot: Spot, elements: range) -> list[Any]:
        """The plain values of some elements."""
        start, stop = spot.start + elements.start * spot.step, spot.start + elements.stop * spot.step
        return self.unpack(spot, bytes(self.data[start:stop]))


class WordTable(DataTable):
    """Holding or input registers."""

    width = WORD_BYTES

    def __init__(self, codecs: Sequence[RegisterCodec]) -> None:
        definitions = [codec.definition for codec in codecs]
        spots = [Spot(one.definition, one.definition.address * WORD_BYTES, one.value_bytes, one) for one in codecs]
        super().__init__(definitions, spots)
        self._initial: dict[str, bytes] = {}
        for one, spot in zip(definitions, spots, strict=True):
            initial = self.pack(spot, [one.initial] * one.count)
            self.exchange(spot.start, initial)
            if one.on_read == "clear":
                self._initial[spot.name] = initial

    def read(self, address: int, count: int) -> bytes:
        if address >= self.end or self._readable[address] < count:
            raise ModbusError(ExceptionCode.ILLEGAL_DATA_ADDRESS)
        return bytes(self.data[address * WORD_BYTES : (address + count) * WORD_BYTES])

    def clear(self, address: int, count: int) -> list[str]:
        """Give registers of the range that clear on read their initial value; returns those that changed."""
        start, stop = address * WORD_BYTES, (address + count) * WORD_BYTES
        cleared = []
        for name, initial in self._initial.items():
            spot = self.spots[name]
            if spot.start < stop and start < spot.stop and self.exchange(spot.start, initial) != initial:
                cleared.append(name)
        return cleared

    def fits(self, spot: Spot, elements: range) -> bool:
        """Whether a peer may leave these values there."""
        codec = spot.codec
        if codec is None or not codec.checked:
            return True
        try:
            for plain in self.part(spot, elements):
                codec.check(plain)
        except CodecError:
            return False
        return True

    def pack(self, spot: Spot, values: Sequence[Any]) -> bytes:
        assert spot.codec is not None
        return b"".join([spot.codec.pack(value) for value in values])

    def unpack(self, spot: Spot, data: bytes) -> list[Any]:
        assert spot.codec is not None
        return spot.codec.unpack_all(data)


class BitTable(DataTable):
    """Coils or discrete inputs: a character `0` or `1` each, which Python packs quickest."""

    width = 1

    def __init__(self, definitions: Sequence[BitDef]) -> None:
        spots = [Spot(one, one.address, 1, None) for one in definitions]
        super().__init__(definitions, spots)
        for one, spot in zip(definitions, spots, strict=True):
            self.exchange(spot.start, self.pack(spot, [one.initial] * one.count))

    def read(self, address: int, count: int) -> bytes:
        self.demand_readable(address, count)
        return int(self.data[address : address + count][::-1], 2).to_bytes((count + 7) // 8, "little")

    def pack(self, spot: Spot, values: Sequence[Any]) -> bytes:
        return bytes([_ONE if value else _ZERO for value in values])

    def unpack(self, spot: Spot, data: bytes) -> list[Any]:
        return [one == _ONE for one in data]


def unpacked_bits(packed: bytes, count: int) -> bytes:
    """Bits as the wire packs them, as a `BitTable` holds them."""
    return f"{int.from_bytes(packed, 'little'):0{count}b}".encode()[::-1][:count]


def _runs(flags: bytes | bytearray) -> list[int]:
    """For each address, how many from it on have their flag set."""
    runs, run = [0] * len(flags), 0
    for address in range(len(flags) - 1, -1, -1):
        run = run + 1 if flags[address] else 0
        runs[address] = run
    return runs
