# SPDX-License-Identifier: Apache-2.0
"""The Verilated interceptor by ctypes: clocks in, reports out. `interceptor.cpp` is the other side of each name."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Sequence
from ctypes import POINTER, c_int, c_uint8, c_uint32, c_uint64, c_void_p
from pathlib import Path
from typing import Any, ClassVar

from firmware_sim.build import build_library
from firmware_sim.pins import Pins
from firmware_sim.sources import RTL, read_files
from interfaces.errors import BenchError
from interfaces.spec.model import Icd
from interfaces.wire import NS_PER_S, NS_PER_US, Burst, Flaw, Mark

FOREVER = (1 << 64) - 1
MAX_CHARS = 1024
TOP = "interceptor_top"
UMBILICAL = "umbilical"
COUNTERS = RTL / "counters.vlt"
# Without timing statements in the RTL no scheduler is wanted; assertions stay on.
FLAGS = ("--no-timing", "--savable", "--assert", "-Wno-fatal")

_HERE = Path(__file__).parent
_SHIM = _HERE / "interceptor.cpp"
_HEADERS = (_HERE / "counters.h", _HERE / "uart_pins.h")
_FLAWS = (None, Flaw.PARITY, Flaw.FRAMING, Flaw.BREAK)


class AssertionFailedError(BenchError):
    """The RTL broke a rule of its own. Its author must act."""

    def __init__(self) -> None:
        super().__init__("an assertion of the RTL failed, which is named above; find it in firmware_sim/rtl")


class Limits(ctypes.Structure):
    """The ICD's numbers that counters are compared with (`counters.h`)."""

    _fields_: ClassVar[Any] = [
        ("clocks_per_us", c_uint64),
        ("wrap_us", c_uint64),
        ("second_us", c_uint64),
        ("cycle_us", c_uint64),
        ("slew_interval_us", c_uint64),
        ("link_clocks", c_uint64),
        ("sequence_clocks", c_uint64),
        ("free_clocks", c_uint64),
    ]


class Counters(ctypes.Structure):
    """The counters, and what decides how far they may be advanced (`counters.h`)."""

    _fields_: ClassVar[Any] = [
        (name, c_uint64)
        for name in (
            *("timer", "link", "sequence", "phase", "length", "us", "cycle_us", "second_us", "slew_us", "since_pps"),
            *("running", "timer_limit", "slewing", "slot_us", "slot_waits"),
        )
    ]


class Format(ctypes.Structure):
    """The umbilical's characters (`uart_pins.h`)."""

    _fields_: ClassVar[Any] = [
        ("bit_clocks", c_uint64),
        ("data_bits", c_uint64),
        ("parity_on", c_uint64),
        ("parity_odd", c_uint64),
        ("stop_bits", c_uint64),
    ]


class Report(ctypes.Structure):
    """What there is to tell of one clock (`interceptor.cpp`)."""

    _fields_: ClassVar[Any] = [
        ("clock", c_uint64),
        ("moved", c_uint32),
        ("outputs", c_uint32),
        ("state", c_uint32),
        ("cause", c_uint32),
        ("answered", c_uint32),
        ("refused", c_uint32),
        ("command", c_uint32),
        ("reason", c_uint32),
        ("spoken", c_uint32),
        ("rejected", c_uint32),
        ("spoken_begin", c_uint64),
        ("data", c_uint8 * MAX_CHARS),
        ("flaws", c_uint8 * MAX_CHARS),
    ]

    clock: int
    moved: int
    outputs: int
    state: int
    cause: int
    answered: int
    refused: int
    command: int
    reason: int
    spoken: int
    rejected: int
    spoken_begin: int
    data: Any
    flaws: Any

    def marks(self) -> tuple[Mark, ...]:
        """The flaws of the burst that ended here."""
        flaws = ((index, _FLAWS[flaw]) for index, flaw in enumerate(bytes(self.flaws[: self.spoken])))
        return tuple(Mark(index, flaw) for index, flaw in flaws if flaw is not None)


def limits(icd: Icd) -> Limits:
    """What the ICD says of each counter."""
    discrete = icd.discrete
    assert discrete is not None
    assert discrete.slots is not None
    period_ns = NS_PER_S // discrete.clock_hz
    free_ns = icd.time_ns("pps_lost") + icd.time_ns("holdover_limit")
    return Limits(
        discrete.clock_hz // (NS_PER_S // NS_PER_US),
        icd.constant("time_wrap_us"),
        icd.time_ns("pps_period") // NS_PER_US,
        discrete.slots.cycle_us,
        icd.constant("slew_interval_us"),
        icd.time_ns("link_silence") // period_ns,
        icd.time_ns("sequence_limit") // period_ns,
        free_ns // period_ns,
    )


