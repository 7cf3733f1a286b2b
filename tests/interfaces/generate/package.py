# SPDX-License-Identifier: Apache-2.0
"""A generated package in the hands of slang, a reader of SystemVerilog that is none of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pyslang import ast

from interfaces.generate.targets import generate
from interfaces.spec.load import load, shipped, shipped_names
from interfaces.spec.model import Icd

ROOT = Path(__file__).parents[3]
SOUND = load(ROOT / "tests/interfaces/spec/sound.yaml")
ICDS = {"sound": SOUND, **{name: shipped(name) for name in shipped_names()}}
INTERCEPTOR = ICDS["interceptor"]


class Package:
    """A generated package, and what slang makes of expressions in its names."""

    def __init__(self, icd: Icd) -> None:
        self.text = generate("sv", icd)
        self._session = ast.ScriptSession()
        self._session.eval(self.text)

    def __call__(self, expression: str) -> int:
        """The value of an expression in which `@` stands for the package."""
        value: Any = self._session.eval(expression.replace("@", "icd_pkg::")).value
        assert value is not None, expression
        return int(value)


def camel(*names: str) -> str:
    return "_".join(names).title().replace("_", "")
