# SPDX-License-Identifier: Apache-2.0
"""Every guard and effect that a shipped ICD names has its body in the code."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import hil.devices
import hil.interceptor
from interfaces.spec.check import missing_bodies
from interfaces.spec.load import shipped, shipped_names


def bodies(prefix: str) -> set[str]:
    """The names of all methods `<prefix>_<name>` of the devices' and interceptors' classes."""
    found = set()
    for package in (hil.devices, hil.interceptor):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for one in vars(importlib.import_module(module.name)).values():
                if isinstance(one, type):
                    found |= {name.removeprefix(f"{prefix}_") for name in dir(one) if name.startswith(f"{prefix}_")}
    return found


@pytest.mark.parametrize("name", shipped_names())
def test_no_name_without_a_body(name: str) -> None:
    assert missing_bodies(shipped(name), bodies("guard"), bodies("effect")) == []


def test_a_name_without_a_body_is_told() -> None:
    """The test above can fail: with one body less it names what is missing."""
    missing = missing_bodies(shipped("launcher"), bodies("guard") - {"may_arm"}, bodies("effect") - {"hold_fire"})
    assert missing == ["guard may_arm", "effect hold_fire"]
