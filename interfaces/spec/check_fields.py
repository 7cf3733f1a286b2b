# SPDX-License-Identifier: Apache-2.0
"""Cross-checks of a message's fields, each by itself and with its neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interfaces.spec.check_values import FLOAT_MOST, Kind, check_value
from interfaces.spec.mistake import Check, Draft, Mistake, twice
from interfaces.spec.model import Field
from interfaces.spec.nearest import nearest
from interfaces.spec.plain import Keys

_KINDS: dict[str, Kind] = {"uint": "uint", "int": "int", "float": "float", "enum": "uint"}


def _names_twice(draft: Draft) -> Iterator[Mistake]:
    """A message's fields stand beside the header's; a group's by themselves."""
    header = draft.icd.messages.header if draft.icd.messages is not None else ()
    for keys, fields in draft.field_lists():
        before = header if _beside_header(keys) else ()
        places = [(keys, field.name) for field in before]
        places += [((*keys, at, "name"), field.name) for at, field in enumerate(fields)]
        yield from twice(places, "a field")


def _widths(draft: Draft) -> Iterator[Mistake]:
    for keys, fields in draft.field_lists():
        for at, field in enumerate(fields):
            yield from _width((*keys, at), field)


def _width(keys: Keys, field: Field) -> Iterator[Mistake]:
    if field.type == "group":
        if field.bits:
            yield Mistake((*keys, "bits"), "a group is as wide as its fields", "take `bits` out")
        if not field.fields:
            yield Mistake((*keys, "fields"), "a group without fields", "write `fields: [...]`")
        return
    if field.fields:
        yield Mistake((*keys, "fields"), f"a field of type {field.type} has none", "write `type: group`")
    elif not field.bits:
        yield Mistake((*keys, "bits"), "the field has no width", "write `bits:`, 1 to 64")
    if field.type == "float" and field.bits not in FLOAT_MOST:
        yield Mistake((*keys, "bits"), "a float has 16, 32 or 64 bits", "choose one of them")
    if field.order == "little" and field.bits % 8:
        yield Mistake((*keys, "order"), "only whole bytes can be swapped", "make `bits` a multiple of 8")


def _values(draft: Draft) -> Iterator[Mistake]:
    for keys, fields in draft.field_lists():
        for at, field in enumerate(fields):
            here = (*keys, at)
            if (field.type == "enum") != (field.enum is not None):
                yield Mistake((*here, "enum"), "`enum:` and `type: enum` go together", "write both")
            if field.role != "value" and field.type != "uint":
                yield Mistake((*here, "role"), f"a {field.role} is an unsigned integer", "write `type: uint`")
            if field.type in _KINDS and field.bits:
                yield from check_value(draft, here, field, field.bits, _KINDS[field.type])


def _counts(draft: Draft) -> Iterator[Mistake]:
    header = draft.icd.messages.header if draft.icd.messages is not None else ()
    for keys, fields in draft.field_lists():
        before = header if _beside_header(keys) else ()
        for at, field in enumerate(fields):
            if isinstance(field.count, str):
                yield from _count((*keys, at), field, field.count, (*before, *fields[:at]))


def _count(keys: Keys, field: Field, count: str, earlier: Sequence[Field]) -> Iterator[Mistake]:
    known = {one.name: one for one in earlier if one.type == "uint" and one.count is None}
    if count not in known:
        rule = "names no unsigned field before this one"
        yield Mistake((*keys, "count"), rule, nearest(count, known))
        return
    if field.max_count is None:
        yield Mistake(keys, "the key 'max_count' is missing", "write the most elements there can be")
    elif field.max_count >> known[count].bits:
        rule = f"is more than {count!r} can say in {known[count].bits} bits"
        yield Mistake((*keys, "max_count"), rule, "lessen it, or widen the count")


def _beside_header(keys: Keys) -> bool:
    """Whether a list of fields is a message's own."""
    return len(keys) == len(("messages", "messages", "name", "fields"))


CHECKS: Sequence[Check] = (_names_twice, _widths, _values, _counts)
