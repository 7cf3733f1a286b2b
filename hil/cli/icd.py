# SPDX-License-Identifier: Apache-2.0
"""`hil icd gen TARGET ICD`: an ICD in another language, printed, written, or compared with what is there."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Iterator
from pathlib import Path

from interfaces.errors import BenchError
from interfaces.generate.sv_text import ClashError
from interfaces.generate.targets import TARGETS, command, generate
from interfaces.spec.load import load, shipped
from interfaces.spec.model import Icd

OUT_OF_DATE = 1
SHOWN = 20  # lines of a difference; who needs more writes the file and looks at it


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `hil icd`."""
    purpose = "generate code from an ICD; the same ICD gives the same bytes"
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    gen = actions.add_parser("gen", help=purpose, description=purpose)
    gen.add_argument("target", choices=sorted(TARGETS), help="sv: a SystemVerilog package")
    gen.add_argument("icd", metavar="ICD", help="name of a shipped ICD, or a file (YAML)")
    gen.add_argument("--out", type=Path, metavar="FILE", help="write FILE; without it, print")
    gen.add_argument("--check", action="store_true", help="compare FILE only; exit code 1 when it is out of date")


def execute(options: argparse.Namespace) -> int:
    """Generate, then print, write or compare."""
    if options.check and options.out is None:
        raise BenchError("hil icd gen: --check compares a file; name it with --out")
    try:
        text = generate(options.target, _icd(options.icd))
    except ClashError as error:
        raise BenchError(f"{options.icd}: {error}") from error
    if options.out is None:
        print(text, end="")
        return 0
    try:
        return _compare(options, text) if options.check else _write(options.out, text)
    except OSError as error:
        raise BenchError(f"{options.out}: {error.strerror}; {_mend(options)}") from error


def _icd(word: str) -> Icd:
    """A name has neither a dot nor a slash, which a file has."""
    return load(Path(word)) if "." in word or "/" in word else shipped(word)


def _write(out: Path, text: str) -> int:
    out.write_bytes(text.encode())
    return 0


def _compare(options: argparse.Namespace, text: str) -> int:
    there = options.out.read_bytes()
    if there == text.encode():
        return 0
    print(*_difference(str(options.out), there.decode(errors="replace"), text), sep="\n")
    print(f"{options.out} is out of date; {_mend(options)}")
    return OUT_OF_DATE


def _difference(out: str, there: str, text: str) -> Iterator[str]:
    # Split at line feeds alone: a carriage return more, or no end of the last line, is a difference too.
    lines = list(difflib.unified_diff(there.split("\n"), text.split("\n"), out, "generated", lineterm="", n=1))
    yield from lines[:SHOWN]
    if len(lines) > SHOWN:
        yield f"... {len(lines) - SHOWN} lines more"


def _mend(options: argparse.Namespace) -> str:
    return f"run {command(options.target, options.icd, str(options.out))}"
