# SPDX-License-Identifier: Apache-2.0
"""Every proof passes, every cover point is reached, and a proof over wrong RTL breaks the rule meant for it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from firmware_sim.formal.prove import FAIL, PASS, main, names, need_prover, prove, tasks
from firmware_sim.sources import RTL
from tests.firmware_sim.tools import need

TASKS = [task for name in names() for task in tasks(name)]


class Plant(NamedTuple):
    """A fault in the RTL, and the rule that must find it."""

    task: str
    source: str
    sound: str
    planted: str
    rule: str


_ILLEGAL = """events.illegal_state    = !(state_q inside {SequencerSafe, SequencerArmed, SequencerStepPower,
        SequencerStepUnlock, SequencerStepRelease, SequencerAway, SequencerHangFire, SequencerMisfire,
        SequencerFault});"""
_NEXT_US = "state_q == Composed ? begin_us"

PLANTS = {
    # 1. No release but in order, with every interlock held.
    "unkeyed": Plant("sequencer_prove", "sequencer.sv", "lines_i.key_a && lines_i.key_b", "lines_i.key_a", "a_by_arm"),
    "latched_before": Plant(
        "sequencer_prove", "sequencer.sv", "= gained.latch_open;", "= lines_i.latch_open;", "a_by_latch"
    ),
    "fired_with_power": Plant("sequencer_prove", "sequencer.sv", " && !lines_i.power_good", "", "a_by_fire"),
    # 2. Every loss and abort let go within the clocks.
    "key_b_may_go": Plant("sequencer_prove", "sequencer.sv", "lost.key_b || ", "", "a_interlock_lost"),
    "deaf_to_abort": Plant(
        "sequencer_prove", "sequencer.sv", "= act_i && command_i == CommandAbort;", "= 1'b0;", "a_stopped"
    ),
    "deaf_to_silence": Plant("sequencer_prove", "sequencer.sv", "= link_lost_i;", "= 1'b0;", "a_stopped"),
    "one_clock_late": Plant(
        "debounce_prove_4", "debounce.sv", "DebounceClocks - 1)", "DebounceClocks)", "a_long_enough_counts"
    ),
    "silence_is_not_counted": Plant("watchdog_prove", "watchdog.sv", "<= link_q + 1'b1;", "<= link_q;", "a_counted"),
    # 3. One release a power cycle.
    "never_spent": Plant("sequencer_prove", "sequencer.sv", "spent_q <= 1'b1;", "spent_q <= 1'b0;", "a_spent"),
    "spent_arms": Plant(
        "sequencer_prove", "sequencer.sv", "if (command_i == CommandArm && spent_q)", "if (0)", "a_arm_taken"
    ),
    # 4. Nothing stale and no wrong code acts.
    "stale_acts": Plant(
        "command_decoder_prove",
        "command_decoder.sv",
        "if (!fresh_q) reason_o = ReasonStaleSequence;\n    else if",
        "if",
        "a_stale_never_acts",
    ),
    "stale_feeds": Plant(
        "command_decoder_prove",
        "command_decoder.sv",
        "checked_q.valid && fresh_q;",
        "checked_q.valid;",
        "a_stale_never_feeds",
    ),
    "stale_feeds_the_watchdog": Plant(
        "interceptor_top_prove",
        "interceptor_top.sv",
        ".feed_i           (fresh)",
        ".feed_i (answer)",
        "a_fed",
    ),
    "wider_window": Plant(
        "command_decoder_prove",
        "command_decoder.sv",
        "8'(SequenceWindow)",
        "8'(SequenceWindow + 1)",
        "a_stale_never_acts",
    ),
    "any_code": Plant(
        "command_decoder_prove", "command_decoder.sv", "code_q == 16'(FireCode)", "1'b1", "a_wrong_code_never_acts"
    ),
    # 5. Silent outside the slot.
    "one_microsecond_late": Plant("status_slot_prove", "status_slot.sv", _NEXT_US, f"{_NEXT_US} + 1'b1", "a_leaves"),
    "broken_begins": Plant(
        "status_slot_prove", "status_slot.sv", "begin_o = comes && intact_i;", "begin_o = comes;", "a_begins_intact"
    ),
    "broken_goes_on": Plant("uart_tx_prove_1", "uart_tx.sv", "if (!rst_ni || stop_i)", "if (!rst_ni)", "a_stops"),
    "talks_into_a_talk": Plant(
        "status_slot_prove", "status_slot.sv", " && !moved && !talking_i", " && !moved", "a_composes"
    ),
    "one_reply_too_many": Plant(
        "telemetry_prove", "telemetry.sv", "left_q          <= composed_q;", "left_q <= composed_q + 1'b1;", "a_left"
    ),
    "talks_on": Plant(
        "telemetry_prove", "telemetry.sv", "else left_q <= left_q - 1'b1;", "else left_q <= left_q;", "a_left"
    ),
    "one_character_more": Plant(
        "frame_tx_prove", "frame_tx.sv", "IndexW'(CrcBytes);", "IndexW'(CrcBytes + 1);", "a_in_order"
    ),
    "speaks_as_it_composes": Plant(
        "talk_prove", "telemetry.sv", "= begin_i || talking_q;", "= compose_i || talking_q;", "a_valid"
    ),
    "speaks_on_though_broken": Plant(
        "talk_prove",
        "interceptor_top.sv",
        "wire cut = !lines.umbilical_intact;",
        "wire cut = 1'b0;",
        "a_silent_when_broken",
    ),
    # 6. Safe from any register contents.
    "armed_by_power": Plant(
        "sequencer_prove", "sequencer.sv", "<= SequencerInitial;", "<= SequencerArmed;", "a_power_lost"
    ),
    "illegal_stays": Plant("sequencer_prove", "sequencer.sv", _ILLEGAL, "events.illegal_state = 1'b0;", "a_illegal"),
    "power_is_not_asked": Plant(
        "interceptor_top_prove", "interceptor_top.sv", "lines.power && powered_q;", "powered_q;", "a_unpowered"
    ),
    # 7. A shorter pulse is nothing, two wires of three decide.
    "one_sample_short": Plant(
        "debounce_prove_4", "debounce.sv", "DebounceClocks - 1)", "DebounceClocks - 2)", "a_shorter_is_nothing"
    ),
    "pulses_add_up": Plant(
        "debounce_prove_4",
        "debounce.sv",
        "if (sample == level_q) begin\n        count_q <= '0;",
        "if (sample == level_q) begin\n        count_q <= count_q;",
        "a_no_mark",
    ),
    "one_of_three": Plant("interlock_prove", "interlock.sv", ">= Name``Need;", ">= 1;", "a_voted"),
}


@pytest.fixture(autouse=True)
def tools() -> None:
    need(need_prover)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("task", TASKS)
def test_proof(task: str) -> None:
    proof = prove(task)
    assert proof.outcome == PASS, (proof.failed, proof.log)


def test_each_proof_is_shown_not_to_be_empty() -> None:
    assert [name for name in names() if not any(task.startswith(f"{name}_cover") for task in tasks(name))] == []


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", PLANTS)
def test_planted_fault_is_found(name: str, tmp_path: Path) -> None:
    """The proof is awake: a run of the faulty RTL from reset on breaks the rule that is meant for it."""
    plant = PLANTS[name]
    rtl = tmp_path / "rtl"
    shutil.copytree(RTL, rtl)
    text = (rtl / plant.source).read_text()
    assert text.count(plant.sound) == 1
    (rtl / plant.source).write_text(text.replace(plant.sound, plant.planted))
    proof = prove(plant.task, rtl)
    assert proof.outcome == FAIL, proof.log
    assert plant.rule in {rule.rpartition(".")[2] for rule in proof.failed}


def test_a_proof_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nonesuch"]) == 2
    assert "nonesuch" in capsys.readouterr().err


def test_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """A task by its own name, and the figures of a run."""
    assert main(["watchdog_prove"]) == 0
    task, mode, outcome, *_ = capsys.readouterr().out.split()
    assert (task, mode, outcome) == ("watchdog_prove", "prove", PASS)
