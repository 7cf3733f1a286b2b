# SPDX-License-Identifier: Apache-2.0
"""The storage of one Modbus table: flat bytes, and for each address how far a request may run from it.

A register or bit is readable or writable or both; a request that touches one that is not, or a hole
in the map, is exception 2 (ILLEGAL DATA ADDRESS), as for an address that does not exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from interfaces.codec.registers import WORD_BYTES, RegisterCodec
from interfaces.modbus.bank import ExceptionCode, ModbusError
from interfaces.spec.model import BitDef

_ZERO, _ONE = ord("0"), ord("1")


class Spot:
    """Where a definition stands: address and width in registers or bits."""

    def __init__(self, name: str, address: int, width: int, access: str, effect: str | None) -> None:
        self.name, self.address, self.width, self.access, self.effect = name, address, width, access, effect


S = TypeVar("S", bound=Spot)


class Layout(Generic[S]):
    """The spots of one table, by address."""

    def __init__(self, spots: Sequence[S]) -> None:
        self.end = max((spot.address + spot.width for spot in spots), default=0)
        self._at: list[S | None] = [None] * self.end
        for spot in spots:
            self._at[spot.address : spot.address + spot.width] = [spot] * spot.width
        self._readable = self._runs("r")
        self._writable = self._runs("w")

    def _runs(self, letter: str) -> list[int]:
        runs = [0] * (self.end + 1)
        for address in range(self.end - 1, -1, -1):
            spot = self._at[address]
            runs[address] = runs[address + 1] + 1 if spot is not None and letter in spot.access else 0
        return runs

    def demand_readable(self, address: int, count: int) -> None:
        if address >= self.end or self._readable[address] < count:
            raise ModbusError(ExceptionCode.ILLEGAL_DATA_ADDRESS)

    def demand_writable(self, address: int, count: int) -> None:
        if address >= self.end or self._writable[address] < count:
            raise ModbusError(ExceptionCode.ILLEGAL_DATA_ADDRESS)

    def touched(self, address: int, count: int) -> list[S]:
        """The spots that a range of valid addresses overlaps, in order."""
        found: list[S] = []
        while count > 0:
            spot = self._at[address]
            assert spot is not None
            found.append(spot)
            step = spot.address + spot.width - address
            address, count = address + step, count - step
        return found


class WordSpot(Spot):
    """A register definition in its table."""

    def __init__(self, codec: RegisterCodec) -> None:
        one = codec.definition
        super().__init__(one.name, one.address, codec.size // WORD_BYTES, one.access, one.effect)
        self.codec = codec
        self.initial = codec.pack(one.initial) * one.count
        self.clears = one.on_read == "clear"
        self.start, self.stop = one.address * WORD_BYTES, one.address * WORD_BYTES + codec.size


class WordTable:
    """Holding or input registers."""

    def __init__(self, codecs: Sequence[RegisterCodec]) -> None:
        self.spots = {codec.definition.name: WordSpot(codec) for codec in codecs}
        self.layout = Layout(list(self.spots.values()))
        self.data = bytearray(self.layout.end * WORD_BYTES)
        self._clearing = [spot for spot in self.spots.values() if spot.clears]
        for spot in self.spots.values():
            self.data[spot.start : spot.stop] = spot.initial

    def read(self, address: int, count: int) -> bytes:
        self.layout.demand_readable(address, count)
        start, stop = address * WORD_BYTES, (address + count) * WORD_BYTES
        data = bytes(self.data[start:stop])
        for spot in self._clearing:
            if spot.start < stop and start < spot.stop:
                self.data[spot.start : spot.stop] = spot.initial
        return data

    def get(self, spot: WordSpot) -> float | list[float]:
        """The plain value, or the list of an array's."""
        step = spot.codec.value_bytes
        values = [spot.codec.unpack(bytes(self.data[at : at + step])) for at in range(spot.start, spot.stop, step)]
        return values if spot.codec.definition.count > 1 else values[0]


class BitSpot(Spot):
    """A coil or discrete input in its table."""

    def __init__(self, one: BitDef) -> None:
        super().__init__(one.name, one.address, one.count, one.access, one.effect)
        self.initial = one.initial


class BitTable:
    """Coils or discrete inputs: a character `0` or `1` each, which Python packs quickest."""

    def __init__(self, definitions: Sequence[BitDef]) -> None:
        self.spots = {one.name: BitSpot(one) for one in definitions}
        self.layout = Layout(list(self.spots.values()))
        self.data = bytearray(b"0" * self.layout.end)
        for spot in self.spots.values():
            self.put(spot.address, [spot.initial] * spot.width)

    def read(self, address: int, count: int) -> bytes:
        self.layout.demand_readable(address, count)
        return int(self.data[address : address + count][::-1], 2).to_bytes((count + 7) // 8, "little")

    def put(self, address: int, values: Sequence[bool]) -> None:
        self.data[address : address + len(values)] = bytes(_ONE if value else _ZERO for value in values)

    def get(self, spot: BitSpot) -> bool | list[bool]:
        values = [one == _ONE for one in self.data[spot.address : spot.address + spot.width]]
        return values if spot.width > 1 else values[0]
