# SPDX-License-Identifier: Apache-2.0
"""`docs/mutation.md`: what became of the mutants, and every survivor with what there is to say of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from firmware_sim.mutation_verdict import ASSERTION, CAUGHT, REFUSED, SAME, SURVIVED, Verdict

PAGE = Path(__file__).parents[1] / "docs" / "mutation.md"
EXPLAINED = Path(__file__).with_name("survivors.yaml")
_HEAD = """# Mutation of the RTL

Written by `python -m firmware_sim.mutate --count {count} --seed {seed} --write`; change that, not this.

Of {sites} single faults that one change of the sources' text can make (operators, conditions, constants, members of
enumerations, assignments left out; not declared widths, assertions, nor macros' bodies) the seed drew {count} that
change the Verilated model. Tests judge each: the suite of every interceptor body, over the mutant behind a
launcher cell, and random days in lockstep with the twin, with the RTL's own assertions on. {same} more
that were drawn change nothing in the model (a constant that nobody reads) and {refused} did not build; neither
is counted.

Commit of the tree: {commits}.

| Caught by | Mutants | Share |
|---|---:|---:|
"""


def write(seed: int, sites: int, verdicts: Sequence[Verdict], drawn: Sequence[Verdict]) -> None:
    """The page, of the verdicts that count and of all that were drawn."""
    reasons: dict[str, str] = yaml.safe_load(EXPLAINED.read_text()) or {}
    PAGE.write_text("\n".join(_page(seed, sites, verdicts, drawn, reasons)) + "\n")


def _page(
    seed: int, sites: int, verdicts: Sequence[Verdict], drawn: Sequence[Verdict], reasons: dict[str, str]
) -> Iterator[str]:
    kinds = Counter(one.how for one in drawn)
    commits = ", ".join(sorted({one.commit for one in verdicts}))
    head = _HEAD.format(
        count=len(verdicts), seed=seed, sites=sites, same=kinds[SAME], refused=kinds[REFUSED], commits=commits
    )
    yield head.rstrip("\n")
    yield from _shares(verdicts)
    survivors = [one for one in verdicts if one.how == SURVIVED]
    yield "\n## Survivors of the benches\n\n| Where | Change | Proofs | What there is to say |\n|---|---|---|---|"
    for one in survivors:
        where = one.mutation
        change = f"{_code(where.before)} to {_code(where.after) if where.after.strip() else 'nothing'}"
        reason = reasons.get(where.name, "not yet looked at")
        yield f"| {where.file}:{where.line} | {change} | {one.proofs or 'not asked'} | {reason} |"
    yield "\n## All\n\n| Where | Change | Caught by |\n|---|---|---|"
    for one in verdicts:
        where = one.mutation
        by = one.by.rpartition("::")[2] if one.how != SURVIVED else SURVIVED
        yield f"| {where.file}:{where.line} | {_code(where.before)} to {_code(where.after or ' ')} | {_escaped(by)} |"


def _shares(verdicts: Sequence[Verdict]) -> Iterator[str]:
    total = len(verdicts) or 1
    benches = [one for one in verdicts if one.how in CAUGHT]
    asserted = [one for one in benches if one.how == ASSERTION]
    proved = [one for one in verdicts if one.proofs == "failed"]
    either = [one for one in verdicts if one in benches or one in proved]
    asked = any(one.proofs for one in verdicts)
    rows = [("benches", len(benches)), ("of these, an assertion first", len(asserted))]
    rows += [("proofs", len(proved)), ("either", len(either))] if asked else []
    for name, number in (*rows, ("none", len(verdicts) - len(either))):
        yield f"| {name} | {number} | {100 * number // total} % |"
    if not asked:
        yield "\nThe proofs were not asked (`--proofs`)."


def _code(text: str) -> str:
    return f"`{_escaped(' '.join(text.split()) or ' ')}`"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
