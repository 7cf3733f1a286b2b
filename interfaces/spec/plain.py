# SPDX-License-Identifier: Apache-2.0
"""YAML text to plain data with the line of every key and value; never through constructors.

No tags, anchors or aliases, no duplicate keys, bounded depth and number of values. Every key is text.
A plain word is null, true, false or a number as in JSON (hexadecimal and binary too); all others are
text: `off` is a state's name here, and neither a date nor 12:30 nor 017 is a number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import yaml

from interfaces.errors import Finding, InputError

Key: TypeAlias = str | int
Keys: TypeAlias = tuple[Key, ...]

MAX_DEPTH = 40
MAX_VALUES = 200_000  # keys included; the largest ICD of ours has 3,000
MAX_KEY = 64  # characters of a key that are shown
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}
_DIGITS = r"(?:0|[1-9](?:_?[0-9])*)"
_INT = re.compile(rf"[-+]?{_DIGITS}\Z|0x[0-9a-fA-F](?:_?[0-9a-fA-F])*\Z|0b[01](?:_?[01])*\Z")
_FLOAT = re.compile(rf"[-+]?(?:{_DIGITS}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\Z")
_MAX_DIGITS = 100  # far more than 64 bits need; int() itself gives up at 4300
_LEAST, _MOST = -(1 << 63), (1 << 64) - 1


class Plain(NamedTuple):
    """What a file says, the line of each place in it, and what is wrong with single values."""

    data: Any
    lines: dict[Keys, int]
    findings: list[Finding]


def show(keys: Sequence[Key]) -> str:
    """`modbus.holding[3].access`"""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key[:MAX_KEY]}" for key in keys)
    return text.removeprefix(".") or "(file)"


def refused(file: str, line: int, rule: str, mend: str) -> InputError:
    """The error for a file of which nothing can be read."""
    return InputError([Finding(file, line, "(file)", "", rule, mend)])


def to_plain(file: str, text: str) -> Plain:
    """Read YAML text. Raises `InputError` where it can't be read at all."""
    try:
        _check_events(file, text)
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "no YAML"
        line = mark.line + 1 if mark else 1
        if "nesting depth" in str(problem):  # the library's own bound, which it meets while it reads ahead
            raise refused(file, line, f"nested deeper than {MAX_DEPTH}", "flatten it") from error
        raise refused(file, line, str(problem), "mend the YAML syntax") from error
    if root is None:
        raise refused(file, 1, "is empty", "write the file's version key first")
    reader = _Reader(file)
    return Plain(reader.plain(root, ()), reader.lines, reader.findings)


def _check_events(file: str, text: str) -> None:
    """Refuse what could cost time or memory before a graph is built."""
    depth = values = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark is not None else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise refused(file, line, "an anchor or alias (& or *)", "write the value out")
        if getattr(event, "tag", None) is not None:
            raise refused(file, line, "a tag (!)", "take it out; quotes make a text of anything")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise refused(file, line, f"nested deeper than {MAX_DEPTH}", "flatten it")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        values += isinstance(event, yaml.NodeEvent)
        if values > MAX_VALUES:
            raise refused(file, line, f"more than {MAX_VALUES} keys and values", "split the file")


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
        assert isinstance(node, yaml.ScalarNode)
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
            number = int(text.replace("_", ""), 0) if len(text) <= _MAX_DIGITS else _MOST + 1
            if not _LEAST <= number <= _MOST:
                self._find(node.start_mark.line + 1, keys, "an integer of more than 64 bits", "use a smaller one")
                return 0
            return number
        if not _FLOAT.match(text):
            return text
        real = float(text.replace("_", ""))
        if not math.isfinite(real):
            self._find(node.start_mark.line + 1, keys, "a number beyond those of 64 bits", "use a smaller one")
            return 0.0
        return real

    def _find(self, line: int, keys: Keys, rule: str, mend: str) -> None:
        self.findings.append(Finding(self.file, line, show(keys), "", rule, mend))
