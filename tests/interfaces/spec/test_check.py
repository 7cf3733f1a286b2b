# SPDX-License-Identifier: Apache-2.0
"""Each cross-check finds what it is for, at its place, and lets pass what is just right."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from interfaces.spec import source
from interfaces.spec.check import CHECKS, mistakes
from interfaces.spec.load import load, shipped, shipped_names
from interfaces.spec.mistake import Draft
from interfaces.spec.model import Icd
from interfaces.spec.plain import show

SOUND = Path(__file__).with_name("sound.yaml")
DATA = source.read(SOUND).data
GONE = "(gone)"


class Planted(NamedTuple):
    """One place of the sound ICD changed, where the finding must be, and what its rule says."""

    change: str
    value: Any
    found: str
    rule: str


SET = "messages.messages.set"
REPORT = "messages.messages.report"
ROWS = "machines.main.transitions"
COOL = "machines.main.commands.cool"
LATENCIES = "discrete.latencies"

PLANTED = [
    Planted("revision", "3", "revision", "is not the last one of `history`"),
    Planted("enums.mode.on", 0, "enums.mode.on", "code 0 is there already"),
    Planted("enums.main", {"off": 0, "on": 2, "hot": 1}, "enums.main.on", "machine 'main' has code 1"),
    Planted("timings.tock.tolerance", 201, "timings.tock.tolerance", "is more than the value"),
    Planted("timings.tick.tolerance", 100, f"{REPORT}.period", "two of it may come at once"),
    Planted("constants.most.unit", "furlongz", "constants.most.unit", "is no unit"),
    Planted("modbus.holding.1.unit", "degrees", "modbus.holding[1].unit", "is no unit"),
    Planted("serial.bus.half_duplex", False, "serial.bus.turnaround_max_us", "only a half-duplex line"),
    Planted("serial.line.bit_rate_bps", 1_250_001, "serial.line.bit_rate_bps", "fewer than 8 times"),
    # messages
    Planted("messages.messages.ack.id", 1, "messages.messages.ack.id", "id 1 is there already"),
    Planted("messages.header.0.name", "kind", "messages.header", "has no field `id`"),
    Planted("messages.header.0.bits", 2, "messages.messages.refusal.id", "more than the header's 2 bits"),
    Planted("messages.header.0.type", "int", "messages.header[0].type", "`id` is unsigned"),
    Planted("messages.header.1.count", 2, "messages.header[1]", "of fixed width"),
    Planted(f"{SET}.reply", GONE, SET, "a command without a reply"),
    Planted(f"{SET}.reply", "ackk", f"{SET}.reply", "'ackk' is not in `messages`"),
    Planted(f"{SET}.reply", "beat", f"{SET}.reply", "is sent by the same end"),
    Planted(f"{SET}.refusal", "refusall", f"{SET}.refusal", "'refusall' is not in `messages`"),
    Planted(f"{SET}.within", "tik", f"{SET}.within", "'tik' is not in `timings`"),
    Planted("messages.messages.beat.within", "tick", "messages.messages.beat.within", "there is none"),
    Planted(f"{REPORT}.period", "ticks", f"{REPORT}.period", "'ticks' is not in `timings`"),
    Planted("messages.framing.max_payload", 15, REPORT, "takes up to 16 bytes, more than max_payload, 15"),
    # fields
    Planted(f"{SET}.fields.1.name", "sequence", f"{SET}.fields[1].name", "a field 'sequence' is there already"),
    Planted(f"{SET}.fields.0.enum", "mood", f"{SET}.fields[0].enum", "'mood' is not in `enums`"),
    Planted(f"{SET}.fields.0.enum", GONE, f"{SET}.fields[0].enum", "go together"),
    Planted("enums.mode.on", 256, f"{SET}.fields[0].enum", "on has code 256, more than 8 bits hold"),
    Planted(f"{SET}.fields.1.max", 118, f"{SET}.fields[1].max", "lies outside -10 to 117.5"),
    Planted(f"{SET}.fields.1.min", -10.5, f"{SET}.fields[1].min", "lies outside -10 to 117.5"),
    Planted(f"{SET}.fields.1.min", 118, f"{SET}.fields[1].min", "is above `max`"),
    Planted(f"{SET}.fields.1.scale", 0, f"{SET}.fields[1].scale", "makes every value the same"),
    Planted(f"{SET}.fields.1.role", "code", "", ""),
    Planted(f"{SET}.fields.2.role", "counter", f"{SET}.fields[2].role", "a counter is an unsigned integer"),
    Planted(f"{SET}.fields.2.min", -32769, f"{SET}.fields[2].min", "lies outside -32768 to 32767"),
    Planted(f"{SET}.fields.2.bits", 12, f"{SET}.fields[2].order", "only whole bytes"),
    Planted(f"{SET}.fields.0.bits", 7, f"{SET}.fields[2].order", "begins on a byte boundary"),
    Planted(f"{SET}.fields.0.bits", 0, f"{SET}.fields[0].bits", "the field has no width"),
    Planted(f"{SET}.fields.3.bits", 24, f"{SET}.fields[3].bits", "16, 32 or 64 bits"),
    Planted(f"{SET}.fields.3.scale", 2, f"{SET}.fields[3].scale", "neither scale nor offset"),
    Planted(f"{SET}.fields.3.max", 1e39, f"{SET}.fields[3].max", "lies outside"),
    Planted(f"{REPORT}.fields.3.count", "numbr", f"{REPORT}.fields[3].count", "names no unsigned field before"),
    Planted(f"{REPORT}.fields.3.count", "trace", f"{REPORT}.fields[3].count", "names no unsigned field before"),
    Planted(f"{REPORT}.fields.3.count", "flag", f"{REPORT}.fields[3].count", "names no unsigned field before"),
    Planted(f"{REPORT}.fields.3.max_count", GONE, f"{REPORT}.fields[3]", "'max_count' is missing"),
    Planted(f"{REPORT}.fields.2.bits", 1, f"{REPORT}.fields[3].max_count", "more than 'number' can say in 1 bits"),
    Planted(f"{REPORT}.fields.3.bits", 8, f"{REPORT}.fields[3].bits", "as wide as its fields"),
    Planted(f"{REPORT}.fields.3.fields", [], f"{REPORT}.fields[3].fields", "a group without fields"),
    Planted(f"{REPORT}.fields.3.type", "uint", f"{REPORT}.fields[3].fields", "a field of type uint has none"),
    Planted(f"{REPORT}.fields.3.fields.0.bits", 4, f"{REPORT}.fields[3].fields[1].order", "begins on a byte boundary"),
    # modbus
    Planted("modbus.response", "tik", "modbus.response", "'tik' is not in `timings`"),
    Planted("modbus.coils.1.address", 0, "modbus.coils[1].address", "overlaps 'lamp'"),
    Planted("modbus.holding.3.address", 3, "modbus.holding[3].address", "overlaps 'total', which ends at 3"),
    Planted("modbus.input.2.address", 65533, "modbus.input[2].address", "end beyond 65535"),
    Planted("modbus.discrete_inputs.0.count", 2, "modbus.discrete_inputs[0].address", "end beyond 65535"),
    Planted("modbus.fifos.0.name", "lamp", "modbus.fifos[0].name", "the name 'lamp' is there already"),
    Planted("modbus.input.1.bits.2.low", 16, "modbus.input[1].bits[2]", "bit 16 of 16"),
    Planted("modbus.input.1.bits.2.low", 8, "modbus.input[1].bits[2]", "overlaps bits of an earlier one"),
    Planted("modbus.input.1.bits.1.bits", 7, "modbus.input[1].bits[1].enum", "more than 7 bits hold"),
    Planted("modbus.input.1.bits.1.enum", "wid", "modbus.input[1].bits[1].enum", "'wid' is not in `enums`"),
    Planted("modbus.fifos.0.entry.0.low", 9, "modbus.fifos[0].entry[0]", "bit 16 of 16"),
    Planted("modbus.holding.3.bits", [{"name": "b", "low": 0}], "modbus.holding[3].bits", "no bit fields"),
    Planted("modbus.holding.0.enum", "mood", "modbus.holding[0].enum", "'mood' is not in `enums`"),
    Planted("modbus.holding.3.enum", "mode", "modbus.holding[3].enum", "no enumeration"),
    Planted("modbus.holding.1.max", 6553.6, "modbus.holding[1].max", "lies outside 0 to 6553.5"),
    Planted("modbus.holding.3.max", 1e39, "modbus.holding[3].max", "lies outside"),
    Planted("modbus.holding.1.word_order", "CDAB", "modbus.holding[1].word_order", "no word order"),
    Planted("modbus.holding.1.initial", 9, "modbus.holding[1].initial", "is below `min`, as 0.9"),
    Planted("modbus.holding.1.initial", 3600, "modbus.holding[1].initial", "is above `max`, as 360"),
    Planted("modbus.holding.0.initial", 2, "modbus.holding[0].initial", "is no code of 'mode'"),
    Planted("modbus.holding.2.initial", 2**32, "modbus.holding[2].initial", "is no u32"),
    Planted("modbus.holding.3.initial", 121, "modbus.holding[3].initial", "is above `max`, as 121"),
    Planted("modbus.holding.0.access", "r", "modbus.holding[0].effect", "nobody can write it"),
    Planted("modbus.coils.0.access", "r", "modbus.coils[0].effect", "nobody can write it"),
    Planted("modbus.input.0.access", "rw", "modbus.input[0].access", "no function writes input"),
    Planted("modbus.holding.1.on_read", "clear", "", ""),
    Planted("modbus.functions.6", 9, "modbus.functions[6]", "no function code that is known"),
    Planted("modbus.functions.6", 43, "modbus.functions[12]", "function 43 is there already"),
    Planted("modbus.fifos", [], "modbus.functions[11]", "reads fifos, of which there are none"),
    Planted("modbus.discrete_inputs", [], "modbus.functions[1]", "reads discrete_inputs"),
    Planted("modbus.coils", [{"name": "c", "address": 0, "text": "C"}], "modbus.functions[4]", "none can be written"),
    Planted("modbus.functions", [1, 3, 4, 24], "modbus.discrete_inputs", "no function reaches it"),
    # machines
    Planted("machines.main.states.hot", 1, "machines.main.states.hot", "code 1 is there already"),
    Planted("machines.main.initial", "of", "machines.main.initial", "has no state 'of'"),
    Planted(f"{ROWS}.0.from", "offf", f"{ROWS}[0].from", "has no state 'offf'"),
    Planted(f"{ROWS}.0.to", "onn", f"{ROWS}[0].to", "has no state 'onn'"),
    Planted("machines.main.states.cold", 3, "machines.main.states.cold", "no transition leads here"),
    Planted(f"{ROWS}.2.after", GONE, f"{ROWS}[2]", "go together"),
    Planted(f"{ROWS}.0.after", "tick", f"{ROWS}[0]", "go together"),
    Planted(f"{ROWS}.2.after", "tik", f"{ROWS}[2].after", "'tik' is not in `timings`"),
    Planted(f"{ROWS}.0.guard", GONE, f"{ROWS}[1]", "can never be taken"),
    Planted(f"{ROWS}.2.guard", GONE, f"{ROWS}[3]", "can never be taken"),
    Planted(f"{COOL}.legal", [], f"{COOL}.legal", "legal nowhere"),
    Planted(f"{COOL}.legal.0", "on_", f"{COOL}.legal[0]", "has no state"),
    Planted(
        "machines.main.commands.cool.refused", "not_of", "machines.main.commands.cool.refused", "is not in `enums`"
    ),
    # discrete
    Planted("discrete.lines.0.need", 4, "discrete.lines[0].need", "more than there are wires, 3"),
    Planted("discrete.lines.1.name", "key", "discrete.lines[1].name", "the line 'key' is there already"),
    Planted("discrete.lines.1.active_in.1", "hott", "discrete.lines[1].active_in[1]", "'hott' is not in `machines`"),
    Planted("discrete.lines.1.active_in.1", "on", "discrete.lines[1].active_in[1]", "the state 'on' is there already"),
    Planted("discrete.lines.0.active_in", ["on"], "discrete.lines[0].active_in", "only a line that the interceptor"),
    Planted("discrete.lines.1.active_in", GONE, "", ""),
    Planted(f"{LATENCIES}.1.name", "out", f"{LATENCIES}[2].name", "the latency 'out' is there already"),
    Planted(f"{LATENCIES}.1.min_clocks", 9, f"{LATENCIES}[1].min_clocks", "is above max_clocks"),
    Planted(f"{LATENCIES}.0.source", "edge:kee", f"{LATENCIES}[0].source", "there is no such edge"),
    Planted(f"{LATENCIES}.0.source", "egde:key", f"{LATENCIES}[0].source", "is none of edge:<name>"),
    Planted(f"{LATENCIES}.1.source", "byte:sit", f"{LATENCIES}[1].source", "there is no such byte"),
    Planted(f"{LATENCIES}.2.source", "state:hott", f"{LATENCIES}[2].source", "there is no such state"),
    Planted(f"{LATENCIES}.2.to", "line:key", f"{LATENCIES}[2].to", "there is no such line"),
    Planted(f"{LATENCIES}.1.to", "state:onn", f"{LATENCIES}[1].to", "there is no such state"),
    Planted("discrete.lines.0.debounce_clocks", 21, f"{LATENCIES}[0].max_clocks", "take, 24"),
    Planted("discrete.slots.length_us", 301, "discrete.slots.length_us", "slots overlap"),
    Planted("discrete.slots.first_us", 101, "discrete.slots.count", "the last slot ends at 1001 us"),
    Planted("discrete.slots.start_tolerance_us", 300, "discrete.slots.start_tolerance_us", "as long as the slot"),
]


def changed(one: Planted) -> Icd:
    """The sound ICD with one place changed."""
    data = copy.deepcopy(DATA)
    *path, last = [int(key) if key.isdigit() else key for key in one.change.split(".")]
    value = data
    for key in path:
        value = value[key]
    if one.value is GONE:
        del value[last]
    else:
        value[last] = one.value
    return msgspec.convert(data, Icd)


WRONG = [one for one in PLANTED if one.rule]
RIGHT = [one for one in PLANTED if not one.rule]


@pytest.mark.parametrize("one", WRONG, ids=lambda one: f"{one.change}={one.value}")
def test_a_planted_mistake_is_found(one: Planted) -> None:
    """The finding stands at its place, says the rule, and has a mend."""
    found = [(show(keys), rule) for keys, rule, mend in mistakes(changed(one)) if mend]
    assert [rule for place, rule in found if place == one.found and one.rule in rule], found


@pytest.mark.parametrize("one", RIGHT, ids=lambda one: f"{one.change}={one.value}")
def test_what_is_right_passes(one: Planted) -> None:
    assert list(mistakes(changed(one))) == []


def test_the_sound_one_passes() -> None:
    """Every limit in it is met exactly; no check finds anything."""
    assert load(SOUND).name == "sound"


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_icds_pass(name: str) -> None:
    assert list(mistakes(shipped(name))) == []


def test_every_check_has_its_example() -> None:
    """No check is without a planted mistake that it alone is asked to find."""
    drafts = [Draft(changed(one), frozenset()) for one in WRONG]
    assert [check.__name__ for check in CHECKS if not any(any(check(draft)) for draft in drafts)] == []


MENDS = [
    (f"{SET}.reply", "akc", "did you mean 'ack'?"),
    (f"{SET}.within", "tok", "did you mean 'tock'?"),
    (f"{SET}.fields.0.enum", "mod", "did you mean 'mode'?"),
    ("machines.main.initial", "hott", "did you mean 'hot'?"),
    (f"{REPORT}.fields.3.count", "numbr", "did you mean 'number'?"),
    (f"{LATENCIES}.0.source", "edge:kee", "did you mean 'key'?"),
    (f"{SET}.within", "zzzz", "known: tick, tock"),
]


@pytest.mark.parametrize(("change", "value", "mend"), MENDS)
def test_the_nearest_right_word_is_named(change: str, value: str, mend: str) -> None:
    found = list(mistakes(changed(Planted(change, value, "", ""))))
    assert mend in [one.mend for one in found]


def test_a_section_that_does_not_fit_hides_no_other() -> None:
    """References into a section that could not be read are no mistakes; the rest is checked."""
    data = copy.deepcopy(DATA)
    del data["timings"]
    data["machines"]["main"]["initial"] = "of"
    found = list(mistakes(msgspec.convert(data, Icd), {"timings"}))
    assert [show(one.keys) for one in found] == ["machines.main.initial"]
