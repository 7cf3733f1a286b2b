# SPDX-License-Identifier: Apache-2.0
"""`hil diff TRACE TRACE`: whether two runs have the same discrete edges, states and answers, to the ns."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import msgspec

from hil.trace.compare import Comparison, compare
from hil.trace.query import read

DIFFERENT = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `hil diff`."""
    parser.add_argument("one", type=Path, metavar="TRACE", help="trace.jsonl of a run")
    parser.add_argument("other", type=Path, metavar="TRACE", help="trace.jsonl of another run of the same scenario")
    parser.add_argument("--json", action="store_true", help="as JSON")


def execute(options: argparse.Namespace) -> int:
    """Compare; 0 when they agree, 1 when not."""
    comparison = compare(read(options.one), read(options.other))
    print(json.dumps(msgspec.to_builtins(comparison), indent=2) if options.json else _text(comparison))
    return DIFFERENT if comparison.differences else 0


def _text(comparison: Comparison) -> str:
    kinds = {"edges": "edge", "states": "state", "answers": "answer"}
    counts = {
        word: sum(count for kind, count in comparison.counts.items() if kind.startswith(prefix))
        for word, prefix in kinds.items()
    }
    told = ", ".join(f"{count} {word}" for word, count in counts.items())
    if not comparison.differences:
        return f"the same: {told}"
    return "\n".join([f"different, of {told}:", *map(str, comparison.differences)])
