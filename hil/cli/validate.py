# SPDX-License-Identifier: Apache-2.0
"""`hil validate FILE...`: every mistake of every file, with its line and the mend."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from hil.plan import validate
from interfaces.errors import BenchError, Finding, InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `hil validate`."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="ICD, bench or scenario file (YAML)")
    parser.add_argument("--json", action="store_true", help="findings as JSON")


def execute(options: argparse.Namespace) -> int:
    """Check each file; 0 when all are right, else 2."""
    findings: list[Finding] = []
    problems: list[str] = []
    for path in options.files:
        try:
            kind = validate(path)
        except InputError as error:
            findings += error.findings
        except BenchError as error:
            problems.append(str(error))
        else:
            if not options.json:
                print(f"{path}: {kind}, no mistakes")
    if options.json:
        print(json.dumps({"findings": [_as_dict(finding) for finding in findings], "problems": problems}, indent=2))
    else:
        for line in [*map(str, findings), *problems]:
            print(line, file=sys.stderr)
    return 2 if findings or problems else 0


def _as_dict(finding: Finding) -> dict[str, str | int]:
    return {name: getattr(finding, name) for name in finding.__struct_fields__}
