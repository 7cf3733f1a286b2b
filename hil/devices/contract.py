# SPDX-License-Identifier: Apache-2.0
"""What the bench asks of a device class, ours or a user's own (entry point group `hil.devices`).

A device is a pure part. `Options` is a msgspec struct of the keys it takes in the bench file;
its constructor gets the name, the ICD, those options and the run's seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

import msgspec

from hil.disturb import Disturbance
from hil.part import Outputs
from interfaces.spec.model import Icd


class DeviceOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of a device's options in the bench file."""


class Device(Protocol):
    """A part that a bench file can name.

    `PORTS` maps each wire port to what it speaks: `serial` (bursts on a line), `tcp` (dynamic
    connections, `tcp#<n>`). `DISTURBANCES` maps what `Disturb` may change (received on the port
    `disturb`) to its words and the type of its value. `uses_world` connects its port `world` to the world;
    `cells` interceptor bodies are connected to its ports `lines.<k>` and `umbilical.<k>`, k from 1.
    """

    ICD: ClassVar[str]
    Options: ClassVar[type[DeviceOptions]]
    PORTS: ClassVar[Mapping[str, str]]
    DISTURBANCES: ClassVar[Mapping[str, Disturbance]]

    name: str
    uses_world: bool
    cells: int

    def __init__(self, name: str, icd: Icd, options: Any, seed: int) -> None: ...

    @property
    def deadline_ns(self) -> int | None: ...

    def receive(self, now_ns: int, port: str, item: Any) -> Outputs: ...

    def expire(self, now_ns: int) -> Outputs: ...
