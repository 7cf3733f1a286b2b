# SPDX-License-Identifier: Apache-2.0
"""A state machine as types and functions: the rows of its table, none of its guards and effects.

`<machine>_next` takes, of the events that stand in one clock, the first by rank for which a row of the present state
holds. A row `from: "*"` holds for every state but the one it leads to, and so for a code that is no state as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from interfaces.generate.sv_discrete import driven_by
from interfaces.generate.sv_text import (
    Member,
    camel,
    clocks,
    constant,
    enumeration,
    function,
    is_in,
    note,
    struct,
    word,
)
from interfaces.spec.check_machines import ANY
from interfaces.spec.model import Command, Icd, Machine, Transition

_RANKS = "event_rank"
_COMMANDS = "command"
_OTHER = "default"


class _Table(NamedTuple):
    """A machine, with what the functions of its package are made of."""

    name: str
    machine: Machine
    events: Mapping[str, int]  # name to rank, the first to be taken first
    guards: Sequence[str]
    effects: Sequence[str]

    def state(self, name: str) -> str:
        return camel(self.name, name)

    def event(self, name: str) -> str:
        return camel(self.name, "event", name)

    @property
    def argument(self) -> str:
        return f"{self.name}_state_e state"

    def rows(self, state: str) -> list[Transition]:
        """The rows that hold in a state, the first to be tried first; `*` is a code that is no state."""
        held = [row for row in self.machine.transitions if row.source == state or _is_any(row, state)]
        return sorted(held, key=lambda row: self.events[row.event])

    @property
    def branches(self) -> Iterator[tuple[str, list[Transition]]]:
        """Each state's label and rows, the code that is no state last."""
        for state in self.machine.states:
            yield self.state(state), self.rows(state)
        yield _OTHER, self.rows(ANY)


def machine_lines(icd: Icd, name: str) -> list[str]:
    """The types and functions of one machine."""
    table = _table(icd, name)
    lines = enumeration(f"{name}_state_e", camel(name), table.machine.states)
    lines.append(constant(f"{name}_state_e", camel(name, "initial"), table.state(table.machine.initial)))
    if table.events:
        lines += _types(table)
        lines += _step_functions(icd, table)
    return [*lines, *_legal(icd, table), *_outputs(icd, table)]


def _table(icd: Icd, name: str) -> _Table:
    rows = icd.machines[name].transitions
    ranks = icd.enums.get(_RANKS, {})
    events = list(dict.fromkeys(row.event for row in rows))
    if ranks.keys() >= set(events):
        events.sort(key=lambda event: ranks[event])
        codes = {event: ranks[event] for event in events}
    else:
        codes = {event: at for at, event in enumerate(events)}
    guards = dict.fromkeys(row.guard for row in rows if row.guard is not None)
    effects = dict.fromkeys(row.effect for row in rows if row.effect is not None)
    return _Table(name, icd.machines[name], codes, list(guards), list(effects))


def _is_any(row: Transition, state: str) -> bool:
    return row.source == ANY and row.to != state


def _types(table: _Table) -> list[str]:
    name = table.name
    lines = enumeration(f"{name}_event_e", camel(name, "event"), table.events)
    step = [Member("logic", "taken"), Member(f"{name}_state_e", "state"), Member(f"{name}_event_e", "cause")]
    for kind, names in (("events", table.events), ("guards", table.guards), ("effects", table.effects)):
        if names:
            lines += struct(f"{name}_{kind}_t", [Member("logic", word(one)) for one in names])
    if table.effects:
        step.append(Member(f"{name}_effects_t", "effects"))
    return lines + struct(f"{name}_step_t", step)


def _step_functions(icd: Icd, table: _Table) -> list[str]:
    """One timer tells one time-out a state; where a table has two of them, it takes a body of its own."""
    for label, rows in table.branches:
        if len({icd.time_ns(row.after) for row in rows if row.after is not None}) > 1:
            return [f"  // {table.name}_next is left out: {label} has several time-outs"]
    return [*_next(table), *_timeouts(icd, table)]


