# SPDX-License-Identifier: Apache-2.0
"""The one way to change a part from outside its interfaces: a scenario event or a fault."""

from __future__ import annotations

from types import NoneType
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta

from interfaces.wire import Record

DISTURB = "disturb"  # the input port on which a part receives it

Milliseconds: TypeAlias = Annotated[int, Meta(ge=0)]


class Disturb(Record, frozen=True):
    """A planned change at a place, e.g. ("local_key", False) or ("dud_cell", 3)."""

    place: str
    what: str
    value: Any = None


class Disturbance(msgspec.Struct, frozen=True):
    """What a part declares that it can suffer: in words, and the type of the value that says how."""

    text: str
    takes: Any = NoneType
