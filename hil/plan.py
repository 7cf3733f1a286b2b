# SPDX-License-Identifier: Apache-2.0
"""Reads a scenario or a bench into a plan: everything checked by its owner, nothing opened yet.

All findings of all files are raised together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hil import plugins
from hil.devices.contract import Device, DeviceOptions
from hil.disturb import Disturb, Disturbance
from hil.plugins import PluginError
from hil.scenario.load import BenchFile, ScenarioFile, endpoints, inside, load_bench, load_scenario
from hil.scenario.model import CONTROLLER, ControllerDef, LineDef, seconds_to_ns
from hil.script import Timed
from hil.verdicts.check import check as check_requirements
from hil.verdicts.model import Requirement
from hil.verdicts.vocabulary import Described, vocabulary
from hil.world import Truth, World
from interfaces.errors import BenchError, Finding, InputError
from interfaces.spec import load as spec
from interfaces.spec import source as yaml_source
from interfaces.spec.model import Icd, Serial
from interfaces.spec.nearest import nearest

WORLD = "world"
REQUIREMENTS = "requirements"


@dataclass(frozen=True)
class DevicePlan:
    """A device to be made."""

    name: str
    kind: type[Device]
    icd: Icd
    options: DeviceOptions


@dataclass(frozen=True)
class LinePlan:
    """A line to be made; `serial` is None for tcp."""

    name: str
    model: LineDef
    serial: Serial | None


@dataclass(frozen=True)
class ControllerPlan:
    """The controller under test: a class with its options, or a command run in `folder`."""

    model: ControllerDef
    kind: Any
    folder: Path


@dataclass(frozen=True)
class Plan:
    """All that a run needs. A bench without a scenario has no duration, controller or requirements."""

    scenario: str
    bench: str
    seed: int
    devices: Sequence[DevicePlan]
    lines: Sequence[LinePlan]
    icds: Mapping[str, str]
    duration_ns: int = 0
    truth: Truth | None = None
    events: Sequence[Timed] = ()
    controller: ControllerPlan | None = None
    requirements: Sequence[Requirement] = ()
    expect: Mapping[str, str] = field(default_factory=dict)


def read_scenario(
    path: Path, seed: int | None = None, controller: str | None = None, kinds: Mapping[str, str] | None = None
) -> Plan:
    """The plan of a scenario. `controller` (module:Class or file.py:Class) takes the place of the scenario's.

    `kinds` are device kinds that the user brings, each with such a class; a file never names one.
    """
    file = load_scenario(path)
    findings: list[Finding] = []
    devices, icds = _devices(file.bench, kinds or {})
    lines = _lines(file.bench, devices, icds)
    truth = file.source.parse((WORLD,), Truth) if file.model.world is not None else None
    events = _events(file, {device.name: device for device in devices})
    requirements = _requirements(file, devices)
    under_test = _controller(file, controller)
    for source in (file.source, file.bench.source):
        findings += sorted(source.findings, key=lambda one: one.line)
    if findings:
        raise InputError(findings)
    return Plan(
        scenario=file.model.name,
        bench=file.bench.model.name,
        seed=file.model.seed if seed is None else seed,
        devices=devices,
        lines=lines,
        icds={name: digest for name, (_, digest) in icds.items()},
        duration_ns=seconds_to_ns(file.model.duration_s),
        truth=truth,
        events=events,
        controller=under_test,
        requirements=requirements,
        expect=file.model.expect,
    )


def read_bench(path: Path, seed: int = 1, kinds: Mapping[str, str] | None = None) -> Plan:
    """The plan of a bench alone: nothing is in its world, every controller port is for others to use."""
    file = load_bench(path)
    devices, icds = _devices(file, kinds or {})
    lines = _lines(file, devices, icds)
    file.source.raise_if_findings()
    digests = {name: digest for name, (_, digest) in icds.items()}
    return Plan("", file.model.name, seed, devices, lines, digests)


def validate(path: Path) -> str:
    """Check a file of any of our kinds; returns the kind. Raises `BenchError`."""
    data = yaml_source.read(path).data
    for kind, check in (("icd", spec.load), ("scenario", read_scenario), ("bench", read_bench)):
        if isinstance(data, dict) and kind in data:
            check(path)
            return kind
    raise BenchError(f"{path}: neither ICD, bench nor scenario; start it with `icd: 1`, `bench: 1` or `scenario: 1`")


def _devices(file: BenchFile, kinds: Mapping[str, str]) -> tuple[list[DevicePlan], dict[str, tuple[Icd, str]]]:
    devices: list[DevicePlan] = []
    icds: dict[str, tuple[Icd, str]] = {}
    for name, model in file.model.devices.items():
        keys = ("devices", name)
        try:
            kind: type[Device] = plugins.find("hil.devices", kinds.get(model.kind, _entry(model.kind)))
        except PluginError as error:
            file.source.add((*keys, "kind"), str(error), "name a device that `hil list` shows")
            continue
        options = file.source.parse_value((*keys, "options"), model.options, kind.Options)
        icd = _icd(file, (*keys, "icd"), model.icd or kind.ICD, icds)
        if icd is not None and options is not None:
            devices.append(DevicePlan(name, kind, icd, options))
    return devices, icds


def _entry(name: str) -> str:
    """A name that a file gives may only be an entry point's, never a path to code."""
    if ":" in name:
        raise PluginError(f"{name!r} is no kind of device; bring your own with --device KIND={name}")
    return name


