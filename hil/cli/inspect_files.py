# SPDX-License-Identifier: Apache-2.0
"""A bench and a scenario as text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hil.plan import DevicePlan, LinePlan, Plan
from hil.scenario.load import endpoints
from hil.scenario.model import Bench, LineDef, Scenario
from interfaces.spec.columns import section
from interfaces.spec.model import Serial


def bench_text(bench: Bench, plan: Plan) -> str:
    """Devices with their ports and what can disturb them, and lines."""
    lines = [f"{bench.name}  {bench.text}".rstrip()]
    head = ("name", "kind", "ICD", "ports", "options")
    lines += section("devices", head, (_device(bench, device) for device in plan.devices))
    lines += section("lines", ("name", "medium", "ends", "format", "controller's port"), map(_line, plan.lines))
    for kind in dict.fromkeys(device.kind for device in plan.devices):
        title = f"disturbances of {', '.join(device.name for device in plan.devices if device.kind is kind)}"
        lines += section(
            title, ("what", "value"), [(what, one.text) for what, one in sorted(kind.DISTURBANCES.items())]
        )
    return "\n".join(lines)


def scenario_text(scenario: Scenario, plan: Plan) -> str:
    """The course of a scenario and what it demands."""
    lines = [f"{scenario.name}  {scenario.title}"]
    lines += [scenario.text.strip()] if scenario.text else []
    lines += ["", f"bench {plan.bench}, {scenario.duration_s:g} s, seed {scenario.seed}, {_controller(scenario)}"]
    lines += section("targets", ("id", "classification", "appears", "leaves", "path", "outcomes"), _targets(plan))
    lines += section("events", ("at", "place", "disturb", "value"), _events(scenario))
    head = ("id", "rule", "expected", "text")
    return "\n".join([*lines, *section("requirements", head, _requirements(plan))])


def _device(bench: Bench, device: DevicePlan) -> tuple[str, ...]:
    model = bench.devices[device.name]
    ports = ", ".join(f"{port} ({speaks})" for port, speaks in device.kind.PORTS.items())
    return device.name, model.kind, f"{device.icd.name} {device.icd.revision}", ports, _values(model.options)


def _line(line: LinePlan) -> tuple[str, ...]:
    model = line.model
    ends = ", ".join(end if keys[0] == "taps" else f"{keys[0]} {end}" for keys, end in endpoints(model))
    return line.name, model.medium, ends, _format(line.serial), _port(model)


def _format(serial: Serial | None) -> str:
    if serial is None:
        return ""
    return f"{serial.bit_rate_bps} bit/s {serial.data_bits}{serial.parity[0].upper()}{serial.stop_bits}"


def _port(model: LineDef) -> str:
    pace = "" if model.paced else "unpaced"
    return ", ".join(part for part in (model.port or "", pace) if part)


def _controller(scenario: Scenario) -> str:
    one = scenario.controller
    if one is None:
        return "no controller"
    return f"controller {one.python}" if one.python is not None else f"controller {' '.join(one.command or ())}"


def _targets(plan: Plan) -> Iterator[tuple[str, ...]]:
    for target in plan.truth.targets if plan.truth is not None else ():
        leaves = f"{target.leaves_s:g} s" if target.leaves_s is not None else ""
        path = f"{len(target.path)} points"
        outcomes = ", ".join(f"{one.result} after {one.after_s:g} s" for one in target.outcomes)
        yield target.id, target.classification, f"{target.appears_s:g} s", leaves, path, outcomes


def _events(scenario: Scenario) -> Iterator[tuple[str, ...]]:
    for event in sorted(scenario.events, key=lambda one: one.at_s):
        yield f"{event.at_s:g} s", event.place, event.disturb, _value(event.value)


def _requirements(plan: Plan) -> Iterator[tuple[str, ...]]:
    for one in plan.requirements:
        rule = str(type(one).__struct_config__.tag)
        yield one.id, rule, plan.expect.get(one.id, ""), one.text


def _values(options: dict[str, Any]) -> str:
    return ", ".join(f"{name} {_value(value)}" for name, value in options.items())


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
