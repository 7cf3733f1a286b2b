# SPDX-License-Identifier: Apache-2.0
"""A bench's words, and what the check says of one requirement or selector over them."""

from __future__ import annotations

from typing import Any

import msgspec

from hil.verdicts.check import check
from hil.verdicts.vocabulary import Described, vocabulary
from interfaces.spec.load import shipped
from tests.hil.verdicts.records import requirement

RADAR, LAUNCHER = shipped("radar"), shipped("launcher")
WORDS = vocabulary(
    [
        Described("radar1", RADAR, tracks=range(1, 1001)),
        Described("land1", LAUNCHER, cells=4),
        Described("mine", LAUNCHER, foreign=True),
    ],
    ["bus"],
    shipped("interceptor"),
)


def mistakes(rule: str, **keys: Any) -> list[tuple[Any, ...]]:
    return [msgspec.structs.astuple(one) for one in check([requirement(rule, **keys)], WORDS)]


def of(kind: str, **keys: Any) -> list[tuple[Any, ...]]:
    """The mistakes of one selector, without the path to it."""
    found = mistakes("never", match={"kind": kind, **keys})
    return [(".".join(map(str, path[2:])), rule, mend) for path, rule, mend in found]
