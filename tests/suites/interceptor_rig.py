# SPDX-License-Identifier: Apache-2.0
"""Drives one interceptor body by hand: its lines, its umbilical and its deadlines, with no bench around it.

Frames are packed and unpacked here by hand, so that a body is not judged by the codec it uses.
"""

from __future__ import annotations

import itertools
from typing import Any

from cobs import cobs

from hil.interceptor.contract import Level
from hil.part import Outputs, Part
from hil.trace.events import TRACE, Answer, State
from interfaces.framing.cobs import CobsFramer
from interfaces.spec.model import Icd
from interfaces.wire import NS_PER_MS, NS_PER_US, Burst

CLOCK_NS = 100
CHAR_BITS = 11
BIT_RATE = 1_000_000
HALF_BIT_NS = 500
INTERLOCKS = ("arm_enable", "fire_enable", "key_a", "key_b", "crew_safe", "hatch_open")
ARM, FIRE, ABORT, HEARTBEAT, STATUS_REQUEST, TIME = range(1, 7)
ARM_CODE, FIRE_CODE = bytes.fromhex("5a17"), bytes.fromhex("c3e4")
ACK, REFUSAL, STATUS = 0x81, 0x82, 0x83
REASONS = {"stale_sequence": 1, "wrong_code": 2, "wrong_state": 3, "interlock": 4, "late": 5}
BODY = "cell"


class Rig:
    """`log` holds everything the body put out, each with the instant it did so."""

    def __init__(self, body: Part, icd: Icd) -> None:
        self.body = body
        self.icd = icd
        assert icd.discrete is not None
        self._wires = {line.name: line.of for line in icd.discrete.lines}
        self._framer = CobsFramer("crc16_ibm_3740", 32)
        self._sequence = itertools.count(1)
        self.now_ns = 0
        self.powered_ns = 0  # the clock at which power was seen last
        self.log: list[tuple[int, str, Any]] = []

    def run_to(self, until_ns: int) -> None:
        """Let time pass; `expire` is called at each deadline, as a kernel would."""
        while (deadline_ns := self.body.deadline_ns) is not None and deadline_ns <= until_ns:
            assert deadline_ns >= self.now_ns, "a deadline in the past"
            self.now_ns = deadline_ns
            self._collect(self.body.expire(deadline_ns))
            after_ns = self.body.deadline_ns
            assert after_ns is None or after_ns > deadline_ns, "a deadline that does not move on"
        self.now_ns = max(self.now_ns, until_ns)

    def run(self, ns: int) -> None:
        self.run_to(self.now_ns + ns)

    def drive(self, *lines: str, active: bool = True) -> None:
        """Put every wire of the lines at a level, now."""
        for line in lines:
            for wire in range(self._wires[line]):
                self.drive_wire(line, wire, active)

    def drive_wire(self, line: str, wire: int, active: bool) -> None:
        self._collect(self.body.receive(self.now_ns, "lines", Level(line, active, wire)))

    def say(self, message: int, content: bytes = b"", sequence: int | None = None) -> int:
        """Send a frame from now on; returns, at its end, the instant of its last stop bit's centre."""
        return self.say_bytes(self.frame(message, content, sequence))

    def frame(self, message: int, content: bytes = b"", sequence: int | None = None) -> bytes:
        """The characters of a message, with the next sequence number unless one is given."""
        number = next(self._sequence) if sequence is None else sequence
        return self._framer.encode(bytes([message, number % 256]) + content)

    def say_bytes(self, data: bytes) -> int:
        burst = Burst(self.now_ns, data, BIT_RATE, CHAR_BITS)
        self.hear(burst)
        self.run_to(burst.end_ns)
        return burst.end_ns - HALF_BIT_NS

    def hear(self, burst: Burst) -> None:
        """Hand over characters whose first start bit begins now."""
        self._collect(self.body.receive(self.now_ns, "umbilical", burst))

    # -- the usual course

    def power_up(self) -> None:
        """Power, umbilical, every interlock; settled."""
        self.powered_ns = self.now_ns // CLOCK_NS * CLOCK_NS + latency_clocks(self.icd, "power_lost") * CLOCK_NS
        self.drive("power", "umbilical_intact", *INTERLOCKS)
        self.run(50 * NS_PER_US)

    def arm(self) -> int:
        return self._effect(self.say(ARM, ARM_CODE))

    def fire(self) -> int:
        return self._effect(self.say(FIRE, FIRE_CODE))

    def bring_to(self, state: str) -> None:
        """From power-up to a state, by the shortest way."""
        self.power_up()
        for enter in _WAYS[state]:
            enter(self)
        assert self.state == state

    def confirm(self, line: str) -> None:
        self.drive(line)
        self.run(10 * NS_PER_US)

    def wait(self, ns: int) -> None:
        """Let time pass with the link alive."""
        end_ns = self.now_ns + ns
        while self.now_ns + 100 * NS_PER_MS < end_ns:
            self.run(100 * NS_PER_MS)
            self.say(HEARTBEAT)
        self.run_to(end_ns)

    def _effect(self, centre_ns: int) -> int:
        self.run(2 * NS_PER_US)
        return centre_ns

    # -- what was seen

    @property
    def state(self) -> str:
        states = self.states()
        return states[-1][1] if states else "safe"

    def states(self) -> list[tuple[int, str]]:
        """Each state entered, with its instant."""
        return [(at, item.after) for at, port, item in self.log if port == TRACE and isinstance(item, State)]

    def state_ns(self, state: str) -> int:
        """When the state was entered last."""
        return max(at for at, name in self.states() if name == state)

    def edges(self, line: str) -> list[tuple[int, bool]]:
        return [(at, item.active) for at, port, item in self.log if port == "lines" and item.line == line]

    def is_active(self, line: str) -> bool:
        edges = self.edges(line)
        return bool(edges) and edges[-1][1]

    def sent(self, message: int | None = None) -> list[tuple[int, bytes]]:
        """Frames the body sent (message, sequence, content), of one kind or all, with their instants."""
        whole = [burst for burst in self.spoken() if len(burst.data) > 1 and burst.data[-1] == 0 and not burst.marks]
        frames = [(burst.start_ns, cobs.decode(burst.data.strip(b"\0"))[:-2]) for burst in whole]
        return [(at, frame) for at, frame in frames if message is None or frame[0] == message]

    def spoken(self) -> list[Burst]:
        """All that the body put on the umbilical."""
        return [item for _, port, item in self.log if port == "umbilical"]

    def answers(self) -> list[tuple[str, str]]:
        return [(item.command, item.result) for _, port, item in self.log if port == TRACE and isinstance(item, Answer)]

    def _collect(self, outputs: Outputs) -> None:
        # Instants are the record's own where it has one: the body states when its clock edge was.
        for port, item in outputs:
            self.log.append((getattr(item, "time_ns", self.now_ns), port, item))
            if isinstance(item, Burst):
                assert 0 <= self.now_ns - item.end_ns < HALF_BIT_NS + CLOCK_NS, "a burst that has not just ended"


