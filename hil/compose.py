# SPDX-License-Identifier: Apache-2.0
"""Builds a bench from a plan: the only place that knows every kind of part.

An end `controller.<port>` belongs to the controller's part where it runs inside the bench, and to a
real port where it does not.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hil.attach import Node
from hil.bench import Bench
from hil.disturb import DISTURB
from hil.interceptor.contract import BodyClass
from hil.interceptor.twin import Twin
from hil.links.line import Line
from hil.links.memory import CLIENT, SERVER, Pipe
from hil.links.pty import PtyGateway
from hil.links.serial import SerialGateway
from hil.links.sockets import parse_address
from hil.links.tcp import TcpListener
from hil.part import Outputs
from hil.plan import WORLD, DevicePlan, LinePlan, Plan
from hil.scenario.model import CONTROLLER
from hil.script import Script
from hil.trace.recorder import Recorder
from hil.world import Truth, World
from interfaces.spec.load import shipped
from interfaces.spec.model import Icd

EXTERNAL_PIECE_NS = 2_000_000  # a peer on a real port sees a long frame grow in steps of this
LOOPBACK_ANY_PORT = "127.0.0.1:0"
TCP_PORT = "net"
PTY = "pty"
SCRIPT = "script"
INTERCEPTOR, TWIN = "interceptor", "twin"


def compose(
    plan: Plan, recorder: Recorder, *, interceptor: BodyClass = Twin, outside: bool = False, links: Path | None = None
) -> Bench:
    """A bench with every part connected. `outside` gives the controller's ends real ports; in the folder
    `links` each pty then gets a symlink named like its line.

    `interceptor` makes the body behind each cell. Raises `BenchError` when one, or the controller, cannot be had.
    """
    bench = Bench(recorder)
    for device in plan.devices:
        bench.add(device.kind(device.name, device.icd, device.options, plan.seed))
    _add_interceptors(bench, plan, interceptor)
    _add_world(bench, plan)
    if not outside and plan.controller is not None:
        bench.add(plan.controller.kind(CONTROLLER, plan.controller.model.options, plan.seed))
    for line in plan.lines:
        if line.model.medium == "tcp":
            _add_tcp(bench, line, outside)
        else:
            _add_line(bench, line, outside, links)
    _add_script(bench, plan)
    return bench


def _add_interceptors(bench: Bench, plan: Plan, body: BodyClass) -> None:
    icd = shipped(INTERCEPTOR)
    for device in plan.devices:
        launcher = bench.nodes[device.name]
        for cell in range(1, _cells(device, launcher) + 1):
            node = bench.add(body(f"{device.name}.cell{cell}", icd, plan.seed))
            bench.join(launcher, f"lines.{cell}", node, "lines")
            line = bench.add(_umbilical(f"{device.name}.umbilical{cell}", icd))
            bench.join(launcher, f"umbilical.{cell}", line, "launcher")
            bench.join(node, "umbilical", line, INTERCEPTOR)


def _cells(device: DevicePlan, node: Node) -> int:
    return int(getattr(node.part, "cells", 0))


def _umbilical(name: str, icd: Icd) -> Line:
    serial = icd.serial["umbilical"]
    taps = ("launcher", INTERCEPTOR)
    form = (serial.bit_rate_bps, serial.char_bits)
    # The interceptor's tap is a UART: it takes the line's time itself.
    return Line(name, taps, *form, parity=serial.parity, half_duplex=False, real_taps=[INTERCEPTOR])


def _add_world(bench: Bench, plan: Plan) -> None:
    users = [node for node in bench.nodes.values() if getattr(node.part, "uses_world", False)]
    world = bench.add(World(WORLD, plan.truth or Truth(), plan.seed))
    for node in users:
        kind = "launcher" if getattr(node.part, "cells", 0) else "radar"
        bench.join(node, WORLD, world, f"{kind}#{node.name}")


def _add_line(bench: Bench, plan: LinePlan, outside: bool, links: Path | None) -> None:
    serial = plan.serial
    assert serial is not None
    line = bench.add(
        Line(
            plan.name,
            [_tap(end) for end in plan.model.taps],
            serial.bit_rate_bps if plan.model.paced or not outside else 0,
            serial.char_bits,
            parity=serial.parity,
            half_duplex=plan.model.medium == "rs485",
            piece_ns=EXTERNAL_PIECE_NS if outside else 0,
            real_taps=[CONTROLLER] if outside and _port(plan) != PTY else [],
        )
    )
    for end in plan.model.taps:
        device, _, port = end.partition(".")
        if device == CONTROLLER and outside:
            bench.join(line, _tap(end), bench.add_gateway(_gateway(plan, links)), "line")
        elif device in bench.nodes:
            bench.join(line, _tap(end), bench.nodes[device], port)
        else:
            bench.join(line, _tap(end), bench.add(Nobody(end)), port)


def _tap(end: str) -> str:
    return end.partition(".")[0]


def _port(plan: LinePlan) -> str:
    return PTY if plan.model.port is None else plan.model.port


def _gateway(plan: LinePlan, links: Path | None) -> PtyGateway | SerialGateway:
    name = f"{plan.name}.{CONTROLLER}"
    port = _port(plan)
    if port == PTY:
        return PtyGateway(name, links / plan.name if links is not None else None)
    assert plan.serial is not None
    return SerialGateway(name, port, plan.serial, rs485=plan.model.direction == "driver")


def _add_tcp(bench: Bench, plan: LinePlan, outside: bool) -> None:
    assert plan.model.server is not None
    assert plan.model.client is not None
    server, _, server_port = plan.model.server.partition(".")
    client, _, client_port = plan.model.client.partition(".")
    if client == CONTROLLER and outside:
        address = parse_address(LOOPBACK_ANY_PORT if plan.model.port is None else plan.model.port)
        listener = bench.add_gateway(TcpListener(plan.name, *address))
        bench.join(listener, TCP_PORT, bench.nodes[server], server_port)
        return
    pipe = bench.add(Pipe(plan.name))
    bench.join(pipe, SERVER, bench.nodes[server], server_port)
    end = bench.nodes[client] if client in bench.nodes else bench.add(Nobody(plan.model.client))
    bench.join(pipe, CLIENT, end, client_port)


def _add_script(bench: Bench, plan: Plan) -> None:
    if not plan.events:
        return
    script = bench.add(Script(SCRIPT, plan.events))
    for place in {event.disturb.place for event in plan.events}:
        script.connect(place, bench.nodes[place], DISTURB)


class Nobody:
    """An end that no one is at: it hears and says nothing."""

    deadline_ns: int | None = None

    def __init__(self, name: str) -> None:
        self.name = name

    def receive(self, now_ns: int, port: str, item: Any) -> Outputs:
        return ()

    def expire(self, now_ns: int) -> Outputs:
        return ()
