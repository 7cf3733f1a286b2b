# SPDX-License-Identifier: Apache-2.0
"""A launcher on a kernel, with interceptor bodies behind it and a Modbus/TCP master of a few lines in front."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from fastcrc import crc16

from hil.attach import Node
from hil.devices.launcher import Launcher, LauncherOptions
from hil.devices.message_port import MessagePort
from hil.disturb import DISTURB, Disturb
from hil.interceptor.contract import Level
from hil.kernel import Kernel
from hil.links.line import Line
from hil.part import Output, Outputs, Part
from hil.trace.events import Edge, Event, State
from interfaces.spec.load import shipped
from interfaces.spec.model import Icd
from interfaces.wire import NS_PER_MS, Burst, Transmit, Up

LAUNCHER = shipped("launcher")
INTERCEPTOR = shipped("interceptor")
MAP = LAUNCHER.modbus
assert MAP is not None
ADDRESS = {item.name: item.address for table in (MAP.coils, MAP.holding, MAP.input) for item in table}
DISCRETE = {item.name: item.address for item in MAP.discrete_inputs}
STATES = {code: name for name, code in LAUNCHER.machines["launcher"].states.items()}
CELL_STATES = {code: name for name, code in LAUNCHER.machines["cell"].states.items()}
REFUSALS = {code: name for name, code in LAUNCHER.enums["refusal"].items()}
MODES = LAUNCHER.enums["mode"]
BEAT_NS = LAUNCHER.time_ns("heartbeat_period")


def time_ns(name: str) -> int:
    return LAUNCHER.time_ns(name)


class FakeInterceptor:
    """Does what it is told, at once; any permission lost makes it safe. `heard` keeps every message."""

    deadline_ns: int | None = None
    needed = ("arm_enable", "key_a", "key_b", "crew_safe", "hatch_open", "fire_enable", "umbilical_intact")

    def __init__(self, name: str, icd: Icd, seed: int) -> None:
        self.name = name
        self.active: dict[str, bool] = {}
        self.heard: list[str] = []
        self._port = MessagePort(name, "umbilical", icd, "device")
        self._own: dict[str, bool] = {}

    def receive(self, now_ns: int, port: str, item: Any) -> Outputs:
        out: list[Output] = []
        if port == "lines":
            self._line(item, out)
        elif self.active.get("power"):
            for message in self._port.receive(now_ns, item):
                self.heard.append(message.name)
                self._message(now_ns, message, out)
        return out

    def expire(self, now_ns: int) -> Outputs:
        return ()

    def _line(self, level: Level, out: list[Output]) -> None:
        self.active[level.line] = level.active
        if level.line == "power_good" and level.active:
            self._drive(out, "unlock", True)
        elif level.line == "latch_open" and level.active:
            self._drive(out, "release", True)
        elif level.line in (*self.needed, "power") and not level.active:
            for line in ("release", "unlock", "ready", "fault"):
                self._drive(out, line, False)

    def _message(self, now_ns: int, message: Any, out: list[Output]) -> None:
        if message.name in ("arm", "fire"):
            fields = {"command": message.name, "command_sequence": message.fields["sequence"]}
            out.extend(self._port.send(now_ns, "ack", fields))
        if message.name == "fire" and all(self.active.get(line) for line in self.needed):
            self._drive(out, "ready", True)

    def _drive(self, out: list[Output], line: str, active: bool) -> None:
        if self._own.get(line, False) != active:
            self._own[line] = active
            out.append(("lines", Level(line, active)))


def _umbilical(index: int) -> Line:
    serial = INTERCEPTOR.serial["umbilical"]
    form = (serial.bit_rate_bps, serial.char_bits)
    return Line(f"umbilical{index}", ("a", "b"), *form, parity=serial.parity, half_duplex=False, real_taps=["b"])


class Sink:
    """Keeps what arrives."""

    deadline_ns: int | None = None

    def __init__(self, name: str) -> None:
        self.name = name
        self.items: list[tuple[int, Any]] = []

    def receive(self, now_ns: int, port: str, item: Any) -> Outputs:
        self.items.append((now_ns, item))
        return ()

    def expire(self, now_ns: int) -> Outputs:
        return ()


class Rig:
    """Time is absolute ns. `write` returns the exception code, 0 for none."""

    def __init__(
        self, variant: str = "land", cells: int = 2, body: Callable[..., Part] = FakeInterceptor, **options: Any
    ) -> None:
        self.kernel = Kernel()
        self.trace: list[Event] = []
        config = LauncherOptions(variant=variant, cells=cells, **options)  # type: ignore[arg-type]  # a test's literal
        self.launcher = Launcher("land1", LAUNCHER, config, 1)
        self.node = self._add(self.launcher)
        self.world, self.peer = Sink("world"), Sink("peer")
        self.node.connect("world", self._add(self.world), "x")
        peer = self._add(self.peer)
        self.node.connect("tcp", peer, "x")
        self.node.connect("rtu", peer, "rtu")
        self.bodies = [self._body(body, index) for index in range(1, cells + 1)]
        self.sequence = self.beats = 0
        self.node.inject("tcp#1", Up("master"))

    def _add(self, part: Part) -> Node:
        return Node(self.kernel, part, self._record)

    def _record(self, event: Event) -> None:
        # A built-in method (`list.append`) would be shared by a copied rig.
        self.trace.append(event)

    def _body(self, body: Callable[..., Part], index: int) -> Part:
        part = body(f"land1.cell{index}", INTERCEPTOR, 1)
        node, wire = self._add(part), self._add(_umbilical(index))
        for one, one_port, other, other_port in (
            (self.node, f"lines.{index}", node, "lines"),
            (self.node, f"umbilical.{index}", wire, "a"),
            (node, "umbilical", wire, "b"),
        ):
            one.connect(one_port, other, other_port)
            other.connect(other_port, one, one_port)
        return part

    # -- time

    @property
    def now_ns(self) -> int:
        return self.kernel.now_ns

    def run_to(self, at_ns: int) -> None:
        """Let time pass in silence."""
        self.kernel.run_to(at_ns)

    def live_to(self, at_ns: int) -> None:
        """Let time pass with heartbeats, the last of them at most a period before its end."""
        while self.now_ns < at_ns:
            self.beat()
            self.run_to(min(at_ns, self.now_ns + BEAT_NS))

    def live(self, ns: int) -> None:
        self.live_to(self.now_ns + ns)

    # -- the master

    def pdu(self, data: bytes, unit: int = 1) -> bytes:
        """One request over TCP; returns the answer's PDU, empty when there is none."""
        before = len(self.peer.items)
        frame = struct.pack(">HHHB", 7, 0, len(data) + 1, unit) + data
        self.node.inject("tcp#1", Burst(self.now_ns, frame))
        self.run_to(self.now_ns)
        answers = [item.data for _, item in self.peer.items[before:] if isinstance(item, Transmit)]
        return answers[0][7:] if answers else b""

    def write(self, first: str, *values: int) -> int:
        """Function 16 from register `first` on."""
        head = struct.pack(">BHHB", 16, ADDRESS[first], len(values), 2 * len(values))
        answer = self.pdu(head + struct.pack(f">{len(values)}H", *values))
        return answer[1] if answer[0] & 0x80 else 0

    def write_coil(self, name: str, value: bool) -> int:
        answer = self.pdu(struct.pack(">BHH", 5, ADDRESS[name], 0xFF00 if value else 0))
        return answer[1] if answer[0] & 0x80 else 0

    def read(self, name: str, words: int = 1) -> int:
        answer = self.pdu(struct.pack(">BHH", 4, ADDRESS[name], words))
        assert answer[0] == 4, answer
        return int.from_bytes(answer[2:], "big")

    def flag(self, name: str) -> bool:
        answer = self.pdu(struct.pack(">BHH", 2, DISCRETE[name], 1))
        return bool(answer[2] & 1)

    def beat(self) -> int:
        self.beats = (self.beats + 1) % 65_536
        return self.write("heartbeat", self.beats)

    def mode(self, mode: str) -> int:
        return self.write("mode_command", MODES[mode])

    def arm(self, cell: int = 1, track: int = 77, sequence: int | None = None, code: int | None = None) -> int:
        code = LAUNCHER.constant("arm_code") if code is None else code
        return self.write("arm_cell", cell, track, code, self._next(sequence))

    def fire(self, cell: int = 1, sequence: int | None = None, code: int | None = None) -> int:
        code = LAUNCHER.constant("fire_code") if code is None else code
        return self.write("fire_cell", cell, code, self._next(sequence))

    def broadcast(self, first: str, *values: int) -> bytes:
        """Function 16 to unit 0 on the serial line; returns what is answered in the time of an answer."""
        data = struct.pack(f">BBHHB{len(values)}H", 0, 16, ADDRESS[first], len(values), 2 * len(values), *values)
        serial = LAUNCHER.serial["rtu"]
        burst = Burst(
            self.now_ns, data + crc16.modbus(data).to_bytes(2, "little"), serial.bit_rate_bps, serial.char_bits
        )
        before = len(self.peer.items)
        self.run_to(burst.end_ns)
        self.node.inject("rtu", burst)
        self.run_to(self.now_ns + 20 * NS_PER_MS)
        return b"".join(item.data for _, item in self.peer.items[before:] if isinstance(item, Transmit))

    def broadcast_order(self, order: str) -> None:
        """An order with the right code and a fresh number, to every launcher on the line."""
        code = LAUNCHER.constant(f"{order}_code")
        track = (77,) if order == "arm" else ()
        assert self.broadcast(f"{order}_cell", 1, *track, code, self._next(None)) == b""

    def _next(self, sequence: int | None) -> int:
        if sequence is None:
            self.sequence = sequence = (self.sequence + 1) % 65_536
        return sequence

    def disturb(self, what: str, value: Any = None) -> None:
        self.node.inject(DISTURB, Disturb("land1", what, value))
        self.run_to(self.now_ns)

    # -- what is seen

    @property
    def state(self) -> str:
        return STATES[self.read("state")]

    def cell_state(self, cell: int) -> str:
        return CELL_STATES[self.read("cell_state", 16) >> 16 * (16 - cell) & 0xFFFF]

    @property
    def refusal(self) -> str:
        return REFUSALS[self.read("last_refusal")]

    def aways(self) -> list[Any]:
        return [item for _, item in self.world.items]

    def moves(self, machine: str = "launcher") -> list[tuple[int, str]]:
        """(instant, state) of every move of the machine."""
        return [
            (event.time_ns, event.after)
            for event in self.trace
            if isinstance(event, State) and event.machine == machine
        ]

    def edges(self, line: str) -> list[tuple[int, str, bool]]:
        return [(e.time_ns, e.place, e.active) for e in self.trace if isinstance(e, Edge) and e.line == line]

    # -- ways into a state

    def to_safe(self) -> Rig:
        self.live_to(time_ns("boot_time"))
        return self

    def to_standby(self) -> Rig:
        self.to_safe().beat()
        assert self.mode("standby") == 0
        return self

    def to_ready(self) -> Rig:
        assert self.to_standby().mode("ready") == 0
        return self

    def to_arming(self, cell: int = 1) -> Rig:
        assert self.to_ready().arm(cell) == 0
        return self

    def to_armed(self, cell: int = 1) -> Rig:
        self.to_arming(cell)
        while self.state == "arming":
            self.live(NS_PER_MS)
        assert self.state == "armed"
        return self

    def to_sequencing(self, cell: int = 1) -> Rig:
        assert self.to_armed(cell).fire(cell) == 0
        return self

    def to_away(self, cell: int = 1) -> Rig:
        self.to_sequencing(cell)
        while self.state == "sequencing":
            self.live(10 * NS_PER_MS)
        assert self.state == "away"
        return self

    def to_hang_fire(self, cell: int = 1) -> Rig:
        self.disturb("dud_cell", cell)
        self.to_sequencing(cell)
        while self.state == "sequencing":
            self.live(10 * NS_PER_MS)
        assert self.state == "hang_fire"
        return self

    def to_misfire(self, cell: int = 1) -> Rig:
        self.to_hang_fire(cell).live(time_ns("hang_fire_time"))
        return self

    def to_empty(self) -> Rig:
        """Only a launcher of one cell gets there."""
        self.to_away().live(time_ns("away_time"))
        return self

    def to_fault(self) -> Rig:
        self.to_safe().disturb("fault", True)
        return self

    def to_boot(self) -> Rig:
        self.run_to(NS_PER_MS)
        return self

    def to_off(self) -> Rig:
        self.disturb("power", False)
        return self
