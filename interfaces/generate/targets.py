# SPDX-License-Identifier: Apache-2.0
"""What an ICD can be made into, and the files that are kept so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from interfaces.generate import sv
from interfaces.spec.model import Icd

#: from an ICD, and the command that the banner names
Generator: TypeAlias = Callable[[Icd, str], str]

TARGETS: Mapping[str, Generator] = {"sv": sv.package}


class Kept(NamedTuple):
    """A generated file of this repository: its target, the shipped ICD it is of, and where it lies."""

    target: str
    icd: str
    path: str


KEPT: Sequence[Kept] = (Kept("sv", "interceptor", "firmware_sim/rtl/icd_pkg.sv"),)


def command(target: str, icd: str, out: str) -> str:
    """The command that writes a file."""
    return f"hil icd gen {target} {icd} --out {out}"


def generate(target: str, icd: Icd) -> str:
    """The ICD in another language; the same text wherever it is made. Raises `ClashError`."""
    homes = [one.path for one in KEPT if (one.target, one.icd) == (target, icd.name)]
    return TARGETS[target](icd, command(target, icd.name, homes[0] if homes else "FILE"))
