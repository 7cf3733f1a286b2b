# SPDX-License-Identifier: Apache-2.0
"""The test plan names what is there, and all of it: requirements, suite tests, benches and proofs."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml

from firmware_sim.formal.prove import names
from interfaces.spec.load import shipped

ROOT = Path(__file__).parents[2]
PLAN: dict[str, Any] = yaml.safe_load((ROOT / "firmware_sim" / "testplan.yaml").read_text())
ROWS: dict[str, dict[str, Any]] = PLAN["requirements"]
#: benches of the components that drive the RTL, not of the RTL
COMPONENTS = {"bench_uart", "bench_pins"}


def suite_tests() -> set[str]:
    paths = (ROOT / "tests" / "suites").glob("interceptor_*.py")
    trees = [ast.parse(path.read_text()) for path in paths]
    return {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_requirement_is_planned() -> None:
    assert list(ROWS) == list(shipped("interceptor").requirements)


@pytest.mark.parametrize("requirement", ROWS)
def test_what_is_named_is_there(requirement: str) -> None:
    row = ROWS[requirement]
    assert set(row) <= {"text", "suite", "bench", "proof"}
    assert row["suite"]
    assert set(row["suite"]) <= suite_tests()
    assert set(row.get("proof", ())) <= set(names())
    for bench in row.get("bench", ()):
        assert (ROOT / "firmware_sim" / "bench" / f"{bench}.py").exists()


def test_nothing_is_left_out() -> None:
    """Each bench of the RTL and each proof serves a requirement, or is said to serve all."""
    benches = {path.stem for path in (ROOT / "firmware_sim" / "bench").glob("bench_*.py")} - COMPONENTS
    planned = {bench for row in ROWS.values() for bench in row.get("bench", ())} | {
        one for one in PLAN["general"] if one.startswith("bench_")
    }
    assert planned == benches
    proven = {proof for row in ROWS.values() for proof in row.get("proof", ())}
    assert set(names()) - proven <= set(PLAN["general"])
