# SPDX-License-Identifier: Apache-2.0
"""What does not fit a type, in plain words: every place, the rule it breaks and the mend.

Imported only when something is wrong: jsonschema takes longer to import than a file to read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import msgspec
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from interfaces.spec.nearest import nearest
from interfaces.spec.plain import Keys

_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
_MENDS = {
    "object": "write `key: value` lines below it",
    "array": "write [a, b], or one `- ` line for each",
    "string": "write text; quotes make one of a number",
    "integer": "write digits, or 0x and hexadecimal ones",
    "number": "write digits",
    "boolean": "write true or false",
}
_BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "minLength": "of a length of at least",
    "maxLength": "of a length of at most",
    "minItems": "a list of at least",
    "maxItems": "a list of at most",
    "maxProperties": "a mapping of at most",
}


class Misfit(NamedTuple):
    """One mistake, at `keys` below the value that was checked."""

    keys: Keys
    rule: str
    mend: str


def misfits(value: Any, kind: Any) -> Iterator[Misfit]:
    """Every mistake that the JSON Schema of `kind` finds in `value`."""
    for error in _validator(kind).iter_errors(value):
        yield from _explain(error)


@cache
def _validator(kind: Any) -> Draft202012Validator:
    return Draft202012Validator(msgspec.json.schema(kind))


def _explain(error: ValidationError) -> Iterator[Misfit]:
    keys = tuple(error.absolute_path)
    if "propertyNames" in list(error.absolute_schema_path)[-2:]:
        keys = (*keys, str(error.instance))  # a key's own mistake
    rule = str(error.validator)
    wanted: Any = error.validator_value
    instance: Any = error.instance
    if rule == "additionalProperties" and isinstance(error.schema, dict):
        known = list(error.schema.get("properties", ()))
        yield from (Misfit((*keys, key), "no such key", nearest(key, known)) for key in instance if key not in known)
    elif rule == "required":
        # jsonschema reports each missing key by itself; the message begins with its name in quotes
        yield Misfit(keys, f"the key {error.message.partition(' is a required')[0]} is missing", "add it")
    elif rule in ("anyOf", "oneOf"):
        yield from _explain_choice(error, keys)
    elif rule == "enum":
        allowed = [str(one) for one in wanted]
        yield Misfit(keys, f"must be one of {', '.join(allowed)}", nearest(str(instance), allowed))
    elif rule == "type":
        yield Misfit(keys, f"must be {_KINDS.get(str(wanted), wanted)}", _MENDS.get(str(wanted), "change it"))
    elif rule == "pattern":
        yield Misfit(keys, f"must match {wanted}", "rename it")
    elif rule in _BOUNDS:
        yield Misfit(keys, f"must be {_BOUNDS[rule]} {wanted}", "change it")
    else:
        yield Misfit(keys, error.message[:120], "change it")


def _explain_choice(error: ValidationError, keys: Keys) -> Iterator[Misfit]:
    """A value that fits none of several types: only what keeps it from the one it is meant to be."""
    choices: dict[Any, list[ValidationError]] = {}
    for inner in list(error.context or ()):
        choices.setdefault(inner.schema_path[0], []).append(inner)
    tag = error.schema.get("discriminator", {}).get("propertyName") if isinstance(error.schema, dict) else None
    if tag is not None:
        yield from _explain_tagged(tag, error, choices, keys)
        return
    meant = [errors for errors in choices.values() if not _wrong_kind(errors)]
    if meant:
        for inner in min(meant, key=len):
            yield from _explain(inner)
    else:
        kinds = dict.fromkeys(str(errors[0].validator_value) for errors in choices.values())
        kinds.pop("integer" if "number" in kinds else "", None)
        words = [_KINDS[kind] for kind in kinds if kind in _KINDS]
        yield Misfit(keys, f"must be {' or '.join(words)}", "change it")


def _explain_tagged(
    tag: str, error: ValidationError, choices: dict[Any, list[ValidationError]], keys: Keys
) -> Iterator[Misfit]:
    assert isinstance(error.schema, dict)
    allowed = list(error.schema["discriminator"]["mapping"])
    if not isinstance(error.instance, dict):
        yield Misfit(keys, "must be a mapping", _MENDS["object"])
    elif tag not in error.instance:
        yield Misfit(keys, f"the key {tag!r} is missing", f"add it; known: {', '.join(allowed)}")
    elif error.instance[tag] not in allowed:
        yield Misfit((*keys, tag), f"must be one of {', '.join(allowed)}", nearest(str(error.instance[tag]), allowed))
    else:
        for inner in choices[allowed.index(error.instance[tag])]:
            yield from _explain(inner)


def _wrong_kind(errors: Sequence[ValidationError]) -> bool:
    """Whether the value is of another kind altogether: no choice that was meant."""
    return any(one.validator == "type" and not one.relative_path for one in errors)
