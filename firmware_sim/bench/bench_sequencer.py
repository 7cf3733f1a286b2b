# SPDX-License-Identifier: Apache-2.0
"""`sequencer` against the rows of the ICD, one clock at a time; run from pytest."""

from __future__ import annotations

import random
from typing import Any

import cocotb

from firmware_sim.bench.modules import Bench, clocks_of, discrete, draws, icd, started
from firmware_sim.bench.reached import reached

LAUNCHER = [line.name for line in discrete().lines if line.driver == "launcher"]
INTERCEPTOR = [line for line in discrete().lines if line.driver == "interceptor"]
INTERLOCKS = ("arm_enable", "fire_enable", "key_a", "key_b", "crew_safe", "hatch_open")
TO_ARM = ("arm_enable", "key_a", "key_b", "crew_safe", "umbilical_intact")
MACHINE = icd().machines["sequencer"]
RANK = icd().enums["event_rank"]
COMMANDS = icd().enums["command"]
_LOST = dict.fromkeys(INTERLOCKS, "interlock_lost") | {
    "umbilical_intact": "umbilical_broken",
    "power_good": "power_good_lost",
    "latch_open": "latch_closed",
}
_GAINED = {"power_good": "power_confirmed", "latch_open": "latch_confirmed"}
ALL = frozenset(LAUNCHER) - {"pps"}
HELD = ALL - {"power_good", "latch_open"}
_IDLE = {"lines_i": 0, "lines_before_i": 0, "command_i": 4, "act_i": 0, "link_lost_i": 0, "sequence_stuck_i": 0}


def vector(lines: frozenset[str]) -> int:
    return sum(1 << at for at, name in enumerate(reversed(LAUNCHER)) if name in lines)


def events_of(before: frozenset[str], lines: frozenset[str]) -> set[str]:
    return {_LOST[one] for one in before - lines if one in _LOST} | {
        _GAINED[one] for one in lines - before if one in _GAINED
    }


def expected(state: str, events: set[str], guards: dict[str, bool]) -> tuple[str, str | None]:
    """The state after the first event by rank of which a row holds, and that event."""
    for event in sorted(events, key=RANK.__getitem__):
        for row in MACHINE.transitions:
            if row.source in (state, "*") and row.event == event and (row.guard is None or guards[row.guard]):
                return row.to, event
    return state, None


def outputs_of(state: str) -> int:
    return sum(1 << at for at, line in enumerate(reversed(INTERCEPTOR)) if state in line.active_in)


async def clock(
    bench: Bench, state: str, spent: bool, before: frozenset[str], lines: frozenset[str], extra: set[str]
) -> None:
    """One clock out of a state that is put there, judged by the table."""
    dut = bench.dut
    dut.state_q.value, dut.spent_q.value, dut.timer_q.value = MACHINE.states[state], int(spent), 0
    command = next((one for one in ("abort", "fire", "arm") if one in extra), None)
    bench.drive(lines_i=vector(lines), lines_before_i=vector(before), act_i=int(command is not None))
    bench.drive(command_i=COMMANDS[command or "heartbeat"])
    bench.drive(link_lost_i=int("link_lost" in extra), sequence_stuck_i=int("sequence_stuck" in extra))
    guards = {
        "spent": spent,
        "arm_permitted": not spent and lines.issuperset(TO_ARM),
        "fire_permitted": lines.issuperset(HELD - {"power"}) and not lines & {"power_good", "latch_open"},
    }
    after, cause = expected(state, events_of(before, lines) | extra, guards)
    await bench.step()
    assert bench.read("state_o") == MACHINE.states[after], (state, spent, sorted(before ^ lines), extra)
    if cause is not None:
        assert bench.read("cause_o") == RANK[cause]
        assert bench.read("outputs_o") == outputs_of(after)
        reached("transition", f"{state} {cause} {after}")
        reached("state", after)


@cocotb.test()
async def every_row_alone(dut: Any) -> None:
    """INT-003 to INT-009: each state with each single event, spent or not."""
    bench = await started(dut, **_IDLE)
    lines = set(_LOST) | set(_GAINED)
    for state in MACHINE.states:
        for spent in (False, True):
            for line in sorted(lines):
                await clock(bench, state, spent, ALL, ALL - {line}, set())
                await clock(bench, state, spent, ALL - {line}, ALL, set())
            for event in ("abort", "arm", "fire", "link_lost", "sequence_stuck"):
                await clock(bench, state, spent, HELD, HELD, {event})


def _some(drawn: random.Random) -> frozenset[str]:
    return frozenset(one for one in ALL if drawn.random() < 0.9)


@cocotb.test()
async def random_events_at_once(dut: Any) -> None:
    """Several events in one clock: the first by rank for which a row holds."""
    bench, drawn = await started(dut, **_IDLE), draws(dut)
    for _ in range(3_000):
        before = _some(drawn)
        lines = before if drawn.random() < 0.5 else before ^ frozenset(drawn.sample(sorted(ALL), drawn.randint(1, 3)))
        extra = {one for one in ("link_lost", "sequence_stuck") if drawn.random() < 0.1}
        if drawn.random() < 0.3:
            extra.add(drawn.choice(("abort", "fire", "arm")))
        await clock(bench, drawn.choice(list(MACHINE.states)), drawn.random() < 0.4, before, lines, extra)


@cocotb.test()
async def time_outs_to_the_clock(dut: Any) -> None:
    """INT-005, INT-007, INT-009: one clock before its limit the state stands; at the limit and after it has moved."""
    bench = await started(dut, **_IDLE)
    bench.drive(lines_i=vector(HELD), lines_before_i=vector(HELD))
    for row in (one for one in MACHINE.transitions if one.event == "timeout"):
        assert row.after is not None
        dut.state_q.value = MACHINE.states[row.source]
        dut.timer_q.value = clocks_of(row.after) - 3  # of so many clocks that it is in the state already
        seen = []
        for _ in range(4):
            await bench.step()
            seen.append(bench.read("state_o"))
        source, to = MACHINE.states[row.source], MACHINE.states[row.to]
        assert seen == [source, source, to, to], row
        reached("transition", f"{row.source} timeout {row.to}")


@cocotb.test()
async def illegal_codes(dut: Any) -> None:
    """INT-012: every code that is no state reaches fault with the next clock."""
    bench = await started(dut, **_IDLE)
    for code in range(len(MACHINE.states), 16):
        dut.state_q.value = code
        await bench.step()
        assert bench.read("state_o") == MACHINE.states["fault"]
        assert bench.read("outputs_o") == outputs_of("fault")
        reached("transition", "* illegal_state fault")
        await bench.reset()
        assert bench.read("state_o") == MACHINE.states[MACHINE.initial]


@cocotb.test()
async def late_fire(dut: Any) -> None:
    """INT-005: a fire after the window closed is late until something is armed again; otherwise of a wrong state."""
    bench = await started(dut, **_IDLE)
    bench.drive(lines_i=vector(HELD), lines_before_i=vector(HELD), command_i=COMMANDS["fire"])
    await bench.settle()
    assert not bench.read("late_o")
    dut.state_q.value, dut.timer_q.value = MACHINE.states["armed"], clocks_of("arm_window") - 1
    await bench.step()
    assert (bench.read("state_o"), bench.read("late_o"), bench.read("legal_o")) == (MACHINE.states["safe"], 1, 0)
    bench.drive(command_i=COMMANDS["arm"], act_i=1)
    await bench.step()
    bench.drive(command_i=COMMANDS["fire"], act_i=0)
    await bench.settle()
    assert (bench.read("late_o"), bench.read("legal_o")) == (0, 1)
