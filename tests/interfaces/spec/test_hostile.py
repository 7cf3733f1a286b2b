# SPDX-License-Identifier: Apache-2.0
"""Files that mean harm, or only look like numbers: refused with a line, in bounded time, never a traceback."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfaces.errors import InputError
from interfaces.spec import source
from interfaces.spec.load import load
from interfaces.spec.plain import MAX_DEPTH, MAX_VALUES, to_plain
from interfaces.spec.source import MAX_BYTES, MAX_FINDINGS

BOUND_S = 20  # generous, since the machine is shared; without its bound each of these takes minutes, or all memory
LAUGHS = "a: &a [x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\n"

HOSTILE = {
    "depth": ("a: " + "[" * 100_000, f"nested deeper than {MAX_DEPTH}"),
    "deep blocks": ("\n".join(" " * at + "a:" for at in range(200)), f"nested deeper than {MAX_DEPTH}"),
    "aliases": (LAUGHS, "an anchor or alias"),
    "an alias to itself": ("a: &a [*a]", "an anchor or alias"),
    "tag": ("a: !!python/object/apply:os.system [echo]", "a tag"),
    "an own tag": ("a: !thing 3", "a tag"),
    "merge key": ("a: {<<: {b: 1}}", "no such key"),
    "huge integer": ("icd: " + "9" * 100_000, "an integer of more than 64 bits"),
    "huge hexadecimal": ("icd: 0x" + "f" * 17, "an integer of more than 64 bits"),
    "huge float": ("icd: 1e999", "a number beyond those of 64 bits"),
    "same key twice": ("icd: 1\nicd: 2", "the same key twice"),
    "a list as key": ("[a, b]: 1", "a key that is no plain word"),
    "many values": ("a: [" + "1," * (MAX_VALUES + 1) + "]", f"more than {MAX_VALUES} keys and values"),
    "many mistakes": ("\n".join(f"k{at}: 1" for at in range(5_000)), f"more than {MAX_FINDINGS} mistakes"),
    "long key": ("k" * 1_000_000 + ": 1", ""),
    "large file": ("#" * (MAX_BYTES + 1), f"is larger than {MAX_BYTES} bytes"),
    "empty": ("", "is empty"),
    "only a comment": ("# nothing", "is empty"),
    "a list": ("- 1", "must be a mapping"),
    "a word": ("word", "must be a mapping"),
    "two documents": ("a: 1\n---\nb: 2", ""),
    "no YAML": ("a: [1, 2", ""),
    "tab": ("a:\n\t- 1", ""),
    "control character": ("a: \x01", ""),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_refused_in_bounded_time(name: str, tmp_path: Path) -> None:
    text, rule = HOSTILE[name]
    path = tmp_path / "icd.yaml"
    path.write_text(text)
    begin = time.monotonic()
    with pytest.raises(InputError) as caught:
        load(path)
    assert time.monotonic() - begin < BOUND_S
    assert any(rule in one.rule for one in caught.value.findings), caught.value.findings[:3]
    assert all(one.line >= 1 and one.mend for one in caught.value.findings)
    assert len(str(caught.value)) < 1_000_000 + len(text)


def test_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "icd.yaml"
    path.write_bytes(b"icd: 1\nname: \xff\xfe\n")
    with pytest.raises(InputError, match="is not UTF-8 at byte 13"):
        load(path)


@pytest.mark.parametrize("make", ["absent", "folder"])
def test_cannot_be_read(make: str, tmp_path: Path) -> None:
    path = tmp_path / "icd.yaml"
    if make == "folder":
        path.mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        load(path)


def test_the_limits_themselves_pass() -> None:
    """As deep as is allowed is read, one more is not; and the largest and the smallest integer."""
    assert to_plain("f", "[" * MAX_DEPTH + "]" * MAX_DEPTH).findings == []
    with pytest.raises(InputError, match="nested deeper"):
        to_plain("f", "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))
    ends = to_plain("f", f"[{2**64 - 1}, {-(2**63)}]")
    assert (ends.data, ends.findings) == ([2**64 - 1, -(2**63)], [])
    assert len(to_plain("f", f"[{2**64}, {-(2**63) - 1}]").findings) == 2


WORDS: dict[str, Any] = {
    "off": "off",
    "on": "on",
    "yes": "yes",
    "No": "No",
    "y": "y",
    "True": "True",
    "true": True,
    "false": False,
    "null": None,
    "~": None,
    "12:30": "12:30",
    "2026-01-15": "2026-01-15",
    "017": "017",
    "0o17": "0o17",
    "1_000": 1000,
    "0x1F": 31,
    "0b101": 5,
    "1.5": 1.5,
    "-1e3": -1000.0,
    ".inf": ".inf",
    "nan": "nan",
    "1_": "1_",
    "'1'": "1",
    '"true"': "true",
}


@pytest.mark.parametrize("word", WORDS)
def test_words_stay_what_they_look_like(word: str) -> None:
    """Only `true`, `false` and plain numbers are no text, in a value and in a list; a key is always text."""
    read = to_plain("f", f"a: {word}\nb: [{word}]\n")
    assert (read.data, read.findings) == ({"a": WORDS[word], "b": [WORDS[word]]}, [])
    assert type(read.data["a"]) is type(WORDS[word])
    assert list(to_plain("f", f"{word}: 1").data) == [word.strip("'\"")]


def test_lines_are_those_of_the_keys() -> None:
    """A finding points at the key's line; one at a place that is not there, at what would hold it."""
    plain = to_plain("f", "a:\n  b:\n    - 1\n    -\n      c: 2\n")
    read = source.Source("f", plain)
    assert [read.line(keys) for keys in ((), ("a",), ("a", "b"), ("a", "b", 0), ("a", "b", 1, "c"))] == [1, 1, 2, 3, 5]
    assert read.line(("a", "b", 1, "d", 7)) == read.line(("a", "b", 1))


@given(st.text(max_size=60) | st.text(alphabet="{}[]:,-?&*!|>'\"#%@`\n\t ab10.", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text, whatever is in it, brings another error than a refusal."""
    with contextlib.suppress(InputError):
        to_plain("f", text)