def _arm(rig: Rig) -> None:
    rig.arm()


def _fire(rig: Rig) -> None:
    rig.fire()


def _power(rig: Rig) -> None:
    rig.confirm("power_good")


def _latch(rig: Rig) -> None:
    rig.confirm("latch_open")


def _break(rig: Rig) -> None:
    rig.drive("umbilical_intact", active=False)
    rig.run(10 * NS_PER_US)


def _pass_release(rig: Rig) -> None:
    rig.run(101 * NS_PER_MS)


def _pass_step(rig: Rig) -> None:
    rig.wait(201 * NS_PER_MS)


def _pass_sequence(rig: Rig) -> None:
    """Each step in time, all together too long."""
    rig.wait(190 * NS_PER_MS)
    rig.confirm("power_good")
    rig.wait(190 * NS_PER_MS)
    rig.confirm("latch_open")
    rig.wait(90 * NS_PER_MS)


_WAYS = {
    "safe": [],
    "armed": [_arm],
    "step_power": [_arm, _fire],
    "step_unlock": [_arm, _fire, _power],
    "step_release": [_arm, _fire, _power, _latch],
    "away": [_arm, _fire, _power, _latch, _break],
    "hang_fire": [_arm, _fire, _power, _latch, _pass_release],
    "misfire": [_arm, _fire, _pass_step],
    "fault": [_arm, _fire, _pass_sequence],
}
STATES = tuple(_WAYS)
OUTPUTS = {
    "step_power": {"ready"},
    "step_unlock": {"ready", "unlock"},
    "step_release": {"ready", "unlock", "release"},
    "misfire": {"fault"},
    "fault": {"fault"},
}
HELD = ("armed", "step_power", "step_unlock", "step_release", "hang_fire", "misfire")


def assert_outputs(rig: Rig) -> None:
    """The lines stand as the present state demands."""
    active = {line for line in ("ready", "unlock", "release", "fault") if rig.is_active(line)}
    assert active == OUTPUTS.get(rig.state, set())


def pulse(rig: Rig, at_ns: int) -> None:
    """One pulse of the second."""
    rig.run_to(at_ns)
    rig.drive("pps")
    rig.run(20 * NS_PER_US)
    rig.drive("pps", active=False)


def latency_clocks(icd: Icd, latency: str) -> int:
    """The limit of one of the ICD's latencies."""
    assert icd.discrete is not None
    return next(found.max_clocks for found in icd.discrete.latencies if found.name == latency)


def debounce_clocks(icd: Icd, line: str) -> int:
    assert icd.discrete is not None
    return next(found.debounce_clocks for found in icd.discrete.lines if found.name == line)
