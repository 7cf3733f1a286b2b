# SPDX-License-Identifier: Apache-2.0
"""The SystemVerilog package: a reader as strict as the standard takes it, and its values are the ICD's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from pyslang import ast, driver, parsing, syntax

from interfaces.codec.message import MessageCodec
from interfaces.framing.crc import crc16_named
from interfaces.generate.sv import CRCS
from interfaces.generate.sv_keywords import KEYWORDS
from interfaces.generate.sv_text import WIDTH, ClashError, fold, number
from interfaces.generate.targets import KEPT, Kept, generate
from interfaces.spec.load import shipped
from interfaces.spec.model import Constant, Field
from tests.interfaces.generate.package import ICDS, INTERCEPTOR, ROOT, SOUND, Package, camel


@pytest.fixture(scope="module")
def package() -> Package:
    return Package(INTERCEPTOR)


@pytest.fixture(scope="module")
def sound() -> Package:
    return Package(SOUND)


@pytest.mark.parametrize("kept", KEPT, ids=lambda kept: kept.path)
def test_kept_files_are_up_to_date(kept: Kept) -> None:
    """What is in the repository is what the generator makes; the file's own second and third line mend it."""
    assert (ROOT / kept.path).read_text() == generate(kept.target, shipped(kept.icd))


@pytest.mark.parametrize("name", ICDS)
def test_slang_takes_it(name: str, tmp_path: Path) -> None:
    """No error and no warning, and no line that is too long; sections that an ICD lacks are left out."""
    text = generate("sv", ICDS[name])
    path = tmp_path / "icd_pkg.sv"
    path.write_text(text)
    slang = driver.Driver()
    slang.addStandardArgs()
    assert slang.parseCommandLine(f"slang -Wno-missing-top {path}")
    assert slang.processOptions()
    assert slang.parseAllSources()
    slang.reportCompilation(slang.createCompilation(), False)
    assert (slang.diagEngine.numErrors, slang.diagEngine.numWarnings) == (0, 0)
    assert [line for line in text.splitlines() if len(line) > WIDTH] == []
    assert ("ClockHz" in text) == (ICDS[name].discrete is not None)
    assert ("MaxPayloadBytes" in text) == (ICDS[name].messages is not None)


def numbers() -> Iterator[tuple[str, int]]:
    """Each number of the interceptor's ICD by its name in the package."""
    icd, discrete = INTERCEPTOR, INTERCEPTOR.discrete
    assert discrete is not None
    assert discrete.slots is not None
    yield from (("ClockHz", 10_000_000), ("ClocksPerUs", 10), ("UmbilicalCharBits", 11), ("UmbilicalParityOdd", 0))
    for line in discrete.lines:
        if line.driver == "launcher":
            yield camel(line.name, "debounce_clocks"), line.debounce_clocks
            yield camel(line.name, "wires"), line.of
            yield camel(line.name, "need"), line.need
    yield from ((camel("latency", one.name, "clocks"), one.max_clocks) for one in discrete.latencies)
    yield from ((camel("slot", name), getattr(discrete.slots, name)) for name in ("cycle_us", "pitch_us", "count"))
    for name, timing in icd.timings.items():
        yield camel(name, "us"), timing.value_ns // 1_000
        yield camel(name, "clocks"), timing.value_ns // 100
    yield from ((camel(name), one.value) for name, one in icd.constants.items())
    for name, codes in icd.enums.items():
        yield from ((camel(name, one), code) for one, code in codes.items())
    for machine, one in icd.machines.items():
        yield from ((camel(machine, state), code) for state, code in one.states.items())


def test_numbers(package: Package) -> None:
    """Every one is the ICD's."""
    wanted = dict(numbers())
    assert len(wanted) > 100
    assert {name: package(f"@{name}") for name in wanted} == wanted


def test_line_levels(package: Package) -> None:
    """The ICD's first line is the most significant; all wires of a line that is active low are 1."""
    wires = "".join(
        ("1" if line.active == "low" else "0") * line.of
        for line in INTERCEPTOR.discrete.lines  # type: ignore[union-attr]
        if line.driver == "launcher"
    )
    assert package("@WiresActiveLow") == int(wires, 2)
    assert package("$bits(@wires_t)") == len(wires)
    assert package("$bits(@lines_t)") == 11
    assert package("@OutputsActiveLow") == 0b0001


def masks(package: Package, message: str, fields: tuple[Field, ...]) -> Iterator[tuple[str, int]]:
    for field in fields:
        name = f"{field.name}_" if field.name in KEYWORDS else field.name
        if field.type != "pad":
            yield field.name, package(f"@{message}_msg_t'{{{name}: '1, default: '0}}")


