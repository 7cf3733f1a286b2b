# SPDX-License-Identifier: Apache-2.0
"""What a requirement can say, and what judging it gives."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct, field

from interfaces.spec.model import Natural, Number, Positive, Text

Milliseconds: TypeAlias = Annotated[int, Meta(ge=0)] | Annotated[float, Meta(ge=0)]
Kind: TypeAlias = Literal[
    "state",
    "message",
    "register",
    "edge",
    "answer",
    "world",
    "frame",
    "reject",
    "wire",
    "connection",
    "disturb",
    "note",
]


class Outcome(enum.Enum):
    """Fail beats inconclusive beats pass."""

    PASS = "pass"
    INCONCLUSIVE = "inconclusive"
    FAIL = "fail"


_RANK = {outcome: rank for rank, outcome in enumerate(Outcome)}


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome that decides; pass when there is none."""
    return max(outcomes, key=_RANK.__getitem__, default=Outcome.PASS)


class Verdict(Struct, frozen=True):
    """A requirement judged. `evidence` are line numbers of the trace, the first being 1."""

    requirement: str
    text: str
    outcome: Outcome
    limit: str
    figure: str
    evidence: tuple[int, ...] = ()


class Condition(Struct, frozen=True, forbid_unknown_fields=True, rename={"one_of": "in", "other_than": "not"}):
    """A test of a value. `any` is for a list: some element has these values."""

    min: Number | None = None
    max: Number | None = None
    one_of: tuple[Any, ...] | None = None
    other_than: Any = None
    any: dict[str, Any] | None = None


class Selector(Struct, frozen=True, forbid_unknown_fields=True):
    """Chooses trace records: their kind, their place (a name, or a pattern with `*`), values of theirs
    (`after`, or `fields.state` for what lies deeper) and when they came.
    """

    kind: Kind
    place: str = "*"
    where: dict[str, Any] = field(default_factory=dict)
    after_s: Milliseconds = 0
    before_s: Milliseconds | None = None


class Rule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="rule"):
    """Base of all requirements."""

    id: Annotated[str, Meta(pattern=r"^[A-Z]+(-[A-Z]+)*-\d+$")]
    text: Text


class Response(Rule, frozen=True, tag="response"):
    """Each `trigger` is followed by a `response` within the limit; `same` names a value both have.

    A trigger whose limit lies beyond the end of the run is not judged. With no trigger at all the
    verdict is `unseen`.
    """

    trigger: Selector
    response: Selector
    within_ms: Milliseconds
    same: str | None = None
    unseen: Literal["pass", "fail", "inconclusive"] = "fail"


class Never(Rule, frozen=True, tag="never"):
    """No record matches; with `unless`, none that `unless` does not precede (since the last `reset`).

    `same` names a value (`place`, say) that all three share: each is then judged for itself.
    """

    match: Selector
    unless: Selector | None = None
    reset: Selector | None = None
    same: str | None = None


class Always(Rule, frozen=True, tag="always", rename={"start": "from"}):
    """Between `from` and `until` the last record of `of` has the values `holds`: of each place, machine, register,
    line, message, command... the last of its own.
    """

    of: Selector
    holds: dict[str, Any]
    start: Selector | None = None
    until: Selector | None = None


class Order(Rule, frozen=True, tag="order"):
    """The steps are seen one after the other; within the limit from first to last, if there is one.

    A step is the first such record after the step before it. `same` names a value that all steps share: each
    value that takes the first step must take all of them, but for one that still could when the run ended.
    """

    steps: Annotated[tuple[Selector, ...], Meta(min_length=2)]
    within_ms: Milliseconds | None = None
    same: str | None = None


class Count(Rule, frozen=True, tag="count"):
    """How many records match."""

    match: Selector
    min: Natural = 0
    max: Natural | None = None


class Rate(Rule, frozen=True, tag="rate"):
    """Matching records come with a period, each within the tolerance of it, until the run (or `before_s`) ends."""

    match: Selector
    period_ms: Milliseconds
    tolerance_ms: Milliseconds
    at_least: Positive = 2


Requirement: TypeAlias = Response | Never | Always | Order | Count | Rate
