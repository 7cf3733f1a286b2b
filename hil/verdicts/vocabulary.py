# SPDX-License-Identifier: Apache-2.0
"""The words that the trace of a bench can hold: its places, and the names that its ICDs give.

What a user's own device or controller records nobody can know: its places are foreign.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TypeVar

from interfaces.spec.model import Field, Icd

Key = TypeVar("Key")

CONTROLLER = "controller"
PLACES = ("world", "bench", "script", "clock", CONTROLLER)  # of every trace
DONE, FORCED = "done", "forced"  # the result of a command that was carried out; the cause of a disturbed machine's move
WORLD_EVENTS: Mapping[str, Collection[str]] = {  # as the world tells them, with their particulars
    "appeared": ("target",),
    "gone": ("target",),
    "away": ("launcher", "cell", "track", "target", "shot"),
    "outcome": ("track", "target", "result"),
}


@dataclass(frozen=True)
class Described:
    """A device: its ICD, its cells, the numbers of its tracks, and whether it is a user's own."""

    name: str
    icd: Icd
    cells: int = 0
    tracks: Sequence[int] = ()
    foreign: bool = False


@dataclass(frozen=True)
class Vocabulary:
    """Names by what they name. Fields are dotted below their message (`tracks.bearing`).

    `labels` are those of the fields that are enumerations, under the dotted name without the message's;
    `causes` are the events that move a machine, `results` what a command gets.
    """

    places: Collection[str] = ()
    foreign: Collection[str] = (CONTROLLER,)
    messages: Mapping[str, Collection[str]] = field(default_factory=dict)
    machines: Mapping[str, Collection[str]] = field(default_factory=dict)
    causes: Mapping[str, Collection[str]] = field(default_factory=dict)
    labels: Mapping[tuple[str, str], Collection[str]] = field(default_factory=dict)
    registers: Collection[str] = ()
    commands: Collection[str] = ()
    results: Collection[str] = ()
    discretes: Collection[str] = ()
    world: Mapping[str, Collection[str]] = field(default_factory=lambda: WORLD_EVENTS)

    def has_place(self, pattern: str) -> bool:
        """Whether a place, or a pattern with `*`, can be one of the trace's."""
        if self.is_foreign(pattern):
            return True
        if "*" not in pattern:
            return pattern in self.places
        return any(fnmatchcase(place, pattern) for place in self.places)

    def is_foreign(self, pattern: str) -> bool:
        """Whether a place is one whose records no ICD describes; `*` alone asks for those that one does."""
        if pattern == "*":
            return False
        return any(pattern.startswith(f"{name}.") or fnmatchcase(name, pattern) for name in self.foreign)


def vocabulary(devices: Sequence[Described], lines: Iterable[str], interceptor: Icd) -> Vocabulary:
    """The words of a bench; a device with cells brings those of what is in them."""
    icds = [device.icd for device in devices]
    if any(device.cells for device in devices):
        icds.append(interceptor)
    machines, causes = _machines(icds)
    places = dict.fromkeys(PLACES)
    places |= dict.fromkeys(place for line in lines for place in (line, f"{line}.{CONTROLLER}"))
    places |= dict.fromkeys(place for device in devices for place in _places(device))
    return Vocabulary(
        places=places,
        foreign=(CONTROLLER, *(device.name for device in devices if device.foreign)),
        messages=_joined((name, fields) for icd in icds for name, fields in _messages(icd)),
        machines=machines,
        causes=causes,
        labels=_joined(one for icd in icds for one in _labels(icd)),
        registers=_unique(name for icd in icds for name in _registers(icd)),
        commands=_unique(name for icd in icds for name in _commands(icd)),
        results=_unique([DONE, *(reason for icd in icds for reason in _reasons(icd))]),
        discretes=_unique(line.name for icd in icds if icd.discrete for line in icd.discrete.lines),
    )


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _joined(pairs: Iterable[tuple[Key, Iterable[str]]]) -> Mapping[Key, Collection[str]]:
    """What several ICDs say under one name, together."""
    joined: dict[Key, dict[str, None]] = {}
    for name, words in pairs:
        joined.setdefault(name, {}).update(dict.fromkeys(words))
    return joined


def _machines(icds: Iterable[Icd]) -> tuple[Mapping[str, Collection[str]], Mapping[str, Collection[str]]]:
    """Each machine's states, and what moves it."""
    machines = [(name, machine) for icd in icds for name, machine in icd.machines.items()]
    states = _joined((name, machine.states) for name, machine in machines)
    return states, _joined((name, [FORCED, *(row.event for row in machine.transitions)]) for name, machine in machines)


def _places(device: Described) -> Iterable[str]:
    yield device.name
    for cell in range(1, device.cells + 1):
        yield f"{device.name}.cell{cell}"
        yield f"{device.name}.umbilical{cell}"
    for number in device.tracks:
        yield f"{device.name}.track{number}"


def _messages(icd: Icd) -> Iterable[tuple[str, Collection[str]]]:
    if icd.messages is not None:
        for name, message in icd.messages.messages.items():
            yield name, [*_fields(icd.messages.header), *_fields(message.fields)]


def _labels(icd: Icd) -> Iterable[tuple[tuple[str, str], Collection[str]]]:
    if icd.messages is not None:
        for name, message in icd.messages.messages.items():
            for path, enum in _enums([*icd.messages.header, *message.fields]):
                yield (name, path), icd.enums[enum]


def _enums(fields: Iterable[Field], above: str = "") -> Iterable[tuple[str, str]]:
    for one in fields:
        if one.enum is not None:
            yield f"{above}{one.name}", one.enum
        yield from _enums(one.fields, f"{above}{one.name}.")


def _fields(fields: Iterable[Field], above: str = "") -> Iterable[str]:
    for one in fields:
        if one.type != "pad":
            yield f"{above}{one.name}"
            yield from _fields(one.fields, f"{above}{one.name}.")


def _registers(icd: Icd) -> Iterable[str]:
    if icd.modbus is not None:
        tables = (icd.modbus.coils, icd.modbus.discrete_inputs, icd.modbus.holding, icd.modbus.input, icd.modbus.fifos)
        yield from (one.name for table in tables for one in table)


def _commands(icd: Icd) -> Iterable[str]:
    """What a machine takes, what a write has as its effect, and what a controller says."""
    for machine in icd.machines.values():
        yield from machine.commands
    if icd.modbus is not None:
        effects = [*(one.effect for one in icd.modbus.coils), *(one.effect for one in icd.modbus.holding)]
        yield from (effect for effect in effects if effect is not None)
    if icd.messages is not None:
        yield from (name for name, one in icd.messages.messages.items() if one.sender == CONTROLLER)


def _reasons(icd: Icd) -> Iterable[str]:
    """Every name of the enumerations that hold the reasons why commands are refused."""
    refused = {command.refused for machine in icd.machines.values() for command in machine.commands.values()}
    yield from sorted(refused)
    for names in icd.enums.values():
        if not refused.isdisjoint(names):
            yield from names
