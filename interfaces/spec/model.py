# SPDX-License-Identifier: Apache-2.0
"""What an interface control document (ICD) can say, as frozen records.

The published JSON Schema is generated from these classes, so a key exists here or nowhere.
Names carry their unit (`_ms`, `_us`, `_bps`); times become integer nanoseconds by property.
Names are lower-case identifiers; enumerations and states map a name to its code on the wire.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct, field

Name: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*$", max_length=48)]
Text: TypeAlias = Annotated[str, Meta(min_length=1)]
Number: TypeAlias = int | float
Positive: TypeAlias = Annotated[int, Meta(ge=1)]
Natural: TypeAlias = Annotated[int, Meta(ge=0)]
Address: TypeAlias = Annotated[int, Meta(ge=0, le=65_535)]
Byte: TypeAlias = Annotated[int, Meta(ge=0, le=255)]

_NS = {"us": 1_000, "ms": 1_000_000, "s": 1_000_000_000}


class Doc(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of the model: immutable, so a copied bench shares it."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self


class Revision(Doc, frozen=True):
    """One line of the change history."""

    revision: Text
    date: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    note: Text


class Timing(Doc, frozen=True):
    """A named duration: period, time-out or limit, with the tolerance within which it is kept."""

    unit: Literal["us", "ms", "s"]
    value: Natural
    text: Text
    tolerance: Natural = 0

    @property
    def value_ns(self) -> int:
        return self.value * _NS[self.unit]

    @property
    def tolerance_ns(self) -> int:
        return self.tolerance * _NS[self.unit]


class Constant(Doc, frozen=True):
    """A named number that both ends need (a code, a limit, a count)."""

    value: int
    text: Text
    unit: str = ""


class Serial(Doc, frozen=True):
    """An asynchronous serial line."""

    bit_rate_bps: Positive
    data_bits: Annotated[int, Meta(ge=5, le=8)] = 8
    parity: Literal["none", "even", "odd"] = "none"
    stop_bits: Literal[1, 2] = 1
    half_duplex: bool = False
    bit_rate_tolerance_ppm: Natural = 20_000
    turnaround_max_us: Natural = 0

    @property
    def char_bits(self) -> int:
        """Bits on the wire for one character, start and stop bits included."""
        return 1 + self.data_bits + (self.parity != "none") + self.stop_bits


class Field(Doc, frozen=True):
    """One field of a message, packed most significant bit first behind the one before it.

    `order: little` swaps the bytes of a field that is a whole number of bytes wide and begins on a
    byte boundary. `eng = raw * scale + offset`; `min` and `max` are engineering values.
    `count` makes it an array: a number of elements, or the name of an earlier unsigned field.
    `fields` makes each element (or the one) a group.
    """

    name: Name
    text: str = ""
    bits: Annotated[int, Meta(ge=0, le=64)] = 0
    type: Literal["uint", "int", "float", "bool", "enum", "pad", "group"] = "uint"
    order: Literal["big", "little"] = "big"
    scale: Number = 1
    offset: Number = 0
    unit: str = ""
    min: Number | None = None
    max: Number | None = None
    enum: str | None = None
    role: Literal["value", "counter", "time_tag", "code"] = "value"
    count: Natural | str | None = None
    max_count: Positive | None = None
    fields: Annotated[tuple[Field, ...], Meta(max_length=1024)] = ()


class Message(Doc, frozen=True):
    """A framed message: the message set's header, then these fields.

    `reply` names what answers it, at the latest after `within` (a timing); `refusal` is what
    answers it when it is illegal in the receiver's state. `period` names a timing.
    """

    id: Byte
    sender: Literal["device", "controller"]
    text: Text
    fields: Annotated[tuple[Field, ...], Meta(max_length=1024)] = ()
    period: str | None = None
    reply: str | None = None
    refusal: str | None = None
    within: str | None = None


class Framing(Doc, frozen=True):
    """How messages are cut out of a byte stream. `crc` is a name of the CRC catalogue."""

    kind: Literal["cobs"]
    crc: Literal["crc16_xmodem", "crc16_ibm_3740", "crc16_kermit", "crc16_modbus", "crc16_genibus"]
    max_payload: Annotated[int, Meta(ge=1, le=1024)] = 250


class MessageSet(Doc, frozen=True):
    """All messages of one framed interface. `header` opens every message; it has one field `id`."""

    framing: Framing
    header: Annotated[tuple[Field, ...], Meta(max_length=64)]
    messages: Annotated[dict[Name, Message], Meta(max_length=256)]


class BitField(Doc, frozen=True):
    """Part of a register: bits `low`..`low + bits - 1`, bit 0 the least significant."""

    name: Name
    low: Annotated[int, Meta(ge=0, le=63)]
    bits: Annotated[int, Meta(ge=1, le=64)] = 1
    enum: str | None = None
    text: str = ""


class RegisterDef(Doc, frozen=True):
    """A value in the holding or input table; addresses are 0-based, as on the wire.

    `count` makes it an array of consecutive values. `effect` names the code that runs when a peer
    writes it; `on_read: clear` sets it to its initial value after it is read. A peer's write
    outside `min`..`max` or of an undefined `enum` code gets exception 3 (ILLEGAL DATA VALUE).
    """

    name: Name
    address: Address
    text: Text
    type: Literal["u16", "i16", "u32", "i32", "u64", "i64", "f32", "f64"] = "u16"
    word_order: Literal["ABCD", "CDAB", "BADC", "DCBA"] | None = None
    access: Literal["r", "w", "rw"] = "r"
    initial: Number = 0
    scale: Number = 1
    offset: Number = 0
    unit: str = ""
    min: Number | None = None
    max: Number | None = None
    enum: str | None = None
    bits: tuple[BitField, ...] = ()
    count: Positive = 1
    effect: Name | None = None
    on_read: Literal["keep", "clear"] = "keep"

    @property
    def words(self) -> int:
        """Registers one value takes."""
        return int(self.type[1:]) // 16


class BitDef(Doc, frozen=True):
    """A coil or discrete input; `count` makes it an array of consecutive ones."""

    name: Name
    address: Address
    text: Text
    access: Literal["r", "w", "rw"] = "r"
    initial: bool = False
    count: Positive = 1
    effect: Name | None = None


class Fifo(Doc, frozen=True):
    """A FIFO of 16-bit words read with function 24; the oldest `depth` words are kept."""

    name: Name
    address: Address
    text: Text
    depth: Annotated[int, Meta(ge=1, le=1024)] = 31
    entry: tuple[BitField, ...] = ()


class Identification(Doc, frozen=True):
    """Objects of function 43/14; `extended` are private objects 0x80 and up. `server_id` is function 17's."""

    vendor_name: Text
    product_code: Text
    revision: Text
    vendor_url: str = ""
    product_name: str = ""
    model_name: str = ""
    application_name: str = ""
    extended: dict[str, str] = field(default_factory=dict)
    server_id: Byte = 0


