# SPDX-License-Identifier: Apache-2.0
"""One YAML file of ours: plain data, the position of every key and value, and what is wrong with it.

Read from PyYAML's node graph, never through constructors: no tags, no aliases, no duplicate keys,
bounded size and depth. Only `true` and `false` are booleans (`off` is a state's name here).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import msgspec
import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from interfaces.errors import Finding, InputError

T = TypeVar("T")
Key: TypeAlias = str | int
Keys: TypeAlias = tuple[Key, ...]

MAX_BYTES = 4 * 2**20
MAX_DEPTH = 40
MAX_SHOWN = 40
_INT = re.compile(r"[-+]?(0|[1-9][0-9_]*)\Z|0x[0-9a-fA-F_]+\Z|0b[01_]+\Z")
_FLOAT = re.compile(r"[-+]?([0-9][0-9_]*\.[0-9]*|\.[0-9]+|[0-9][0-9_]*)([eE][-+]?[0-9]+)?\Z")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}


class Source:
    """A file's data and positions; findings are collected, then raised together."""

    def __init__(self, file: str, data: Any, lines: dict[Keys, int]) -> None:
        self.file, self.data, self._lines = file, data, lines
        self.findings: list[Finding] = []

    def line(self, keys: Sequence[Key]) -> int:
        """The line of the value at `keys`, or of its nearest ancestor that exists."""
        at = tuple(keys)
        while at and at not in self._lines:
            at = at[:-1]
        return self._lines.get(at, 1)

    def value(self, keys: Sequence[Key]) -> Any:
        """The value at `keys`, None where there is none."""
        value = self.data
        for key in keys:
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def add(self, keys: Sequence[Key], rule: str, mend: str) -> None:
        """Note a mistake of the value at `keys`."""
        value = self.value(keys)
        shown = "" if value is None or isinstance(value, dict | list) else repr(value)
        shown = shown if len(shown) <= MAX_SHOWN else shown[: MAX_SHOWN - 3] + "..."
        self.findings.append(Finding(self.file, self.line(keys), show(keys), shown, rule, mend))

    def parse(self, keys: Sequence[Key], kind: type[T]) -> T | None:
        """The value at `keys` as a `kind`; None, with findings, where it does not fit."""
        return self.parse_value(keys, self.value(keys), kind)

    def parse_value(self, keys: Sequence[Key], value: Any, kind: type[T]) -> T | None:
        """`value`, which stands (or could stand) at `keys`, as a `kind`."""
        before = len(self.findings)
        for error in _validator(kind).iter_errors(value):
            for path, rule, mend in _explain(error):
                self.add((*keys, *path), rule, mend)
        if len(self.findings) > before:
            return None
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as error:  # a rule of the kind's own, which no schema can say
            rule, _, place = str(error).partition(" - at `$")
            self.add((*keys, *_keys(place)), rule, "change it")
            return None

    def raise_if_findings(self) -> None:
        """Raise `InputError` with every finding, by line, if there is one."""
        if self.findings:
            raise InputError(sorted(self.findings, key=lambda finding: finding.line))


def show(keys: Sequence[Key]) -> str:
    """`modbus.holding[3].access`"""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
    return text.removeprefix(".") or "(file)"