@pytest.mark.parametrize("name", ["arm", "time", "ack", "refusal", "status"])
def test_message_layout(package: Package, name: str) -> None:
    """A field stands where the codec packs it: changing it changes bits of its own member, and of no other."""
    assert INTERCEPTOR.messages is not None
    message = INTERCEPTOR.messages.messages[name]
    codec = MessageCodec(INTERCEPTOR.messages, INTERCEPTOR.enums)
    fields = (*INTERCEPTOR.messages.header, *message.fields)
    codes = {one.name: list(INTERCEPTOR.enums[one.enum].values()) if one.enum else [0, 1] for one in fields}
    base = {one.name: codes[one.name][0] for one in fields if one.type != "pad" and one.name != "id"}
    empty = int.from_bytes(codec.encode(name, base))
    assert package(f"@{camel(name)}Id") == message.id
    assert package(f"@{camel(name)}Bytes") * 8 == package(f"$bits(@{name}_msg_t)") == len(codec.encode(name, base)) * 8
    seen = 0
    for field, mask in masks(package, name, fields):
        assert mask & seen == 0
        seen |= mask
        if field != "id":
            other = int.from_bytes(codec.encode(name, {**base, field: codes[field][1]}))
            assert (other ^ empty) & ~mask == 0 != other ^ empty
    assert empty & ~seen == 0


def test_limits(package: Package, sound: Package) -> None:
    """Raw values, signed ones as wide as their field; a message that is no structure has them too."""
    assert package("@MsgTimeAtPpsUsMax") == 3_999_999_999
    assert package("@MsgTimeSlotMin") == 0
    assert (sound("@MsgSetLevelMin"), sound("@MsgSetLevelMax")) == (0, 255)
    assert (sound("@MsgSetDepthMin"), sound("@MsgSetDepthMax")) == (-32_768, 32_767)
    assert sound("$bits(@MsgSetDepthMin)") == 16
    assert sound("@SetBytes") == 10
    assert "set_msg_t" not in sound.text
    assert "ReportBytes" not in sound.text


@pytest.mark.parametrize("name", CRCS)
def test_crcs(name: str) -> None:
    """The parameters make the algorithm of that name: bit by bit the same as the library's table."""
    crc, data = CRCS[name], b"123456789"
    rest = crc.initial
    for byte in data:
        for bit in range(8):
            bits = byte >> bit if crc.reflected else byte >> 7 - bit
            top = rest >> 15 ^ bits & 1
            rest = rest << 1 & 0xFFFF ^ (crc.polynomial if top else 0)
    rest = int(f"{rest:016b}"[::-1], 2) if crc.reflected else rest
    assert rest ^ crc.xor_out == crc16_named(name)(data)


def test_keywords() -> None:
    """As many as slang knows, and it takes none of them for a name."""
    assert len(KEYWORDS) == len([kind for kind in dir(parsing.TokenKind) if kind.endswith("Keyword")])
    trees = {word: syntax.SyntaxTree.fromText(f"module m; logic {word}; endmodule") for word in (*KEYWORDS, "fault")}
    assert {word for word, tree in trees.items() if not tree.diagnostics} == {"fault"}


@pytest.mark.parametrize("value", [0, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 2**64 - 1, -1, -(2**63)])
def test_large_and_negative_numbers(value: int) -> None:
    """Each in a type that holds it."""
    session = ast.ScriptSession()
    session.eval(f"package p;\n{number('Value', value)}\nendpackage")
    assert int(session.eval("p::Value").value) == value


def test_names_that_clash() -> None:
    """Two names of the ICD that are one in the package are refused, constants and members alike."""
    constants = {name: Constant(1, "One") for name in ("a_b", "a__b")}
    with pytest.raises(ClashError, match="'AB'"):
        generate("sv", msgspec.structs.replace(SOUND, constants=constants))
    assert SOUND.messages is not None
    header = (*SOUND.messages.header, Field("sequence_", bits=8))
    messages = msgspec.structs.replace(SOUND.messages, header=header)
    with pytest.raises(ClashError, match=r"'beat_msg_t\.sequence_'"):
        generate("sv", msgspec.structs.replace(SOUND, messages=messages))


def test_long_lines() -> None:
    """A line is broken between words; a comment that does not fit stands before it."""
    assert list(fold("    short;  // why")) == ["    short;  // why"]
    folded = list(fold(f"    if ({'x' * 60} && {'y' * 60}) begin  // {'why ' * 30}"))
    assert [line.split()[0] for line in folded] == ["//", "//", "if", "y" * 60 + ")"]
    assert max(map(len, folded)) <= WIDTH
