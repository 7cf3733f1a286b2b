# SPDX-License-Identifier: Apache-2.0
"""The published JSON Schema of an ICD, generated from the model.

`python -m interfaces.spec.schema` writes it, `--check` compares and fails when it is out of date.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

import msgspec

from interfaces.spec.load import FOLDER
from interfaces.spec.model import Icd

PATH = FOLDER / "schema.json"
MEND = "run python -m interfaces.spec.schema"


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of an ICD file."""
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://example.invalid/hil-bench/icd-1.schema.json",
        "title": "Interface control document, version 1",
        "$comment": f"Generated from interfaces/spec/model.py; {MEND}.",
    }
    return head | msgspec.json.schema(Icd)


def text() -> str:
    """The schema as the file holds it."""
    return json.dumps(schema(), indent=2) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the file, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; exit code 1 when out of date")
    if not parser.parse_args(arguments).check:
        PATH.write_text(text())
    elif not PATH.is_file() or PATH.read_text() != text():
        print(f"{PATH.name} is out of date: {MEND}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
