# SPDX-License-Identifier: Apache-2.0
"""Whatever stands in an ICD is refused or can be used: in bounded time, and never with another error."""

from __future__ import annotations

import copy
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hil.devices.modbus_tables import BitTable, WordTable
from interfaces.codec.message import MessageCodec
from interfaces.codec.registers import RegisterCodec
from interfaces.errors import Finding, InputError
from interfaces.spec import source
from interfaces.spec.load import FOLDER, load, shipped_names
from interfaces.spec.model import Icd
from interfaces.spec.source import MAX_FINDINGS

BOUND_S = 20  # for a shared machine; unbounded, the files below take minutes or all memory
HEAD: dict[str, Any] = {"icd": 1, "name": "big", "title": "Big", "revision": "1", "notice": "Notional."}
MAP: dict[str, Any] = {
    "functions": [3],
    "identification": {"vendor_name": "V", "product_code": "P", "revision": "1"},
}
SET: dict[str, Any] = {"framing": {"kind": "cobs", "crc": "crc16_kermit"}, "header": [{"name": "id", "bits": 8}]}


def findings(tmp_path: Path, **sections: Any) -> list[Finding]:
    """What loading an ICD of these sections finds, in bounded time (JSON is YAML)."""
    path = tmp_path / "icd.yaml"
    path.write_text(json.dumps({**HEAD, **sections}))
    begin = time.monotonic()
    try:
        load(path)
    except InputError as error:
        return list(error.findings)
    finally:
        assert time.monotonic() - begin < BOUND_S
    return []


def machine(states: int, rows: int) -> dict[str, Any]:
    """A machine whose rows all leave every state but one."""
    transitions = [{"from": "*", "event": f"e{row}", "to": f"s{row % states}"} for row in range(rows)]
    return {"initial": "s0", "states": {f"s{at}": at for at in range(states)}, "transitions": transitions}


def test_machines_are_bounded(tmp_path: Path) -> None:
    """As large as is allowed passes; one state or one row more does not, nor does a huge one take long."""
    assert findings(tmp_path, machines={"m": machine(256, 1024)}) == []
    (states,) = findings(tmp_path, machines={"m": machine(257, 257)})
    assert (states.key, states.rule) == ("machines.m.states", "must be a mapping of at most 256")
    (rows,) = findings(tmp_path, machines={"m": machine(256, 1025)})
    assert (rows.key, rows.rule) == ("machines.m.transitions", "must be a list of at most 1024")
    assert len(findings(tmp_path, machines={"m": machine(12_000, 12_000)})) == 2


def test_unknown_names_among_many(tmp_path: Path) -> None:
    """Looking for the nearest right word takes no time that grows with the square of the file."""
    enums = {f"e{at}": {"a": 0} for at in range(8_000)}
    registers = [{"name": f"r{at}", "address": at, "text": "R", "enum": f"z{at}"} for at in range(8_000)]
    found = findings(tmp_path, enums=enums, modbus={**MAP, "holding": registers})
    assert {one.rule for one in found} == {
        f"more than {MAX_FINDINGS} mistakes between sections",
        *(f"'z{at}' is not in `enums`" for at in range(MAX_FINDINGS)),
    }


def test_many_messages(tmp_path: Path) -> None:
    """An identifier is a byte, so no more messages can be told apart."""
    messages = {f"m{at}": {"id": at % 256, "sender": "device", "text": "M"} for at in range(257)}
    (one,) = findings(tmp_path, messages={**SET, "messages": messages})
    assert one.rule == "must be a mapping of at most 256"
    del messages["m256"]
    assert findings(tmp_path, messages={**SET, "messages": messages}) == []


DATA = {name: source.read(FOLDER / f"{name}.yaml").data for name in shipped_names()}
ODD: tuple[Any, ...] = (None, True, -1, 0, 1, 64, 65, 255, 65_535, 2**64 - 1, -(2**63), 1.5, 1e308, -1e-320)
ODD += ("", "off", "*", "a\0b", "edge:", "timeout", "id", "count", "x" * 100, [], {}, [[]], {"a": 1}, [None])


def places(value: Any, keys: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The keys of everything below a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*keys, key)
        yield from places(inner, (*keys, key))


PLACES = {name: list(places(data)) for name, data in DATA.items()}


def value_at(data: Any, keys: tuple[Any, ...]) -> Any:
    for key in keys:
        data = data[key]
    return data


def spoil(name: str, chance: random.Random) -> Any:
    """A shipped ICD with one place taken out, or made odd, or like another place of it."""
    data = copy.deepcopy(DATA[name])
    *path, last = chance.choice(PLACES[name])
    holder = value_at(data, tuple(path))
    how = chance.randrange(3)
    if how == 0:
        del holder[last]
    elif how == 1:
        holder[last] = chance.choice(ODD)
    else:
        holder[last] = copy.deepcopy(value_at(DATA[name], chance.choice(PLACES[name])))
    return data


def use(icd: Icd) -> None:
    """Make what a device makes of an ICD."""
    if icd.messages is not None:
        MessageCodec(icd.messages, icd.enums)
    if icd.modbus is not None:
        for registers in (icd.modbus.holding, icd.modbus.input):
            WordTable([RegisterCodec(one, icd.modbus.word_order, icd.enums) for one in registers])
        BitTable(icd.modbus.coils)
        BitTable(icd.modbus.discrete_inputs)


@pytest.mark.parametrize("name", shipped_names())
def test_a_spoiled_icd_is_refused_or_can_be_used(name: str, tmp_path: Path) -> None:
    """Of many, some are refused and some not; what is not refused has codecs and tables."""
    chance = random.Random(name)
    path = tmp_path / "icd.yaml"
    refused = used = 0
    for _ in range(80):
        path.write_text(json.dumps(spoil(name, chance)))
        try:
            icd = load(path)
        except InputError:
            refused += 1
        else:
            use(icd)
            used += 1
    assert refused > 20
    assert used > 2
