# SPDX-License-Identifier: Apache-2.0
"""What a bench file and a scenario file can say. Sections marked raw are parsed by their owners."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct, field

from interfaces.spec.model import Name, Natural, Number, Positive, Text
from interfaces.wire import NS_PER_S

CONTROLLER = "controller"  # the place of the controller under test, in files and in traces

Endpoint: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]
# 100 days at most: every instant of a run fits the 64 bits that a trace has for it.
Seconds: TypeAlias = Annotated[int, Meta(ge=0, le=8_640_000)] | Annotated[float, Meta(ge=0, le=8_640_000)]


def seconds_to_ns(seconds: Number) -> int:
    """Exact for what the file's decimal text says."""
    return int(Decimal(str(seconds)) * NS_PER_S)


class Section(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Base of the model."""


class DeviceDef(Section, frozen=True):
    """A device: `kind` names its class; `icd` a shipped ICD or a file by the bench, in place of the class's own."""

    kind: Text
    icd: str | None = None
    options: dict[str, Any] = field(default_factory=dict)


class LineDef(Section, frozen=True):
    """A line between ports, each written `device.port` or `controller.port`.

    `serial` and `rs485` join `taps`; `serial: launcher.rtu` takes rate and format from that section
    of an ICD. `tcp` joins a `server` and a `client`. `port` says what the controller's end is on the
    real clock: `pty` or a device's path (serial, rs485), or `host:port` (tcp). A line that is not
    `paced` takes no time on a real port. `direction` says who switches an RS-485 transceiver: most
    adapters do so by themselves; `driver` lets the serial driver do it with RTS.
    """

    medium: Literal["serial", "rs485", "tcp"]
    taps: tuple[Endpoint, ...] = ()
    server: Endpoint | None = None
    client: Endpoint | None = None
    serial: str | None = None
    bit_rate_bps: Positive | None = None
    parity: Literal["none", "even", "odd"] = "none"
    stop_bits: Literal[1, 2] = 1
    port: str | None = None
    direction: Literal["adapter", "driver"] = "adapter"
    paced: bool = True


class Bench(Section, frozen=True):
    """A bench file."""

    bench: Literal[1]
    name: Name
    devices: dict[Name, DeviceDef]
    lines: dict[Name, LineDef]
    text: str = ""


class ControllerDef(Section, frozen=True):
    """The controller under test: a Python class (inside the bench) or a command (a process).

    A scenario names the program it tests, so running a scenario runs that program.
    """

    python: str | None = None
    command: Annotated[tuple[Text, ...], Meta(min_length=1)] | None = None
    options: dict[str, Any] = field(default_factory=dict)


class EventDef(Section, frozen=True):
    """At `at_s` a disturbance of a place, as the place's class declares it."""

    at_s: Seconds
    place: Name
    disturb: Name
    value: Any = None


class Scenario(Section, frozen=True):
    """A scenario file. `world` and `requirements` are raw; `expect` names the verdict of each requirement."""

    scenario: Literal[1]
    name: Name
    title: Text
    bench: Text
    duration_s: Seconds
    text: str = ""
    seed: Natural = 1
    controller: ControllerDef | None = None
    world: dict[str, Any] | None = None
    events: tuple[EventDef, ...] = ()
    requirements: list[Any] = field(default_factory=list)
    expect: dict[str, Literal["pass", "fail", "inconclusive"]] = field(default_factory=dict)
