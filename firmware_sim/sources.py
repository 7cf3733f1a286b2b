# SPDX-License-Identifier: Apache-2.0
"""Lists of SystemVerilog sources: `files.f`, the one order, and what of sources goes into a build's key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from firmware_sim.toolchain import BuildError

RTL = Path(__file__).with_name("rtl")
WAIVERS = Path(__file__).with_name("lint") / "waivers.vlt"
HEADERS = (".svh", ".vh", ".h")


def read_files(list_file: Path = RTL / "files.f") -> tuple[Path, ...]:
    """The sources that a list names, one a line, relative to the list's own folder; `//` begins a comment."""
    lines = (line.partition("//")[0].strip() for line in list_file.read_text().splitlines())
    return tuple(list_file.parent / line for line in lines if line)


def source_parts(sources: Iterable[Path]) -> Iterator[str | bytes]:
    """What of source files goes into a key: names, which messages show, and texts; not where they lie.

    A file that a source includes is to be among them (`.svh`): it is not compiled, its folder is searched.
    """
    for source in sources:
        yield source.name
        try:
            yield source.read_bytes()
        except OSError as error:
            raise BuildError(str(source), f"cannot be read: {error.strerror}") from error


def include_folders(sources: Iterable[Path]) -> tuple[Path, ...]:
    """The folders of the headers among the sources."""
    return tuple(dict.fromkeys(source.parent for source in sources if source.suffix in HEADERS))


def compiled(sources: Iterable[Path]) -> tuple[Path, ...]:
    """The sources without the headers."""
    return tuple(source for source in sources if source.suffix not in HEADERS)