class ModbusMap(Doc, frozen=True):
    """The four tables of one unit type, the functions it answers and who it says it is."""

    functions: tuple[Byte, ...]
    identification: Identification
    word_order: Literal["ABCD", "CDAB", "BADC", "DCBA"] = "ABCD"
    unit: Annotated[int, Meta(ge=1, le=247)] = 1
    broadcast: bool = True
    response: str | None = None
    coils: tuple[BitDef, ...] = ()
    discrete_inputs: tuple[BitDef, ...] = ()
    holding: tuple[RegisterDef, ...] = ()
    input: tuple[RegisterDef, ...] = ()
    fifos: tuple[Fifo, ...] = ()


class Transition(Doc, frozen=True, rename={"source": "from"}):
    """A row of a state table. `event: timeout` fires `after` (a timing) from entering the state.

    `from: "*"` means every state but `to`. Rows are tried in order; the first whose guard holds
    is taken. Guards and effects are names; a test demands a body in the code for each.
    """

    source: str
    event: Name
    to: Name
    guard: Name | None = None
    effect: Name | None = None
    after: Name | None = None
    text: str = ""


class Command(Doc, frozen=True):
    """A command to a machine: legal in some states; elsewhere refused with `refused` as its reason."""

    legal: tuple[Name, ...]
    refused: Text
    text: str = ""


class Machine(Doc, frozen=True):
    """A state machine: states with their code on the wire, transitions, and commands legal in each."""

    initial: Name
    states: Annotated[dict[Name, Natural], Meta(max_length=256)]
    transitions: Annotated[tuple[Transition, ...], Meta(max_length=1024)]
    commands: dict[Name, Command] = field(default_factory=dict)


class DiscreteLine(Doc, frozen=True):
    """A two-level line. `of` redundant wires are voted, `need` of them active make the line active.

    `safe` is the logical level that is safe. Latency from a wire's edge to the voted, debounced
    value is `synchroniser_clocks + debounce_clocks + vote_clocks` of the discrete section.
    `active_in` names the states in which the interceptor holds a line of its own active.
    """

    name: Name
    driver: Literal["launcher", "interceptor"]
    text: Text
    active: Literal["high", "low"] = "high"
    safe: Literal["active", "inactive"] = "inactive"
    debounce_clocks: Natural = 0
    of: Positive = 1
    need: Positive = 1
    active_in: Annotated[tuple[Name, ...], Meta(max_length=256)] = ()


class Latency(Doc, frozen=True):
    """Clocks from a cause to an effect, all stages between included.

    `source` is `edge:<line>`, `byte:<message>` (the centre of the last stop bit) or
    `state:<state>`; `to` is `line:<line>` or `state:<state>`.
    """

    name: Name
    source: str
    to: str
    min_clocks: Natural
    max_clocks: Natural
    text: Text


class Slot(Doc, frozen=True):
    """Time-slotted sending: in each cycle of `cycle_us`, slot k begins at `first_us + k * pitch_us`.

    A frame begins within `start_tolerance_us` of its slot's begin and ends before `length_us`.
    """

    cycle_us: Positive
    first_us: Natural
    pitch_us: Positive
    length_us: Positive
    start_tolerance_us: Natural
    count: Positive


class Discrete(Doc, frozen=True):
    """A clocked interface: its clock, lines, latencies and slots."""

    clock_hz: Positive
    synchroniser_clocks: Natural
    vote_clocks: Natural
    lines: tuple[DiscreteLine, ...]
    latencies: tuple[Latency, ...] = ()
    slots: Slot | None = None


class Icd(Doc, frozen=True):
    """One interface control document."""

    icd: Literal[1]
    name: Name
    title: Text
    revision: Text
    notice: Text
    history: tuple[Revision, ...] = ()
    enums: dict[Name, dict[Name, Natural]] = field(default_factory=dict)
    timings: dict[Name, Timing] = field(default_factory=dict)
    constants: dict[Name, Constant] = field(default_factory=dict)
    serial: dict[Name, Serial] = field(default_factory=dict)
    messages: MessageSet | None = None
    modbus: ModbusMap | None = None
    machines: dict[Name, Machine] = field(default_factory=dict)
    discrete: Discrete | None = None
    requirements: dict[Annotated[str, Meta(pattern=r"^[A-Z]+-\d+$")], Text] = field(default_factory=dict)

    def time_ns(self, name: str) -> int:
        """The value of the timing `name` in ns."""
        return self.timings[name].value_ns

    def constant(self, name: str) -> int:
        """The value of the constant `name`."""
        return self.constants[name].value
