# SPDX-License-Identifier: Apache-2.0
"""Errors, by who must act. Wire misbehaviour is never one: it is a recorded `Reject`."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """One mistake in one file: where it is, what is there, the rule it breaks and the mend."""

    file: str
    line: int
    key: str
    value: str
    rule: str
    mend: str

    def __str__(self) -> str:
        value = f" ({self.value})" if self.value else ""
        return f"{self.file}:{self.line}: {self.key}{value}: {self.rule}; {self.mend}"


class BenchError(Exception):
    """Base of every error a user can mend; never raised itself."""


class InputError(BenchError):
    """A file the user wrote is wrong: all its findings together. The file's author must act."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in findings))


class PortError(BenchError):
    """A port cannot be used (busy, absent, forbidden). The bench engineer must act."""

    def __init__(self, port: str, problem: str, mend: str) -> None:
        self.port, self.problem, self.mend = port, problem, mend
        super().__init__(f"{port}: {problem}; {mend}")


class CodecError(BenchError):
    """A value does not fit its field, or bytes do not fit their message. The caller must act."""

    def __init__(self, where: str, problem: str) -> None:
        self.where, self.problem = where, problem
        super().__init__(f"{where}: {problem}")
