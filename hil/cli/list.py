# SPDX-License-Identifier: Apache-2.0
"""`hil list`: what can be named in files and on the command line."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from hil import plugins
from hil.links import LINKS
from hil.scenario.load import kind_of
from interfaces.spec.load import shipped_names

TITLES = {"icd": "ICD files", "bench": "benches", "scenario": "scenarios"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `hil list`."""
    parser.add_argument("folder", nargs="?", type=Path, default=Path("fixtures"), help="where to look for files")
    parser.add_argument("--json", action="store_true", help="as JSON")


def execute(options: argparse.Namespace) -> int:
    """Print each group of names."""
    groups: dict[str, list[str]] = {
        "devices": plugins.names("hil.devices"),
        "links": sorted(LINKS),
        "icds": shipped_names(),
        "interceptor bodies": plugins.names("hil.interceptors"),
    }
    for path in sorted(options.folder.rglob("*.yaml")):
        kind = kind_of(path)
        if kind is not None:
            groups.setdefault(TITLES[kind], []).append(str(path))
    if options.json:
        print(json.dumps(groups, indent=2))
    else:
        for title, names in groups.items():
            print(f"{title}:", *(f"  {name}" for name in names), sep="\n")
    return 0
