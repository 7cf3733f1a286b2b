# SPDX-License-Identifier: Apache-2.0
"""Cross-checks of an ICD: what no schema can say. Each is a small function; the table runs them all."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from interfaces.spec.check_discrete import CHECKS as DISCRETE
from interfaces.spec.check_fields import CHECKS as FIELDS
from interfaces.spec.check_general import CHECKS as GENERAL
from interfaces.spec.check_machines import CHECKS as MACHINES
from interfaces.spec.check_messages import CHECKS as MESSAGES
from interfaces.spec.check_modbus import CHECKS as MODBUS
from interfaces.spec.mistake import Check, Draft, Mistake
from interfaces.spec.model import Icd

CHECKS: Sequence[Check] = (
    *GENERAL,
    *MESSAGES,
    *FIELDS,
    *MODBUS,
    *MACHINES,
    *DISCRETE,
)


def mistakes(icd: Icd, unfit: Collection[str] = ()) -> Iterator[Mistake]:
    """Every mistake of an ICD; `unfit` names sections that had to be left out of it."""
    draft = Draft(icd, frozenset(unfit))
    for check in CHECKS:
        yield from check(draft)


def missing_bodies(icd: Icd, guards: Collection[str], effects: Collection[str]) -> list[str]:
    """`guard spent` and `effect arm` for each name in the ICD that no code has."""
    rows = [row for machine in icd.machines.values() for row in machine.transitions]
    tables = (icd.modbus.holding, icd.modbus.coils) if icd.modbus is not None else ()
    written = {one.effect for table in tables for one in table if one.effect is not None}
    wanted_guards = {row.guard for row in rows if row.guard is not None}
    wanted_effects = written | {row.effect for row in rows if row.effect is not None}
    return [
        *(f"guard {name}" for name in sorted(wanted_guards.difference(guards))),
        *(f"effect {name}" for name in sorted(wanted_effects.difference(effects))),
    ]
