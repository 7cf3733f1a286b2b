# SPDX-License-Identifier: Apache-2.0
"""`hil inspect FILE`: an ICD, a bench, a scenario or a trace as text, or as data with `--json`.

What `hil validate` finds wrong with a file is found here too; then nothing is shown.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import msgspec

from hil.cli.inspect_files import bench_text, scenario_text
from hil.plan import read_bench, read_scenario, validate
from hil.scenario.load import load_bench, load_scenario
from interfaces.spec.describe import describe
from interfaces.spec.load import load

TRACE_SUFFIX = ".jsonl"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `hil inspect`."""
    parser.add_argument("file", type=Path, metavar="FILE", help="ICD, bench or scenario (YAML), or trace (JSON lines)")
    parser.add_argument("--json", action="store_true", help="as JSON")


def execute(options: argparse.Namespace) -> int:
    """Print the file's content."""
    kind = "trace" if options.file.suffix == TRACE_SUFFIX else validate(options.file)
    show = (_DATA if options.json else _TEXT)[kind]
    shown = show(options.file)
    print(json.dumps(shown, indent=2) if options.json else shown)
    return 0


def _icd_text(path: Path) -> str:
    return describe(load(path))


def _bench_text(path: Path) -> str:
    return bench_text(load_bench(path).model, read_bench(path))


def _scenario_text(path: Path) -> str:
    return scenario_text(load_scenario(path).model, read_scenario(path))


def _icd_data(path: Path) -> Any:
    return msgspec.to_builtins(load(path))


def _bench_data(path: Path) -> Any:
    return msgspec.to_builtins(load_bench(path).model)


def _scenario_data(path: Path) -> Any:
    file = load_scenario(path)
    return {"scenario": msgspec.to_builtins(file.model), "bench": msgspec.to_builtins(file.bench.model)}


def _trace_text(path: Path) -> str:
    from hil.trace.query import summary  # only here: whoever reads a YAML file does not pay for it

    return summary(path)


def _trace_data(path: Path) -> Any:
    from hil.trace.query import head

    return {"head": msgspec.to_builtins(head(path)), "summary": _trace_text(path).splitlines()}


_TEXT = {"icd": _icd_text, "bench": _bench_text, "scenario": _scenario_text, "trace": _trace_text}
_DATA = {"icd": _icd_data, "bench": _bench_data, "scenario": _scenario_data, "trace": _trace_data}
