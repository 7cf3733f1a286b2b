# SPDX-License-Identifier: Apache-2.0
"""`hil doctor`: what this host can judge, and how to mend what it can't."""

from __future__ import annotations

import argparse
import json

from hil.lab.doctor import brief


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `hil doctor`."""
    parser.add_argument("--brief", action="store_true", help="ports, permissions, lateness, tools (all there is yet)")
    parser.add_argument("--json", action="store_true", help="as JSON")


def execute(options: argparse.Namespace) -> int:
    """Print each finding; a doctor that could look has done its work."""
    findings = brief()
    if options.json:
        print(json.dumps([{"what": one.what, "value": one.value, "mend": one.mend} for one in findings], indent=2))
        return 0
    width = max(len(one.what) for one in findings)
    for one in findings:
        print(f"{one.what.ljust(width)}  {one.value}" + (f"\n{' ' * width}  -> {one.mend}" if one.mend else ""))
    return 0
