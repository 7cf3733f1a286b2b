# SPDX-License-Identifier: Apache-2.0
"""`hil serve`: emulated hardware on real ports until stopped. The ready line names every port."""

from __future__ import annotations

import argparse
from pathlib import Path

from hil.cli.ports import add_interceptor, add_ports
from hil.serve import Single, plan_of, plan_of_single, serve
from interfaces.errors import BenchError

UNIT_MAX = 247  # MODBUS-SL V1.02 2.2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `hil serve`."""
    parser.add_argument("bench", nargs="?", type=Path, help="bench or scenario file (YAML)")
    parser.add_argument("--icd", type=Path, metavar="FILE", help="one device that this ICD alone describes")
    parser.add_argument("--tcp", metavar="HOST:PORT", help="with --icd: where to listen; port 0 is a free one")
    parser.add_argument("--rtu", metavar="PORT", help="with --icd: a serial port, or `pty`")
    parser.add_argument(
        "--unit", type=_unit, metavar="N", help="with --icd: the Modbus unit, 1 to 247, in place of the ICD's"
    )
    add_interceptor(parser)
    add_ports(parser)
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder for trace.jsonl")


def execute(options: argparse.Namespace) -> int:
    """Serve until stopped; stopping is the normal end."""
    if (options.bench is None) == (options.icd is None):
        raise BenchError("hil serve: name a bench or scenario file, or --icd FILE, and not both")
    _refuse_idle(options)
    if options.icd is not None:
        plan = plan_of_single(Single(icd=options.icd, tcp=options.tcp, rtu=options.rtu, unit=options.unit))
    else:
        plan = plan_of(options.bench, dict(options.device))
    serve(plan, options.out, options.links, _ready, options.interceptor)
    return 0


def _refuse_idle(options: argparse.Namespace) -> None:
    """An option that would change nothing was meant to change something."""
    if options.icd is not None and options.device:
        raise BenchError("hil serve: --device is for a bench file; --icd serves a generic device")
    for name in ("tcp", "rtu", "unit"):
        if options.icd is None and getattr(options, name) is not None:
            raise BenchError(f"hil serve: --{name} needs --icd; a bench file says itself where its lines are")


def _unit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= UNIT_MAX:
        raise argparse.ArgumentTypeError(f"{text!r} is no Modbus unit, 1 to {UNIT_MAX}")
    return int(text)


def _ready(ports: dict[str, str]) -> None:
    print("ready", *(f"{name}={where}" for name, where in ports.items()), flush=True)