def read(path: Path) -> Source:
    """Read a YAML file. Raises `InputError` when it cannot be read as plain data."""
    file = str(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise _refused(file, 1, f"cannot be read ({error.strerror})", "check the path and its permissions") from error
    if len(raw) > MAX_BYTES:
        raise _refused(file, 1, f"is larger than {MAX_BYTES} bytes", "split it")
    try:
        text = raw.decode()
        _check_events(file, text)
        root = yaml.compose(text, Loader=_LOADER)
    except UnicodeDecodeError as error:
        raise _refused(file, 1, f"is not UTF-8 at byte {error.start}", "save it as UTF-8") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "no YAML"
        raise _refused(file, mark.line + 1 if mark else 1, problem, "mend the YAML syntax") from error
    if root is None:
        raise _refused(file, 1, "is empty", "write the file's version key first")
    reader = _Reader(file)
    source = Source(file, reader.plain(root, ()), reader.lines)
    source.findings += reader.findings
    source.raise_if_findings()
    return source


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _refused(file: str, line: int, rule: str, mend: str) -> InputError:
    return InputError([Finding(file, line, "(file)", "", rule, mend)])


def _check_events(file: str, text: str) -> None:
    """Refuse aliases and depth before a graph is built, so that neither costs time or memory."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _refused(file, line, "an anchor or alias (& or *)", "write the value out")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise _refused(file, line, f"nested deeper than {MAX_DEPTH}", "flatten it")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


class _Reader:
    """Node graph to plain data, keeping lines."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Keys, int] = {}
        self.findings: list[Finding] = []

    def plain(self, node: yaml.Node, keys: Keys) -> Any:
        self.lines.setdefault(keys, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return {key: self.plain(value, (*keys, key)) for key, value in self._pairs(node, keys)}
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(item, (*keys, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, keys)

    def _pairs(self, node: yaml.MappingNode, keys: Keys) -> Iterator[tuple[str, yaml.Node]]:
        seen: set[str] = set()
        for key_node, value in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._find(line, keys, "a key that is no plain word", "use a plain word as key")
                continue
            key = key_node.value
            if key in seen:
                self._find(line, (*keys, key), "the same key twice", "take one out")
            seen.add(key)
            self.lines[(*keys, key)] = line
            yield key, value

    def _scalar(self, node: yaml.ScalarNode, keys: Keys) -> Any:
        text = node.value
        if node.style in ("'", '"', "|", ">"):
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INT.match(text):
            number = int(text.replace("_", ""), 0 if text[:2] in ("0x", "0b") else 10)
            if abs(number) >= 1 << 64:
                self._find(node.start_mark.line + 1, keys, "an integer of more than 64 bits", "use a smaller one")
            return number
        return float(text.replace("_", "")) if _FLOAT.match(text) else text

    def _find(self, line: int, keys: Keys, rule: str, mend: str) -> None:
        self.findings.append(Finding(self.file, line, show(keys), "", rule, mend))


def _keys(path: str) -> Keys:
    """The keys in msgspec's `.targets[0]`."""
    return tuple(int(index) if index else name for name, index in _STEP.findall(path))


@cache
def _validator(kind: type) -> Draft202012Validator:
    return Draft202012Validator(msgspec.json.schema(kind))


def _explain(error: ValidationError) -> Iterator[tuple[Keys, str, str]]:
    """A schema error in plain words: where, the rule, the mend."""
    keys = tuple(error.absolute_path)
    instance, rule = error.instance, error.validator
    if rule == "additionalProperties":
        known = list(error.schema.get("properties", ()))
        for key in [key for key in instance if key not in known]:
            near = difflib.get_close_matches(key, known, 1)
            mend = f"did you mean {near[0]!r}?" if near else f"known keys are {', '.join(known)}"
            yield (*keys, key), "no such key", mend
    elif rule == "required":
        for key in [key for key in error.validator_value if key not in instance]:
            yield keys, f"the key {key!r} is missing", "add it"
    elif rule in ("anyOf", "oneOf") and error.context:
        best = min(error.context, key=lambda inner: (inner.validator == "type", len(inner.path) * -1))
        yield from _explain(best) if best.validator != "type" else [(keys, _wrong_kind(error.context), "change it")]
    elif rule == "enum":
        allowed = [str(value) for value in error.validator_value]
        near = difflib.get_close_matches(str(instance), allowed, 1)
        yield keys, f"must be one of {', '.join(allowed)}", f"did you mean {near[0]!r}?" if near else "choose one"
    elif rule == "type":
        yield keys, f"must be {_KINDS.get(str(error.validator_value), error.validator_value)}", "change it"
    elif rule == "pattern":
        yield keys, f"must match {error.validator_value}", "rename it"
    elif rule in _BOUNDS:
        yield keys, f"must be {_BOUNDS[rule]} {error.validator_value}", "change it"
    else:
        yield keys, error.message[:120], "change it"


_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
_BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "minLength": "of a length of at least",
    "maxLength": "of a length of at most",
    "minItems": "a list of at least",
    "maxItems": "a list of at most",
}


def _wrong_kind(errors: Sequence[ValidationError]) -> str:
    kinds = dict.fromkeys(_KINDS.get(str(one.validator_value), "") for one in errors if one.validator == "type")
    return "must be " + " or ".join(kind for kind in kinds if kind)