def _next(table: _Table) -> list[str]:
    name = table.name
    arguments = [table.argument, f"{name}_events_t events"]
    arguments += [f"{name}_guards_t guards"] if table.guards else []
    effects = ", effects: '0" if table.effects else ""
    first = table.event(next(iter(table.events)))  # any: it says nothing where no step is taken
    rows = [line for label, held in table.branches for line in _branch(table, label, held)]
    body = [
        f"    {name}_step_t step;",
        f"    step = '{{taken: 1'b0, state: state, cause: {first}{effects}}};",
        *_case("state", rows),
        "    return step;",
    ]
    return function(f"{name}_step_t", f"{name}_next", arguments, body)


def _branch(table: _Table, label: str, rows: Sequence[Transition]) -> Iterator[str]:
    if not rows:
        yield f"      {label}: ;"
        return
    yield f"      {label}: begin"
    lead = "if"
    for row in _takable(rows):
        guard = f" && guards.{word(row.guard)}" if row.guard is not None else ""
        yield f"        {lead} (events.{word(row.event)}{guard}) begin{note(row.text)}"
        effects = ", '0" if table.effects else ""
        yield f"          step = '{{1'b1, {table.state(row.to)}, {table.event(row.event)}{effects}}};"
        if row.effect is not None:
            yield f"          step.effects.{word(row.effect)} = 1'b1;"
        lead = "end else if"
    yield from ("        end", "      end")


def _takable(rows: Sequence[Transition]) -> Iterator[Transition]:
    """The rows but those that come after one without a guard for the same event."""
    closed: set[str] = set()
    for row in rows:
        if row.event not in closed:
            yield row
        if row.guard is None:
            closed.add(row.event)


def _timeouts(icd: Icd, table: _Table) -> list[str]:
    """How long each state lasts; left out where no time-out is a number of clocks."""
    rows = []
    for label, held in table.branches:
        names = [row.after for row in held if row.after is not None]  # of one length, see `_step_functions`
        if names and clocks(icd, icd.timings[names[0]]) is None:
            return []
        if names or label == _OTHER:
            rows.append(f"      {label}: return {camel(names[0], 'clocks') if names else '0'};")
    if len(rows) == 1:
        return []
    return function("int unsigned", f"{table.name}_timeout_clocks", [table.argument], _case("state", rows))


def _legal(icd: Icd, table: _Table) -> list[str]:
    commands = table.machine.commands
    if not commands or not icd.enums.get(_COMMANDS, {}).keys() >= commands.keys():
        return []
    rows = [*_legal_rows(table, commands), f"      {_OTHER}: return 1'b0;"]
    arguments = [table.argument, f"{_COMMANDS}_e command"]
    return function("logic", f"{table.name}_legal", arguments, _case("command", rows))


def _legal_rows(table: _Table, commands: Mapping[str, Command]) -> Iterator[str]:
    """Commands that are legal in the same states share a row."""
    groups: dict[frozenset[str], list[str]] = {}
    for name, command in commands.items():
        groups.setdefault(frozenset(command.legal), []).append(camel(_COMMANDS, name))
    for legal, names in groups.items():
        states = [table.state(state) for state in table.machine.states if state in legal]
        yield f"      {', '.join(names)}:"
        yield f"        return {is_in(states)};"


def _outputs(icd: Icd, table: _Table) -> list[str]:
    """The lines that follow the state, for the machine whose states they name."""
    lines = driven_by(icd, "interceptor")
    named = {state for line in lines for state in line.active_in}
    if not named or not named <= table.machine.states.keys():
        return []
    body = ["    outputs_t outputs;  // a code that is no state holds none active"]
    for line in lines:
        states = [table.state(state) for state in table.machine.states if state in line.active_in]
        body.append(f"    outputs.{word(line.name)} = {is_in(states)};")
    return function("outputs_t", f"{table.name}_outputs", [table.argument], [*body, "    return outputs;"])


def _case(subject: str, rows: Sequence[str]) -> list[str]:
    return [f"    unique case ({subject})", *rows, "    endcase"]