def character_format(icd: Icd) -> Format:
    """The umbilical's characters; raises ValueError where a bit is no whole number of clocks."""
    serial, discrete = icd.serial[UMBILICAL], icd.discrete
    assert discrete is not None
    if discrete.clock_hz % serial.bit_rate_bps:
        raise ValueError(f"{icd.name}: the model wants a bit of whole clocks, not {serial.bit_rate_bps} bit/s")
    parity = serial.parity
    bit_clocks = discrete.clock_hz // serial.bit_rate_bps
    return Format(bit_clocks, serial.data_bits, parity != "none", parity == "odd", serial.stop_bits)


@functools.cache
def load(flags: Sequence[str] = FLAGS) -> ctypes.CDLL:
    """The library, built where the cache has none. Raises `AbsentError` or `BuildError`."""
    path = build_library("interceptor", TOP, (*read_files(), COUNTERS, *_HEADERS), _SHIM, flags=flags)
    library = ctypes.CDLL(str(path))
    cell = c_void_p
    _declare(library, "hil_new", cell, POINTER(Limits), POINTER(Format), c_uint32)
    _declare(library, "hil_delete", None, cell)
    _declare(library, "hil_skipping", None, cell, c_int)
    _declare(library, "hil_clock", c_uint64, cell)
    _declare(library, "hil_wire", None, cell, c_uint32, c_int)
    _declare(library, "hil_hear", None, cell, c_uint64, ctypes.c_char_p, ctypes.c_char_p, c_int)
    _declare(library, "hil_run", c_int, cell, c_uint64, POINTER(Report))
    _declare(library, "hil_run_blind", None, cell, c_uint64)
    _declare(library, "hil_keep", None, cell)
    _declare(library, "hil_give_back", None, cell)
    _declare(library, "hil_copy", None, cell, cell)
    _declare(library, "hil_horizon", c_uint64, POINTER(Limits), POINTER(Counters))
    _declare(library, "hil_advance", None, POINTER(Limits), POINTER(Counters), c_uint64)
    return library


def _declare(library: ctypes.CDLL, name: str, result: Any, *arguments: Any) -> None:
    function = getattr(library, name)
    function.restype, function.argtypes = result, arguments


class Cell:
    """One interceptor. Clock edge n is n periods from the bench's zero; the model stands at edge `clock`."""

    __slots__ = ("_cell", "_icd", "_library", "_pins", "_report")

    def __init__(self, icd: Icd, pins: Pins) -> None:
        self._icd, self._pins = icd, pins
        self._library = load()
        self._report = Report()
        self._cell = self._library.hil_new(limits(icd), character_format(icd), pins.idle_wires)

    def __del__(self) -> None:
        if hasattr(self, "_cell"):
            self._library.hil_delete(self._cell)

    @property
    def clock(self) -> int:
        return int(self._library.hil_clock(self._cell))

    def drive(self, bit: int, level: bool) -> None:
        """A pin of `wires_i` from now on."""
        self._library.hil_wire(self._cell, bit, level)

    def hear(self, clock: int, burst: Burst) -> None:
        """Characters for the receiver, the first start bit standing after edge `clock`."""
        flaws = bytearray(len(burst.data))
        for mark in burst.marks:
            flaws[mark.index] = _FLAWS.index(mark.flaw)
        self._library.hil_hear(self._cell, clock, burst.data, bytes(flaws), len(burst.data))

    def run(self, until: int) -> Report | None:
        """On to edge `until`, or to the first one of which there is something to tell.

        The report is good until the next call. With `FOREVER` and nothing that can happen any more it returns None
        where it stands. Raises `AssertionFailedError`.
        """
        told = self._library.hil_run(self._cell, until, self._report)
        if told < 0:
            raise AssertionFailedError
        return self._report if told else None

    def run_blind(self, clocks: int) -> None:
        """Step, look at nothing, skip nothing."""
        self._library.hil_run_blind(self._cell, clocks)

    def skip(self, on: bool) -> None:
        """Whether quiet spans are skipped (they are, unless told otherwise)."""
        self._library.hil_skipping(self._cell, on)

    def keep(self) -> None:
        """Remember all of it, once."""
        self._library.hil_keep(self._cell)

    def give_back(self) -> None:
        """Be as remembered."""
        self._library.hil_give_back(self._cell)

    def copy(self) -> Cell:
        """Another one that goes on alike."""
        other = Cell(self._icd, self._pins)
        self._library.hil_copy(other._cell, self._cell)
        return other
