# SPDX-License-Identifier: Apache-2.0
"""Cross-checks of a message set: identifiers, replies, periods, and how long a message gets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interfaces.spec.mistake import Check, Draft, Mistake, twice
from interfaces.spec.model import Field
from interfaces.spec.plain import Keys

_MESSAGES = ("messages", "messages")


def _ids(draft: Draft) -> Iterator[Mistake]:
    yield from twice((((*_MESSAGES, name, "id"), one.id) for name, one in draft.messages.items()), "id")


def _header(draft: Draft) -> Iterator[Mistake]:
    if draft.icd.messages is None:
        return
    keys = ("messages", "header")
    for at, field in enumerate(draft.icd.messages.header):
        if field.count is not None or field.fields:
            yield Mistake((*keys, at), "a header is of fixed width", "move it into the messages")
    ids = [field for field in draft.icd.messages.header if field.name == "id"]
    if not ids:
        yield Mistake(keys, "has no field `id`, which tells messages apart", "add {name: id, bits: 8}")
    elif ids[0].type != "uint":
        yield Mistake((*keys, draft.icd.messages.header.index(ids[0]), "type"), "`id` is unsigned", "take `type` out")
    else:
        yield from _wide_ids(draft, ids[0].bits)


def _wide_ids(draft: Draft, bits: int) -> Iterator[Mistake]:
    for name, message in draft.messages.items():
        if message.id >> bits:
            rule = f"is more than the header's {bits} bits hold"
            yield Mistake((*_MESSAGES, name, "id"), rule, "choose a smaller one")


def _replies(draft: Draft) -> Iterator[Mistake]:
    for name, message in draft.messages.items():
        keys = (*_MESSAGES, name)
        if message.sender == "controller" and message.reply is None and message.period is None:
            yield Mistake(keys, "a command without a reply", "write `reply:`, or `period:` for what is only heard")
        for key, answer in (("reply", message.reply), ("refusal", message.refusal)):
            yield from draft.refer("messages", (*keys, key), answer, draft.messages)
            if answer is not None and answer in draft.messages and draft.messages[answer].sender == message.sender:
                yield Mistake((*keys, key), "is sent by the same end", "name a message of the other end")


def _times(draft: Draft) -> Iterator[Mistake]:
    for name, message in draft.messages.items():
        keys = (*_MESSAGES, name)
        yield from draft.refer("timings", (*keys, "period"), message.period, draft.icd.timings)
        period = draft.icd.timings.get(message.period or "")
        if period is not None and period.tolerance >= period.value:
            rule = f"two of it may come at once: the tolerance of {message.period!r} is as long as its value"
            yield Mistake((*keys, "period"), rule, "lessen the tolerance")
        yield from draft.refer("timings", (*keys, "within"), message.within, draft.icd.timings)
        if message.within is not None and message.reply is None:
            yield Mistake((*keys, "within"), "is the limit of a reply, and there is none", "write `reply:` too")


def _lengths(draft: Draft) -> Iterator[Mistake]:
    messages = draft.icd.messages
    if messages is None:
        return
    for name, message in draft.messages.items():
        size = (most_bits((*messages.header, *message.fields)) + 7) // 8
        if size > messages.framing.max_payload:
            rule = f"takes up to {size} bytes, more than max_payload, {messages.framing.max_payload}"
            yield Mistake((*_MESSAGES, name), rule, "shorten it, or raise `max_payload`")


def _alignments(draft: Draft) -> Iterator[Mistake]:
    if draft.icd.messages is None:
        return
    header = draft.icd.messages.header
    yield from _misplaced(("messages", "header"), header, 0)
    for name, message in draft.messages.items():
        yield from _misplaced((*_MESSAGES, name, "fields"), message.fields, most_bits(header))


def _misplaced(keys: Keys, fields: Sequence[Field], at: int | None) -> Iterator[Mistake]:
    """Little-endian fields off a byte boundary, in groups too; `at` is None where the place varies."""
    for index, field in enumerate(fields):
        element = most_bits(field.fields) if field.fields else field.bits
        repeated = field.count is not None and element % 8 != 0
        start = None if repeated else at
        yield from _misplaced((*keys, index, "fields"), field.fields, start)
        if field.order == "little" and not field.fields and (start is None or start % 8):
            rule = "not every value of it begins on a byte boundary"
            yield Mistake((*keys, index, "order"), rule, "put a pad before it")
        if isinstance(field.count, str):
            at = None if element % 8 else at
        elif at is not None:
            at += element * (field.count if field.count is not None else 1)


def most_bits(fields: Sequence[Field]) -> int:
    """The width of all fields, arrays at their longest."""
    total = 0
    for field in fields:
        element = most_bits(field.fields) if field.fields else field.bits
        most = field.max_count if isinstance(field.count, str) else field.count
        total += element * (1 if field.count is None else most or 0)
    return total


CHECKS: Sequence[Check] = (_ids, _header, _replies, _times, _lengths, _alignments)
