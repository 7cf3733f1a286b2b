# SPDX-License-Identifier: Apache-2.0
"""One YAML file of ours: plain data, the line of each place, and every mistake found in it.

Mistakes are collected by whoever owns a section, then raised together with `raise_if_findings`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from interfaces.errors import Finding, InputError
from interfaces.spec.plain import Key, Keys, Plain, refused, show, to_plain

T = TypeVar("T")

MAX_BYTES = 4 * 2**20
MAX_FINDINGS = 500  # of one section; nobody reads more, and a hostile file has millions
MAX_SHOWN = 40
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")


class Source:
    """A file's data and positions; findings are collected, then raised together."""

    def __init__(self, file: str, plain: Plain) -> None:
        self.file, self.data, self._lines = file, plain.data, plain.lines
        self.findings = list(plain.findings)

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
        self.findings.append(Finding(self.file, self.line(keys), show(keys), _shown(self.value(keys)), rule, mend))

    def parse(self, keys: Sequence[Key], kind: type[T]) -> T | None:
        """The value at `keys` as a `kind`; None, with findings, where it does not fit."""
        return self.parse_value(keys, self.value(keys), kind)

    def parse_value(self, keys: Sequence[Key], value: Any, kind: type[T]) -> T | None:
        """`value`, which stands (or could stand) at `keys`, as a `kind`."""
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            self._explain(keys, value, kind, str(error))
            return None

    def raise_if_findings(self) -> None:
        """Raise `InputError` with every finding, by line, if there is one."""
        if self.findings:
            raise InputError(sorted(self.findings, key=lambda finding: finding.line))

    def _explain(self, keys: Sequence[Key], value: Any, kind: type[Any], first: str) -> None:
        from interfaces.spec.explain import misfits  # only here: see there

        before = len(self.findings)
        for path, rule, mend in misfits(value, kind):
            if len(self.findings) - before == MAX_FINDINGS:
                self.add(keys, f"more than {MAX_FINDINGS} mistakes", "mend those first")
                return
            self.add((*keys, *path), rule, mend)
        if len(self.findings) == before:  # a rule of the kind's own, which no schema can say
            rule, _, place = first.partition(" - at `$")
            self.add((*keys, *_keys(place)), rule, "change it")


def read(path: Path) -> Source:
    """Read a YAML file. Raises `InputError` when it is no YAML, or more of it than we take.

    Mistakes of single values (a key that is there twice) are findings already.
    """
    file = str(path)
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
        text = raw.decode() if len(raw) <= MAX_BYTES else ""
    except OSError as error:
        raise refused(file, 1, f"cannot be read ({error.strerror})", "check the path and its permissions") from error
    except UnicodeDecodeError as error:
        raise refused(file, 1, f"is not UTF-8 at byte {error.start}", "save it as UTF-8") from error
    if len(raw) > MAX_BYTES:
        raise refused(file, 1, f"is larger than {MAX_BYTES} bytes", "split it")
    return Source(file, to_plain(file, text))


def _shown(value: Any) -> str:
    if value is None or isinstance(value, dict | list):
        return ""
    shown = repr(value[:MAX_SHOWN] if isinstance(value, str) else value)
    return shown if len(shown) <= MAX_SHOWN else shown[: MAX_SHOWN - 3] + "..."


def _keys(path: str) -> Keys:
    """The keys in msgspec's `.targets[0]`."""
    return tuple(int(index) if index else name for name, index in _STEP.findall(path))
