# SPDX-License-Identifier: Apache-2.0
"""The one way to change a device from outside its interfaces: a scenario event or a fault."""

from __future__ import annotations

from typing import Any

from interfaces.wire import Record

DISTURB = "disturb"  # the input port on which a part receives it


class Disturb(Record, frozen=True):
    """A planned change at a place, e.g. ("key", False) or ("dud_cell", 3); parts declare `DISTURBANCES`."""

    place: str
    what: str
    value: Any = None
