# SPDX-License-Identifier: Apache-2.0
"""How an ICD's names and numbers look in SystemVerilog, and the forms that the package is made of.

Names as in the lowRISC style guide: `UpperCamelCase` for constants and enumerators, `_e` and `_t` for types.
Every function here returns whole lines, however long; `fold` breaks them at the end.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from interfaces.generate.sv_keywords import KEYWORDS
from interfaces.spec.model import Icd, Timing

WIDTH = 100
COMMENT = "  // "
_NS_PER_US = 1_000
_US_PER_S = 1_000_000
_UNSIGNED_32 = 1 << 32
_SIGNED_32, _SIGNED_64 = 1 << 31, 1 << 63


class ClashError(ValueError):
    """Two things of an ICD would have one name in SystemVerilog. The ICD's author must act."""

    def __init__(self, name: str) -> None:
        super().__init__(f"two things would be called {name!r} in SystemVerilog; rename one of them")


class Member(NamedTuple):
    """A member of a packed structure."""

    type: str
    name: str
    comment: str = ""


def camel(*names: str) -> str:
    """`arm_window`, `us` -> `ArmWindowUs`."""
    return "".join(part.capitalize() for name in names for part in name.split("_"))


def word(name: str) -> str:
    """The name where it stands by itself in lower case: a keyword gets a trailing underscore."""
    return f"{name}_" if name in KEYWORDS else name


def vector(bits: int, signed: bool = False) -> str:
    """The type of so many bits."""
    return "logic" + " signed" * signed + (f" [{bits - 1}:0]" if bits > 1 else "")


def code_bits(codes: Iterable[int]) -> int:
    """The least width that holds all the codes."""
    return max(1, *(code.bit_length() for code in codes))


def number(name: str, value: int) -> str:
    """A constant: `int unsigned` where that holds it, else `longint`, else as wide as it needs."""
    if 0 <= value < _UNSIGNED_32:
        return constant("int unsigned", name, f"32'd{value:_}" if value >= _SIGNED_32 else f"{value:_}")
    if -_SIGNED_64 <= value < _SIGNED_64:
        return constant("longint", name, signed_literal(64, value))
    return constant(vector(value.bit_length()), name, f"{value.bit_length()}'d{value:_}")


def signed_literal(bits: int, value: int) -> str:
    """`-16'sd90`"""
    return f"{'-' * (value < 0)}{bits}'sd{abs(value):_}"


def constant(type_: str, name: str, value: str) -> str:
    """One constant of the package."""
    return f"  localparam {type_} {name} = {value};"


def enumeration(name: str, prefix: str, codes: Mapping[str, int]) -> list[str]:
    """`typedef enum`, its enumerators in the ICD's order; nothing where there are none."""
    if not codes:
        return []
    bits = code_bits(codes.values())
    enumerators = [f"{prefix}{camel(one)} = {bits}'d{code}" for one, code in codes.items()]
    return [f"  typedef enum {vector(bits)} {{", *_listed("    ", enumerators), f"  }} {name};"]


def struct(name: str, members: Sequence[Member]) -> list[str]:
    """`typedef struct packed`, the first member the most significant."""
    seen: set[str] = set()
    for member in members:
        if member.name in seen:
            raise ClashError(f"{name}.{member.name}")
        seen.add(member.name)
    lines = [f"    {one.type} {one.name};{COMMENT * bool(one.comment)}{one.comment}" for one in members]
    return ["  typedef struct packed {", *lines, f"  }} {name};"]


def pattern(type_: str, name: str, values: Mapping[str, str]) -> list[str]:
    """A constant structure, by the names of its members."""
    members = [f"{member}: {value}" for member, value in values.items()]
    return [f"  localparam {type_} {name} = '{{", *_listed("    ", members), "  };"]


def function(type_: str, name: str, arguments: Sequence[str], body: Iterable[str]) -> list[str]:
    """A function, after an empty line; its arguments are all inputs."""
    inputs = [f"input {argument}" for argument in arguments]
    head = f"  function automatic {type_} {name}("
    line = f"{head}{', '.join(inputs)});"
    heads = [line] if len(line) <= WIDTH else [head, *_listed("      ", inputs), "  );"]
    return ["", *heads, *body, "  endfunction"]


def is_in(states: Sequence[str]) -> str:
    """The condition that `state` is one of these."""
    if len(states) == 1:
        return f"state == {states[0]}"
    return f"state inside {{{', '.join(states)}}}" if states else "1'b0"


def note(text: str) -> str:
    """A text of the ICD as the end of a line; nothing of it can leave the comment."""
    return f"{COMMENT}{' '.join(text.split())}" if text.strip() else ""


def comment(text: str) -> list[str]:
    """A text as comment lines at the left margin."""
    return _wrapped(" ".join(text.split()), "// ", "// ")


def fold(line: str) -> Iterator[str]:
    """A line as lines that are not too long, where its words let it; a comment that does not fit goes before it."""
    if len(line) <= WIDTH:
        yield line
        return
    code, mark, words = line.partition(COMMENT)
    indent = " " * (len(line) - len(line.lstrip()))
    if mark:
        yield from _wrapped(words, f"{indent}// ", f"{indent}// ")
    if code.strip():
        yield from _wrapped(code.strip(), indent, f"{indent}    ")


def _listed(indent: str, items: Sequence[str]) -> Iterator[str]:
    """One a line, with commas between them."""
    for item in items[:-1]:
        yield f"{indent}{item},"
    yield f"{indent}{items[-1]}"


def _wrapped(text: str, first: str, later: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )


def microseconds(timing: Timing) -> int:
    """A timing in us; no unit of the ICD is finer."""
    return timing.value_ns // _NS_PER_US


def clocks(icd: Icd, timing: Timing) -> int | None:
    """A timing in clocks; None where there is no clock, or no whole number of them in 32 bits."""
    if icd.discrete is None:
        return None
    whole, rest = divmod(microseconds(timing) * icd.discrete.clock_hz, _US_PER_S)
    return whole if not rest and whole < _UNSIGNED_32 else None
