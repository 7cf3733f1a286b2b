# SPDX-License-Identifier: Apache-2.0
"""Who may import whom, and who may touch time, chance and the machine: read from every file's syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("interfaces", "hil", "firmware_sim")

_LEAVES = ("hil.part", "hil.stream", "hil.disturb", "hil.descriptor", "hil.truth")
_WORDS = ("interfaces.errors", "interfaces.wire")
_LINK = (*_WORDS, "hil.trace.events", "hil.descriptor", "hil.part")
_LOGIC = ("interfaces", "hil.trace.events", *_LEAVES)
_COMPOSED = ("interfaces", "hil.attach", "hil.clocks", "hil.controller", "hil.devices", "hil.interceptor", "hil.kernel")
_COMPOSED += ("hil.links", "hil.plugins", "hil.scenario", "hil.script", "hil.trace", "hil.verdicts", "hil.world")
_COMPOSED += _LEAVES

# What a module may import of ours, besides its own package. The longest prefix that fits a module holds.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "interfaces": (),
    "interfaces.errors": (),
    "interfaces.wire": (),
    "interfaces.spec": ("interfaces.errors",),
    "interfaces.codec": ("interfaces.spec", *_WORDS),
    "interfaces.framing": _WORDS,
    "interfaces.modbus": _WORDS,
    "interfaces.generate": ("interfaces.spec",),
    "hil": (),
    "hil.__main__": ("hil.cli.main",),
    "hil.kernel": (),
    "hil.part": (),
    "hil.stream": (),
    "hil.descriptor": (),
    "hil.disturb": ("interfaces.wire",),
    "hil.truth": ("interfaces.wire",),
    "hil.plugins": ("interfaces.errors",),
    "hil.controller": ("interfaces.errors", "hil.descriptor"),
    "hil.trace": _WORDS,
    "hil.attach": ("hil.kernel", "hil.trace.events", "hil.part", "hil.descriptor"),
    "hil.clocks": ("hil.kernel", "hil.trace.events", "hil.descriptor"),
    "hil.links": _LINK,
    "hil.devices": (*_LOGIC, "hil.world", "hil.interceptor.contract"),  # the words that are said to them
    "hil.interceptor": (*_LOGIC, "hil.devices"),
    "hil.world": _LOGIC,
    "hil.script": _LOGIC,
    "hil.scenario": ("interfaces", "hil.trace"),
    "hil.verdicts": ("interfaces", "hil.trace"),
    "hil.bench": _COMPOSED,
    "hil.plan": _COMPOSED,
    "hil.compose": (*_COMPOSED, "hil.bench", "hil.plan"),
    "hil.run": (*_COMPOSED, "hil.bench", "hil.plan", "hil.compose"),
    "hil.serve": (*_COMPOSED, "hil.bench", "hil.plan", "hil.compose", "hil.run"),
    "hil.lab": ("interfaces", "hil"),
    "hil.cli": ("interfaces", "hil"),
    "firmware_sim": ("interfaces", "hil"),
}

MACHINE = ("time", "asyncio", "socket", "select", "serial", "random", "secrets", "logging", "threading", "datetime")
# Modules that meet the machine: the real clock, the links with a port, what starts processes, what people call;
# and those that draw, from a seed.
MEET_THE_MACHINE = (
    "firmware_sim.bench",
    "firmware_sim.mutate",
    "firmware_sim.mutations",
    "hil.clocks",
    "hil.cli",
    "hil.controller",
    "hil.lab",
    "hil.links.connection",
    "hil.links.pty",
    "hil.links.serial",
    "hil.links.sockets",
    "hil.links.tcp",
    "hil.links.udp",
    "hil.run",
    "hil.stream",
)


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {module_of(path): path for package in OURS for path in sorted((ROOT / package).rglob("*.py"))}


def imported(tree: ast.AST) -> Iterator[str]:
    """The modules that a file imports, wherever in it; `from a import b` is `a.b` where that is a module of ours."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide who imports whom"
            assert node.module is not None
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in SOURCES else node.module


def within(module: str, prefix: str) -> bool:
    return module == prefix or module.startswith(f"{prefix}.")


def row(module: str) -> str:
    """The row of the table that holds for a module."""
    return max((prefix for prefix in MAY_IMPORT if within(module, prefix)), key=len)


def strangers(module: str, names: Iterator[str]) -> list[str]:
    """Of the imported modules, those of ours that this one may not import."""
    own = row(module)
    allowed = MAY_IMPORT[own]
    own_package = "." in own or own == "firmware_sim"
    return sorted(
        name
        for name in set(names)
        if name.partition(".")[0] in OURS
        and not (own_package and within(name, own))
        and not any(within(name, prefix) for prefix in allowed)
    )


@pytest.mark.parametrize("module", SOURCES)
def test_imports_of_ours(module: str) -> None:
    """A module imports only what its row of the table allows."""
    assert strangers(module, imported(ast.parse(SOURCES[module].read_text()))) == []


@pytest.mark.parametrize("module", [name for name in SOURCES if not any(within(name, one) for one in MEET_THE_MACHINE)])
def test_pure(module: str) -> None:
    """Only the modules that meet the machine import a clock, a port, chance, a log or a thread."""
    used = set(imported(ast.parse(SOURCES[module].read_text())))
    assert [name for name in sorted(used) if name.partition(".")[0] in MACHINE] == []


def test_no_cycle() -> None:
    """No module imports itself by way of others."""
    graph = {
        module: {name for name in imported(ast.parse(path.read_text())) if name in SOURCES and name != module}
        for module, path in SOURCES.items()
    }
    while leaves := [module for module, names in graph.items() if not names]:
        for leaf in leaves:
            del graph[leaf]
        for names in graph.values():
            names.difference_update(leaves)
    assert graph == {}


@pytest.mark.parametrize(
    ("module", "text", "wrong"),
    [
        ("hil.devices.radar", "from hil.kernel import Kernel", ["hil.kernel"]),
        ("hil.devices.radar", "from hil import kernel", ["hil.kernel"]),
        ("interfaces.framing.rtu", "def f():\n    import interfaces.spec.model", ["interfaces.spec.model"]),
        ("hil.links.tcp", "from hil.links.sockets import bind", []),
        ("hil.clocks.real", "import hil.bench", ["hil.bench"]),
    ],
)
def test_the_test_finds(module: str, text: str, wrong: list[str]) -> None:
    """Planted imports are found, in functions too; those inside a package are free."""
    assert strangers(module, imported(ast.parse(text))) == wrong


def test_table_has_no_orphan() -> None:
    """Every row of the table and of the machine's list names what is there."""
    named = {*MAY_IMPORT, *MEET_THE_MACHINE}
    assert [name for name in sorted(named) if not any(within(module, name) for module in SOURCES)] == []


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_sleep_in_tests(path: Path) -> None:
    """Tests wait for something, never for time to pass."""
    tree = ast.parse(path.read_text())
    calls = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "sleep"]
    names = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.alias) and node.name == "sleep"]
    assert calls + names == []
