# SPDX-License-Identifier: Apache-2.0
"""The conformance suite of devices: what `hil.devices.contract.Device` promises, for any class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hil.devices.contract import Device, DeviceOptions
from hil.disturb import DISTURB, Disturb
from hil.trace.events import TRACE, Event
from interfaces.spec.model import Icd
from interfaces.wire import NS_PER_S, Burst, Down, Full, Ready, Sent, Up

SECONDS = 12
NOISE = bytes(range(256)) * 2


class Case:
    """A device class with the ICD and options to make one."""

    def __init__(
        self, kind: type[Device], icd: Icd, options: Mapping[str, Any], disturbances: Mapping[str, Any]
    ) -> None:
        self.kind, self.icd = kind, icd
        self.options: DeviceOptions = kind.Options(**options)
        self.disturbances = disturbances

    def make(self, seed: int = 1) -> Device:
        return self.kind("device1", self.icd, self.options, seed)


def run(device: Device, from_ns: int, until_ns: int) -> list[tuple[int, Any]]:
    """Everything it puts out when nobody speaks to it; each deadline is checked to be kept."""
    said: list[tuple[int, Any]] = []
    now_ns = from_ns
    while (due_ns := device.deadline_ns) is not None and due_ns <= until_ns:
        now_ns = max(now_ns, due_ns)
        said += [(now_ns, output) for output in device.expire(now_ns)]
        later_ns = device.deadline_ns
        assert later_ns is None or later_ns > now_ns
    return said


def check_facts(case: Case) -> None:
    """The class says what the bench asks of it, in words."""
    assert set(case.kind.PORTS.values()) <= {"serial", "tcp"}
    assert all(one.text and name.isidentifier() for name, one in case.kind.DISTURBANCES.items())
    assert set(case.disturbances) == set(case.kind.DISTURBANCES), "the case must try every disturbance"
    device = case.make()
    assert device.name == "device1"
    assert isinstance(device.uses_world, bool)
    assert device.cells >= 0


def check_same_seed_same_words(case: Case) -> None:
    """Two of the same seed say the same; what goes to the trace are events."""
    first, second = (run(case.make(), 0, SECONDS * NS_PER_S) for _ in range(2))
    assert first == second
    assert all(isinstance(item, Event) for _, (port, item) in first if port == TRACE)


def check_survives_noise(case: Case) -> None:
    """Noise on any wire port, and every link event, is taken without an exception."""
    device = case.make()
    now_ns = SECONDS * NS_PER_S
    run(device, 0, now_ns)
    for port, medium in case.kind.PORTS.items():
        name = f"{port}#1" if medium == "tcp" else port
        rate = 0 if medium == "tcp" else 115_200
        if not _has(device, name, now_ns):
            continue
        for item in (
            Up("peer"),
            Burst(now_ns, NOISE, rate),
            Full(),
            Ready(),
            Sent(now_ns),
            Burst(now_ns, b"", rate),
            Down("x"),
        ):
            now_ns += NS_PER_S
            run(device, now_ns - NS_PER_S, now_ns)
            moved = Burst(now_ns, item.data, rate) if isinstance(item, Burst) else item
            device.receive(now_ns, name, moved)


def _has(device: Device, port: str, now_ns: int) -> bool:
    """A generic device has only the ports that its ICD gives it."""
    try:
        device.receive(now_ns, port, Ready())
    except (LookupError, TypeError):
        return False
    return True


def check_disturbances(case: Case) -> None:
    """Each disturbance it declares is taken, and time goes on after it."""
    for name, value in case.disturbances.items():
        device = case.make()
        now_ns = SECONDS * NS_PER_S
        run(device, 0, now_ns)
        device.receive(now_ns, DISTURB, Disturb("device1", name, value))
        run(device, now_ns, now_ns + SECONDS * NS_PER_S)


CHECKS = (check_facts, check_same_seed_same_words, check_survives_noise, check_disturbances)
