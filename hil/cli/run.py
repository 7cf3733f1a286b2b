# SPDX-License-Identifier: Apache-2.0
"""`hil run SCENARIO`: play, judge, print the verdicts."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from hil import plugins
from hil.cli.ports import add_interceptor, add_ports
from hil.run import REAL, VIRTUAL, Result, Settings, run_scenario
from hil.verdicts.table import as_dict, as_table
from interfaces.wire import NS_PER_S

CLOCKS = (VIRTUAL, REAL, *plugins.names("hil.clocks"))  # rtl is brought by firmware_sim


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `hil run`."""
    parser.add_argument("scenario", type=Path, help="scenario file (YAML)")
    parser.add_argument("--clock", choices=CLOCKS, default=VIRTUAL, help="what moves time; rtl is a cocotb simulation")
    parser.add_argument("--seed", type=int, help="in place of the scenario's")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder for trace.jsonl and the controller's log")
    parser.add_argument(
        "--controller",
        metavar="CLASS",
        help="a Python controller (module:Class or file.py:Class) in place of the scenario's",
    )
    add_interceptor(parser)
    parser.add_argument("--waves", type=Path, metavar="FILE", help="with --clock rtl: write waveforms (FST)")
    add_ports(parser)
    parser.add_argument("--json", action="store_true", help="verdicts as JSON")


def execute(options: argparse.Namespace) -> int:
    """Play and print; the exit code is the verdicts'."""
    settings = Settings(
        clock=options.clock,
        seed=options.seed,
        out=options.out,
        controller=options.controller,
        devices=dict(options.device),
        links=options.links,
        interceptor=options.interceptor,
        waves=options.waves,
    )
    result = run_scenario(options.scenario, settings, _progress if sys.stderr.isatty() else None)
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
    print(_json(result) if options.json else _text(result))
    return result.exit_code


def _progress(now_ns: int, duration_ns: int) -> None:
    print(f"\r{now_ns / NS_PER_S:6.0f} s of {duration_ns / NS_PER_S:.0f} s", end="", file=sys.stderr, flush=True)


def _text(result: Result) -> str:
    lines = [as_table(result.verdicts)]
    if result.lateness:
        lines.append(f"clock    {result.lateness}")
    if result.trace:
        lines.append(f"trace    {result.trace}")
    lines.append(f"outcome  {result.outcome.value}")
    return "\n".join(lines)


def _json(result: Result) -> str:
    return json.dumps(
        {
            "outcome": result.outcome.value,
            "verdicts": [as_dict(verdict) for verdict in result.verdicts],
            "trace": str(result.trace) if result.trace else None,
            "end_ns": result.end_ns,
        },
        indent=2,
    )