def _icd(file: BenchFile, keys: tuple[str, ...], name: str, icds: dict[str, tuple[Icd, str]]) -> Icd | None:
    """A shipped ICD by its name, or a file by the bench; kept in `icds` by its own name."""
    if name.endswith((".yaml", ".yml")):
        path = inside(file.source, keys, file.path, name)
    elif name in spec.shipped_names():
        path = spec.FOLDER / f"{name}.yaml"
    else:
        file.source.add(keys, f"there is no ICD {name!r}", nearest(name, spec.shipped_names()))
        return None
    if path is None:
        return None
    try:
        icd = spec.load(path)
    except InputError as error:
        file.source.findings += error.findings
        return None
    icds[icd.name] = (icd, spec.icd_hash(path))
    return icd


def _lines(file: BenchFile, devices: Sequence[DevicePlan], icds: Mapping[str, tuple[Icd, str]]) -> list[LinePlan]:
    kinds = {device.name: device.kind for device in devices}
    for name, line in file.model.lines.items():
        for keys, end in endpoints(line):
            _check_port(file, ("lines", name, *keys), end, line, kinds)
    return [LinePlan(name, line, _serial(file, name, line, icds)) for name, line in file.model.lines.items()]


def _check_port(
    file: BenchFile, keys: tuple[str | int, ...], end: str, line: LineDef, kinds: Mapping[str, type[Device]]
) -> None:
    """A device's end must be a port of its kind, and speak what the line carries."""
    name, _, port = end.partition(".")
    kind = kinds.get(name)
    if kind is None:
        return  # the controller's, or a device that is already a finding
    speaks = kind.PORTS.get(port)
    carries = "tcp" if line.medium == "tcp" else "serial"
    if speaks is None:
        file.source.add(keys, f"{name} has no port {port!r}", nearest(port, kind.PORTS))
    elif speaks != carries:
        ports = [one for one, medium in kind.PORTS.items() if medium == carries]
        file.source.add(keys, f"{port} of {name} can't be on a {line.medium} line", nearest(port, ports))


def _serial(file: BenchFile, name: str, line: LineDef, icds: Mapping[str, tuple[Icd, str]]) -> Serial | None:
    if line.medium == "tcp":
        return None
    if line.serial is None:
        assert line.bit_rate_bps is not None
        return Serial(line.bit_rate_bps, parity=line.parity, stop_bits=line.stop_bits)
    sections = {f"{icd}.{key}": value for icd, (model, _) in icds.items() for key, value in model.serial.items()}
    if line.serial not in sections:
        mend = nearest(line.serial, sections)
        file.source.add(("lines", name, "serial"), "is no serial section of an ICD of this bench", mend)
    return sections.get(line.serial)


def _events(file: ScenarioFile, devices: Mapping[str, DevicePlan]) -> list[Timed]:
    events = []
    for index, event in enumerate(file.model.events):
        keys = ("events", index)
        can = _disturbances(file, event.place, devices)
        if can is None and event.place in file.bench.model.devices:
            continue  # the device itself is a finding already
        if can is None:
            known = [*devices, WORLD, CONTROLLER]
            file.source.add((*keys, "place"), "is no place of this bench", nearest(event.place, known))
        elif event.disturb not in can:
            file.source.add((*keys, "disturb"), f"{event.place} can't carry it", nearest(event.disturb, can))
        else:
            file.source.parse_value((*keys, "value"), event.value, can[event.disturb].takes)
            disturb = Disturb(event.place, event.disturb, event.value)
            events.append(Timed(seconds_to_ns(event.at_s), disturb))
    return events


def _disturbances(
    file: ScenarioFile, place: str, devices: Mapping[str, DevicePlan]
) -> Mapping[str, Disturbance] | None:
    """What a place can suffer; None where there is no such place."""
    if place in devices:
        return devices[place].kind.DISTURBANCES
    if place == WORLD:
        return World.DISTURBANCES
    controller = file.model.controller
    if place == CONTROLLER and controller is not None and controller.python is not None:
        kind = _controller_class(file, controller.python)
        return getattr(kind, "DISTURBANCES", {}) if kind is not None else {}
    return {} if place == CONTROLLER else None


def _requirements(file: ScenarioFile, devices: Sequence[DevicePlan]) -> Sequence[Requirement]:
    """Parsed, and checked against what the trace of this bench can hold."""
    requirements = file.source.parse((REQUIREMENTS,), list[Requirement]) or ()
    if len(devices) == len(file.bench.model.devices):  # else names of the one that is a finding would be findings too
        words = vocabulary([_described(one) for one in devices], file.bench.model.lines, spec.shipped("interceptor"))
        for mistake in check_requirements(requirements, words):
            file.source.add((REQUIREMENTS, *mistake.path), mistake.rule, mistake.mend)
    for index, one in enumerate(requirements):
        if file.model.expect and one.id not in file.model.expect:
            file.source.add((REQUIREMENTS, index, "id"), "has no verdict in `expect`", f"add {one.id} to `expect`")
    return requirements


def _described(device: DevicePlan) -> Described:
    cells = int(getattr(device.options, "cells", 0))
    first, count = getattr(device.options, "first_track", 1), device.icd.constants.get("track_numbers")
    tracks = range(first, first + count.value) if count is not None else ()
    return Described(device.name, device.icd, cells, tracks, foreign=not device.kind.__module__.startswith("hil."))


def _controller(file: ScenarioFile, named: str | None) -> ControllerPlan | None:
    model = file.model.controller
    if named is not None:
        options = model.options if model is not None else {}
        return ControllerPlan(
            ControllerDef(python=named, options=options), plugins.find("hil.controllers", named), Path()
        )
    if model is None:
        return None
    kind = _controller_class(file, model.python) if model.python is not None else None
    return ControllerPlan(model, kind, file.path.parent)


def _controller_class(file: ScenarioFile, name: str) -> Any:
    try:
        return plugins.find("hil.controllers", name, file.path.parent)
    except PluginError as error:
        file.source.add((CONTROLLER, "python"), str(error), "mend the path or the class")
        return None
