# SPDX-License-Identifier: Apache-2.0
"""What the bench's process and the simulation it starts tell one another."""

from __future__ import annotations

import msgspec

from hil.verdicts.model import Verdict

ORDER = "HIL_RTL_ORDER"  # the environment variable that names the file


class Order(msgspec.Struct, frozen=True):
    """What is to be played. The answer is written beside it."""

    scenario: str
    seats: int
    answer: str
    trace: str | None = None
    seed: int | None = None
    controller: str | None = None
    devices: dict[str, str] = {}


class Played(msgspec.Struct, frozen=True):
    """The verdicts, or why there are none; `stepped` is how many clocks the RTL took."""

    verdicts: list[Verdict] = []
    end_ns: int = 0
    stepped: int = 0
    problem: str = ""
