# SPDX-License-Identifier: Apache-2.0
"""The Verilated design as a shared library, built once for each content.

The library holds the model and Verilator's runtime behind a shim's `extern "C"` functions, so that Python can load
it by ctypes. The shim includes `V<top>.h`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from firmware_sim.cache import built, content_key
from firmware_sim.sources import compiled, include_folders, source_parts
from firmware_sim.toolchain import CXX_STANDARD, Command, Toolchain, run_tool, toolchain

# The model runs for minutes where it was built for seconds: -O3 costs little here.
_OPTIMISE = "-O3"
# Two models in one process (or one inside a simulator that is Verilated too) must each keep their own runtime.
_COMPILE = f"-fPIC -fno-gnu-unique {CXX_STANDARD}"
_APART = "-Wl,-Bsymbolic"
_SHIM = "shim.o"
# What FST tracing compresses with.
_TRACE_LIBRARIES = ("-lz", "-llz4")


def build_library(name: str, top: str, sources: Sequence[Path], shim: Path, *, flags: Sequence[str] = ()) -> Path:
    """The shared library of `top` behind `shim`, from the cache where the same was built before.

    `flags` go to Verilator as they are (`--no-timing`, `--x-initial unique`, `-GNAME=VALUE`). Raises `AbsentError`
    without the tools, `BuildError` with the compiler's own words when sources or shim do not compile.
    """
    tools = toolchain()
    recipe = Path(__file__).read_bytes()
    inputs = (*sources, shim, *sorted(shim.parent.glob("*.h")))  # what the shim may include
    key = content_key((recipe, name, top, tools.identity, *flags, "", *source_parts(inputs)))
    library = f"lib{name}.so"

    def build(folder: Path) -> None:
        objects = folder / "objects"
        _verilate(tools, top, sources, flags, objects)
        _compile_shim(tools, shim, objects)  # before the model: its author need not wait to read what is wrong
        _compile_model(tools, top, objects)
        _link(tools, top, objects, folder / library, _TRACE_LIBRARIES if "--trace-fst" in flags else ())
        shutil.rmtree(objects)

    return built("library", key, build) / library


def _verilate(tools: Toolchain, top: str, sources: Sequence[Path], flags: Iterable[str], objects: Path) -> None:
    """Leaves the model in C++ among the objects."""
    objects.mkdir()
    includes = [f"-I{folder.absolute()}" for folder in include_folders(sources)]
    options: Command = ["--cc", "--quiet", _OPTIMISE, "--Mdir", objects, "--top-module", top, "-CFLAGS", _COMPILE]
    files = [path.absolute() for path in compiled(sources)]
    command: Command = [tools.verilator, *options, *flags, *includes, *files]
    run_tool(f"Verilator refused {top}", command, objects, tools.variables())


def _compile_shim(tools: Toolchain, shim: Path, objects: Path) -> None:
    runtime = tools.runtime / "include"
    includes = [f"-I{objects}", f"-I{runtime}", f"-I{runtime / 'vltstd'}"]
    command: Command = ["g++", "-c", _OPTIMISE, *_COMPILE.split(), *includes, shim.absolute(), "-o", objects / _SHIM]
    run_tool(f"{shim.name} does not compile", command, objects, tools.variables())


def _compile_model(tools: Toolchain, top: str, objects: Path) -> None:
    """Leaves `libV<top>.a` and `libverilated.a` among the objects."""
    make = ["make", "-s", f"-j{os.cpu_count() or 1}", "-f", f"V{top}.mk"]
    settings = [f"OPT_FAST={_OPTIMISE}", f"OPT_GLOBAL={_OPTIMISE}", "CXX=g++", "LINK=g++"]
    run_tool(f"the model of {top} does not compile", [*make, *settings], objects, tools.variables())


def _link(tools: Toolchain, top: str, objects: Path, library: Path, more: Sequence[str]) -> None:
    inputs: Command = [objects / name for name in (_SHIM, f"libV{top}.a", "libverilated.a")]
    command: Command = ["g++", "-shared", _APART, "-pthread", *inputs, *more, "-o", library]
    run_tool(f"the library of {top} does not link", command, objects, tools.variables())
