# SPDX-License-Identifier: Apache-2.0
"""What a trace holds: frozen, tagged records, one JSON object a line.

`time_ns` is the instant on the bench's clock, `place` the device, link or part it happened at.
Bytes are lower-case hex. A virtual trace holds no wall time, path or host figure.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from interfaces.wire import Direction, Record

TRACE = "trace"  # the output port on which parts put their trace events

Value: TypeAlias = int | float | bool | str | None


class Event(Record, frozen=True, tag_field="kind", omit_defaults=True):
    """Base of all trace records."""

    time_ns: int
    place: str


class Head(Event, frozen=True, tag="head"):
    """First record: what is needed to repeat the run."""

    format: int
    seed: int
    scenario: str
    bench: str
    clock: str
    versions: dict[str, str]
    icds: dict[str, str]
    interceptor: str = "twin"


class Wire(Event, frozen=True, gc=False, tag="wire"):
    """A burst on a link: `place` is the link, `source` the tap or connection that sent it."""

    source: str
    start_ns: int
    end_ns: int
    data: str
    late_ns: int = 0
    flaws: str = ""


class Framed(Event, frozen=True, gc=False, tag="frame"):
    """A good frame at a device's port; `payload` is the Modbus PDU or the message."""

    port: str
    direction: Direction
    start_ns: int
    end_ns: int
    payload: str
    unit: int = -1
    transaction: int = 0


class Rejected(Event, frozen=True, gc=False, tag="reject"):
    """Bytes that were no frame."""

    port: str
    start_ns: int
    end_ns: int
    reason: str
    data: str


class Message(Event, frozen=True, tag="message"):
    """A decoded message of an ICD: field values are engineering values."""

    port: str
    direction: Direction
    message: str
    fields: dict[str, Any]


class Register(Event, frozen=True, tag="register"):
    """A register or bit took a new value; `source` is `peer` (written over the wire) or `device`."""

    name: str
    value: Any
    source: str


class Answer(Event, frozen=True, gc=False, tag="answer"):
    """A command was carried out or refused, and why (`result` is `done` or the ICD's reason)."""

    command: str
    result: str


class State(Event, frozen=True, gc=False, tag="state"):
    """A state machine moved."""

    machine: str
    before: str
    after: str
    cause: str


class Edge(Event, frozen=True, gc=False, tag="edge"):
    """A discrete line changed level; `active` already takes its polarity into account."""

    line: str
    active: bool


class World(Event, frozen=True, tag="world"):
    """Truth of the scenario: `appeared`, `gone`, `away`, `outcome`..., with its particulars."""

    what: str
    about: dict[str, Any]


class Connection(Event, frozen=True, gc=False, tag="connection"):
    """A connection opened or closed."""

    port: str
    up: bool
    text: str


class Overflow(Event, frozen=True, gc=False, tag="overflow"):
    """A bounded queue was full: `count` items of `what` were lost."""

    what: str
    count: int


class Disturbed(Event, frozen=True, tag="disturb"):
    """A planned change was applied to a part."""

    what: str
    value: Any


class Late(Event, frozen=True, gc=False, tag="late"):
    """Something due at `time_ns` was done `late_ns` after: an event that the clock served, or bytes that a
    real port was given (`place` is then the port; each is recorded).
    """

    late_ns: int


class Note(Event, frozen=True, gc=False, tag="note"):
    """Something worth a reader's eye that no other record says (a process ended, a port failed)."""

    text: str


class Judged(Event, frozen=True, tag="verdict"):
    """A verdict, appended after the run; `evidence` are line numbers of this trace."""

    requirement: str
    outcome: str
    limit: str
    figure: str
    evidence: list[int]


class End(Event, frozen=True, gc=False, tag="end"):
    """Last record of a run that was not cut off."""

    reason: str


AnyEvent: TypeAlias = (
    Head
    | Wire
    | Framed
    | Rejected
    | Message
    | Register
    | Answer
    | State
    | Edge
    | World
    | Connection
    | Overflow
    | Disturbed
    | Late
    | Note
    | Judged
    | End
)
