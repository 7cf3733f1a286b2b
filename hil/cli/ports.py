# SPDX-License-Identifier: Apache-2.0
"""Options that `hil run` and `hil serve` share: devices the user brings, where ptys are, the interceptor."""

from __future__ import annotations

import argparse
from pathlib import Path

from hil.compose import TWIN


def add_ports(parser: argparse.ArgumentParser) -> None:
    """Add them."""
    parser.add_argument(
        "--device",
        action="append",
        default=[],
        type=_device,
        metavar="KIND=CLASS",
        help="a device kind of your own (module:Class or file.py:Class); may be repeated",
    )
    parser.add_argument(
        "--links", type=Path, metavar="DIR", help="folder for a symlink to each pty, named like its line"
    )


def _device(text: str) -> tuple[str, str]:
    kind, equals, name = text.partition("=")
    if not equals or not kind or ":" not in name:
        raise argparse.ArgumentTypeError(f"{text!r} is not KIND=module:Class or KIND=file.py:Class")
    return kind, name


def add_interceptor(parser: argparse.ArgumentParser) -> None:
    """Which body stands behind the launchers' cells."""
    parser.add_argument(
        "--interceptor",
        metavar="BODY",
        default=TWIN,
        help="interceptor logic behind each cell: twin (Python, the default), rtl (SystemVerilog in Verilator)",
    )
