# SPDX-License-Identifier: Apache-2.0
"""Cross-checks of a clocked interface: lines, latencies, slots, and what its clock can sample."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from interfaces.spec.mistake import Check, Draft, Mistake, twice
from interfaces.spec.nearest import nearest
from interfaces.spec.plain import Keys

SAMPLES_PER_BIT = 8  # fewer clocks a bit put the centre of a bit, and so the sample, out of reach
_LATENCIES = ("discrete", "latencies")
_SLOTS = ("discrete", "slots")


def _lines(draft: Draft) -> Iterator[Mistake]:
    lines = draft.icd.discrete.lines if draft.icd.discrete is not None else ()
    yield from twice(((("discrete", "lines", at, "name"), one.name) for at, one in enumerate(lines)), "the line")
    for at, one in enumerate(lines):
        if one.need > one.of:
            yield Mistake(("discrete", "lines", at, "need"), f"is more than there are wires, {one.of}", "lessen it")


def _active_in(draft: Draft) -> Iterator[Mistake]:
    states = dict.fromkeys(state for machine in draft.icd.machines.values() for state in machine.states)
    for at, line in enumerate(draft.icd.discrete.lines if draft.icd.discrete is not None else ()):
        here = ("discrete", "lines", at, "active_in")
        if line.active_in and line.driver != "interceptor":
            yield Mistake(here, "only a line that the interceptor drives follows its state", "take it out")
        for nth, state in enumerate(line.active_in):
            yield from draft.refer("machines", (*here, nth), state, states)
        yield from twice((((*here, nth), state) for nth, state in enumerate(line.active_in)), "the state")


def _latencies(draft: Draft) -> Iterator[Mistake]:
    latencies = draft.icd.discrete.latencies if draft.icd.discrete is not None else ()
    yield from twice((((*_LATENCIES, at, "name"), one.name) for at, one in enumerate(latencies)), "the latency")
    for at, one in enumerate(latencies):
        if one.min_clocks > one.max_clocks:
            yield Mistake((*_LATENCIES, at, "min_clocks"), f"is above max_clocks, {one.max_clocks}", "exchange them")


def _ends(draft: Draft) -> Iterator[Mistake]:
    discrete = draft.icd.discrete
    if discrete is None:
        return
    inputs = dict.fromkeys(line.name for line in discrete.lines if line.driver == "launcher")
    outputs = dict.fromkeys(line.name for line in discrete.lines if line.driver == "interceptor")
    states = dict.fromkeys(state for machine in draft.icd.machines.values() for state in machine.states)
    heard = dict.fromkeys(name for name, message in draft.messages.items() if message.sender == "controller")
    causes = {"edge": inputs, "byte": heard, "state": states}
    effects = {"line": outputs, "state": states}
    for at, one in enumerate(discrete.latencies):
        yield from _end(draft, (*_LATENCIES, at, "source"), one.source, causes)
        yield from _end(draft, (*_LATENCIES, at, "to"), one.to, effects)


def _end(draft: Draft, keys: Keys, end: str, known: Mapping[str, Collection[str]]) -> Iterator[Mistake]:
    kind, _, name = end.partition(":")
    if kind not in known:
        forms = ", ".join(f"{one}:<name>" for one in known)
        yield Mistake(keys, f"is none of {forms}", nearest(kind, known))
    elif name not in known[kind] and {"byte": "messages", "state": "machines"}.get(kind) not in draft.unfit:
        yield Mistake(keys, f"there is no such {kind} at this end", nearest(name, known[kind]))


def _too_quick(draft: Draft) -> Iterator[Mistake]:
    discrete = draft.icd.discrete
    if discrete is None:
        return
    stages = discrete.synchroniser_clocks + discrete.vote_clocks
    edges = {f"edge:{line.name}": stages + line.debounce_clocks for line in discrete.lines}
    for at, one in enumerate(discrete.latencies):
        least = edges.get(one.source, 0)
        if one.max_clocks < least:
            rule = f"is less than synchroniser, debouncing and voting take, {least}"
            yield Mistake((*_LATENCIES, at, "max_clocks"), rule, f"write {least} or more")


def _slots(draft: Draft) -> Iterator[Mistake]:
    slots = draft.icd.discrete.slots if draft.icd.discrete is not None else None
    if slots is None:
        return
    if slots.length_us > slots.pitch_us and slots.count > 1:
        yield Mistake((*_SLOTS, "length_us"), f"slots overlap: one begins every {slots.pitch_us} us", "shorten it")
    end_us = slots.first_us + (slots.count - 1) * slots.pitch_us + slots.length_us
    if end_us > slots.cycle_us:
        rule = f"the last slot ends at {end_us} us, after the cycle, {slots.cycle_us} us"
        yield Mistake((*_SLOTS, "count"), rule, "lessen `count` or `pitch_us`")
    if slots.start_tolerance_us >= slots.length_us:
        yield Mistake((*_SLOTS, "start_tolerance_us"), "is as long as the slot", "lessen it")


def _sampling(draft: Draft) -> Iterator[Mistake]:
    discrete = draft.icd.discrete
    if discrete is None:
        return
    for name, line in draft.icd.serial.items():
        if discrete.clock_hz < SAMPLES_PER_BIT * line.bit_rate_bps:
            rule = f"a clock of {discrete.clock_hz} Hz samples a bit fewer than {SAMPLES_PER_BIT} times"
            yield Mistake(("serial", name, "bit_rate_bps"), rule, "slow the line, or quicken the clock")


CHECKS: Sequence[Check] = (_lines, _active_in, _latencies, _ends, _too_quick, _slots, _sampling)
