# SPDX-License-Identifier: Apache-2.0
"""Loads bench and scenario files; what is wrong in either is reported together, nothing is opened.

A scenario names its bench, and a bench its ICDs, by paths relative to their own file; a path that
is absolute or leaves the folder above the file's own is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hil.scenario.model import CONTROLLER, Bench, LineDef, Scenario
from interfaces.errors import Finding, InputError
from interfaces.spec.nearest import nearest
from interfaces.spec.source import Source, read

RESERVED = (CONTROLLER, "world", "script", "bench", "clock")  # places of every trace
KINDS = ("icd", "scenario", "bench")  # in this order: a scenario has a key `bench` too


@dataclass(frozen=True)
class BenchFile:
    """A bench, with its source for owners who parse their sections."""

    path: Path
    source: Source
    model: Bench


@dataclass(frozen=True)
class ScenarioFile:
    """A scenario and its bench."""

    path: Path
    source: Source
    model: Scenario
    bench: BenchFile


def kind_of(path: Path) -> str | None:
    """Which kind of our files this is, by its version key; None for another one."""
    try:
        data = read(path).data
    except InputError:
        return None
    return next((kind for kind in KINDS if isinstance(data, dict) and kind in data), None)


def load_bench(path: Path) -> BenchFile:
    """Load a bench. Raises `InputError` with all its findings."""
    source = read(path)
    model = source.parse((), Bench)
    source.raise_if_findings()
    assert model is not None
    for name in model.devices:
        if name in RESERVED:
            source.add(("devices", name), "is the name of another part of every bench", f"call it {name}1")
    for name, line in model.lines.items():
        _check_line(source, name, line, model)
    _check_taps(source, model)
    source.raise_if_findings()
    return BenchFile(path, source, model)


def load_scenario(path: Path) -> ScenarioFile:
    """Load a scenario and its bench. Raises `InputError` with the findings of both."""
    source = read(path)
    model = source.parse((), Scenario)
    bench: BenchFile | None = None
    findings: list[Finding] = []
    if model is not None:
        _check_controller(source, model)
        _check_events(source, model)
        _check_expected(source, model)
    named = source.value(("bench",))
    bench_path = inside(source, ("bench",), path, named) if isinstance(named, str) and named else None
    if bench_path is not None:
        try:
            bench = load_bench(bench_path)
        except InputError as error:
            findings += error.findings
    if source.findings or findings:
        raise InputError([*sorted(source.findings, key=lambda one: one.line), *findings])
    assert model is not None
    assert bench is not None
    return ScenarioFile(path, source, model, bench)


def inside(source: Source, keys: tuple[str, ...], file: Path, named: str) -> Path | None:
    """The path that a file names, if it stays inside the folder above the file's own; else a finding."""
    folder = file.parent.resolve()
    try:
        target = (folder / named).resolve()
        there = target.is_file()
    except (OSError, ValueError):  # a name that is too long, or has a NUL in it
        source.add(keys, "is no path", "write the path of a file, relative to this one")
        return None
    if Path(named).is_absolute() or not target.is_relative_to(folder.parent):
        source.add(keys, "leaves the folder above this file's", "name a file beside or below that folder")
        return None
    if not there:
        source.add(keys, "there is no such file", "check the path, which is relative to this file")
        return None
    return file.parent / named


def endpoints(line: LineDef) -> list[tuple[tuple[str | int, ...], str]]:
    """Every end of a line: its keys below the line, and the endpoint."""
    ends: list[tuple[tuple[str | int, ...], str]] = [(("taps", index), tap) for index, tap in enumerate(line.taps)]
    ends += [((key,), end) for key, end in (("server", line.server), ("client", line.client)) if end is not None]
    return ends


def _check_line(source: Source, name: str, line: LineDef, bench: Bench) -> None:
    at = ("lines", name)
    if name in bench.devices or name in RESERVED:
        source.add(at, "is the name of another part of the bench", f"call the line {name}_line")
    if line.medium == "tcp":
        if line.server is None or line.client is None or line.taps:
            source.add(at, "a tcp line has one server and one client, and no taps", "write `server:` and `client:`")
    elif len(line.taps) < 2 or line.server is not None or line.client is not None:
        source.add(at, f"a {line.medium} line has at least two taps, no server or client", "write `taps: [...]`")
    elif line.medium == "serial" and len(line.taps) != 2:
        source.add((*at, "taps"), "a serial line joins exactly two ends", "use medium rs485 for a bus")
    if line.medium != "tcp" and (line.serial is None) == (line.bit_rate_bps is None):
        source.add(at, "needs `serial:` (a section of an ICD) or `bit_rate_bps:`, and not both", "write one of them")
    for keys, end in endpoints(line):
        device = end.partition(".")[0]
        if device != CONTROLLER and device not in bench.devices:
            source.add((*at, *keys), "names no device of this bench", nearest(device, [*bench.devices, CONTROLLER]))


def _check_taps(source: Source, bench: Bench) -> None:
    seen: dict[str, str] = {}
    for name, line in bench.lines.items():
        for keys, end in endpoints(line):
            if end in seen:
                source.add(("lines", name, *keys), f"is already an end of line {seen[end]!r}", "connect it once")
            seen[end] = name


def _check_controller(source: Source, scenario: Scenario) -> None:
    one = scenario.controller
    if one is not None and (one.python is None) == (one.command is None):
        source.add((CONTROLLER,), "needs `python:` or `command:`, and not both", "write one of them")


def _check_events(source: Source, scenario: Scenario) -> None:
    for index, event in enumerate(scenario.events):
        if event.at_s > scenario.duration_s:
            rule = f"comes after the end, at {scenario.duration_s} s"
            source.add(("events", index, "at_s"), rule, "make it earlier, or lengthen `duration_s`")


def _check_expected(source: Source, scenario: Scenario) -> None:
    """A requirement that does not fit its rule is its owner's finding; here it only counts by its id."""
    ids = [one["id"] for one in scenario.requirements if isinstance(one, dict) and isinstance(one.get("id"), str)]
    for name in scenario.expect:
        if name not in ids:
            source.add(("expect", name), "names no requirement of this scenario", nearest(name, ids))
