# SPDX-License-Identifier: Apache-2.0
"""Cross-checks of state machines: states, transitions that can never be taken, commands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interfaces.spec.mistake import Check, Draft, Mistake, twice
from interfaces.spec.model import Machine, Transition
from interfaces.spec.nearest import nearest
from interfaces.spec.plain import Keys

ANY = "*"
TIMEOUT = "timeout"


def _machines(draft: Draft) -> Iterator[tuple[Keys, Machine]]:
    for name, machine in draft.icd.machines.items():
        yield ("machines", name), machine


def _codes(draft: Draft) -> Iterator[Mistake]:
    for keys, machine in _machines(draft):
        yield from twice((((*keys, "states", name), code) for name, code in machine.states.items()), "code")


def _unknown_states(draft: Draft) -> Iterator[Mistake]:
    for keys, machine in _machines(draft):
        named: list[tuple[Keys, str]] = [((*keys, "initial"), machine.initial)]
        for at, row in enumerate(machine.transitions):
            named += [((*keys, "transitions", at, "from"), row.source)] if row.source != ANY else []
            named += [((*keys, "transitions", at, "to"), row.to)]
        for command, one in machine.commands.items():
            named += [((*keys, "commands", command, "legal", at), state) for at, state in enumerate(one.legal)]
        for place, state in named:
            if state not in machine.states:
                yield Mistake(place, f"the machine has no state {state!r}", nearest(state, machine.states))


def _unentered(draft: Draft) -> Iterator[Mistake]:
    for keys, machine in _machines(draft):
        entered = {machine.initial}
        while True:
            leaving = [row for row in machine.transitions if row.source == ANY or row.source in entered]
            if entered.issuperset(row.to for row in leaving):
                break
            entered.update(row.to for row in leaving)
        for state in machine.states:
            if state not in entered:
                rule = "no transition leads here from the initial state"
                yield Mistake((*keys, "states", state), rule, "add one, or take the state out")


def _timeouts(draft: Draft) -> Iterator[Mistake]:
    for keys, machine in _machines(draft):
        for at, row in enumerate(machine.transitions):
            here = (*keys, "transitions", at)
            if (row.event == TIMEOUT) != (row.after is not None):
                yield Mistake(here, "`event: timeout` and `after` go together", "write both, `after` a timing")
            yield from draft.refer("timings", (*here, "after"), row.after, draft.icd.timings)


def _never_taken(draft: Draft) -> Iterator[Mistake]:
    """A row whose every state has an unguarded row for the same event that comes before it."""
    for keys, machine in _machines(draft):
        ranks = [_rank(draft, at, row) for at, row in enumerate(machine.transitions)]
        first: dict[tuple[str, str], tuple[int, int]] = {}
        for row, rank in zip(machine.transitions, ranks, strict=True):
            for state in sources(row, machine) if row.guard is None else ():
                place = (state, row.event)
                first[place] = min(first.get(place, rank), rank)
        for at, row in enumerate(machine.transitions):
            states = sources(row, machine)
            if states and all(first.get((state, row.event), ranks[at]) < ranks[at] for state in states):
                rule = "can never be taken: a row without a guard comes before it for the same event"
                yield Mistake((*keys, "transitions", at), rule, "guard the earlier one, or take this one out")


def _rank(draft: Draft, at: int, row: Transition) -> tuple[int, int]:
    """Which row comes first: a shorter time-out, then the earlier row."""
    timing = draft.icd.timings.get(row.after or "")
    return (timing.value_ns if timing is not None else 0, at)


def _commands(draft: Draft) -> Iterator[Mistake]:
    reasons = dict.fromkeys(name for codes in draft.icd.enums.values() for name in codes)
    for keys, machine in _machines(draft):
        for name, command in machine.commands.items():
            here = (*keys, "commands", name)
            if not command.legal:
                yield Mistake((*here, "legal"), "the command is legal nowhere", "name the states it is legal in")
            yield from draft.refer("enums", (*here, "refused"), command.refused, reasons)


def sources(row: Transition, machine: Machine) -> list[str]:
    """The states a row leaves; `*` is every state but the one it leads to."""
    return [row.source] if row.source != ANY else [state for state in machine.states if state != row.to]


CHECKS: Sequence[Check] = (_codes, _unknown_states, _unentered, _timeouts, _never_taken, _commands)
