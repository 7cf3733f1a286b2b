# SPDX-License-Identifier: Apache-2.0
"""One cell of a launcher: its mechanics, and the launcher's end of its interceptor's interface.

It drives the discrete lines and the umbilical of the `interceptor` ICD, confirms what the interceptor
asks for (launch power, latch), and lets it leave. Only a selected cell has power. The cell never
decides whether something is permitted: the launcher does, and is told what happened.
"""

from __future__ import annotations

from typing import Any, Protocol

from hil.devices.alarms import Alarms
from hil.devices.hatch import Hatch
from hil.devices.message_port import MessagePort, Received
from hil.devices.state_table import StateTable
from hil.interceptor.contract import Level
from hil.part import Output
from hil.trace.events import TRACE, Edge, Note
from interfaces.spec.model import Icd
from interfaces.wire import NS_PER_US

_POWERED_LINES = ("arm_enable", "fire_enable", "key_a", "key_b", "crew_safe", "hatch_open", "power_good", "latch_open")
_PERMISSIONS = ("fire_enable", "arm_enable", "key_b", "power_good", "latch_open", "hatch_open")
_HATCH_STATES = frozenset({"selected", "armed", "firing"})
_ALIVE = ("heartbeat", "pps", "pps_end", "power_off")
_STEPS = ("settled", "fire", "power_good", "latch_open", "separation")

CellAlarms = Alarms[tuple[str, int]]


class CellOwner(Protocol):
    """What a cell tells its launcher."""

    def cell_armed(self, now_ns: int) -> None: ...

    def cell_failed(self, now_ns: int) -> None: ...

    def cell_released(self, now_ns: int) -> None: ...

    def cell_separated(self, now_ns: int) -> None: ...


class Cell:
    """`dud` never leaves; `late_ns` makes it leave that long after its release."""

    def __init__(
        self,
        owner: CellOwner,
        place: str,
        index: int,
        icds: tuple[Icd, Icd],
        alarms: CellAlarms,
        out: list[Output],
        hatch_travel_ns: int,
    ) -> None:
        icd, interceptor = icds
        self.index = index
        self.place = place
        self._owner = owner
        self.hatch = Hatch(hatch_travel_ns)
        self.table = StateTable(self.place, "cell", icd, self)
        self.dud = False
        self.late_ns: int | None = None
        self.sensor_lost = False
        self.gone = False
        self._icd = icd
        self._interceptor = interceptor
        self._alarms = alarms
        self._out = out
        self._lines_port = f"lines.{index}"
        self._umbilical = MessagePort(self.place, f"umbilical.{index}", interceptor, "controller")
        discrete = interceptor.discrete
        assert discrete is not None
        assert discrete.slots is not None
        self._wires = {line.name: line.of for line in discrete.lines}
        self._slot = (index - 1) % discrete.slots.count
        self._levels: dict[str, bool] = {}

    # -- what the launcher asks for

    def mate(self, now_ns: int) -> None:
        """The launcher has power: the umbilical of what is in the cell reads mated."""
        self._drive(now_ns, "umbilical_intact", not self.gone)
        self.dispatch(now_ns, "inspected")

    def select(self, now_ns: int, local_key: bool, crew_safe: bool) -> None:
        """Power the interceptor and open the hatch; it is armed as soon as both are done."""
        self.dispatch(now_ns, "select")
        self._clear(_ALIVE)
        self._drive(now_ns, "power", True)
        self.interlocks(now_ns, local_key, crew_safe)
        self._drive(now_ns, "key_b", True)
        self._drive(now_ns, "arm_enable", True)
        self._set("pps", self._next_second_ns(now_ns))
        self._set("heartbeat", now_ns + self._interceptor.time_ns("heartbeat_period"))
        self._move_hatch(now_ns, True)

    def interlocks(self, now_ns: int, local_key: bool, crew_safe: bool) -> None:
        """Pass the launcher's interlocks on to a powered interceptor."""
        if self.powered:
            self._drive(now_ns, "key_a", local_key)
            self._drive(now_ns, "crew_safe", crew_safe)

    def fire(self, now_ns: int) -> None:
        """Permit firing and, once that has settled, order it."""
        self.dispatch(now_ns, "fire")
        self._drive(now_ns, "fire_enable", True)
        self._set("fire", now_ns + self._icd.time_ns("settle_time"))

    def stand_down(self, now_ns: int) -> None:
        """Take every permission away, tell the interceptor, close the hatch; power follows."""
        self.dispatch(now_ns, "deselect")
        self._clear(_STEPS)
        if not self.powered:
            return
        for line in _PERMISSIONS:
            self._drive(now_ns, line, False)
        if not self.gone:
            self._say(now_ns, "abort", {})
        self._set("power_off", now_ns + self._icd.time_ns("power_hold"))
        self._move_hatch(now_ns, False)

    def power_off(self, now_ns: int) -> None:
        """Take the power away at once."""
        self._clear(_ALIVE + _STEPS)
        for line in (*_POWERED_LINES, "pps", "power"):
            self._drive(now_ns, line, False)

    def dispatch(self, now_ns: int, event: str) -> bool:
        """An event of the machine `cell`."""
        moved = self.table.dispatch(now_ns, event)
        self._out.extend(self.table.take())
        return moved

    @property
    def powered(self) -> bool:
        return self._levels.get("power", False)

    def hatch_is_open(self, now_ns: int) -> bool:
        """What the hatch's switch reads."""
        return self.hatch.is_open(now_ns) and not self.sensor_lost

    # -- what happens in the cell

    def receive_level(self, now_ns: int, level: Level) -> None:
        """The interceptor drives one of its lines."""
        if self.powered:
            getattr(self, f"_on_{level.line}")(now_ns, level.active)

    def receive_umbilical(self, now_ns: int, item: Any) -> None:
        """Bytes or a link's report from the umbilical."""
        for message in self._umbilical.receive(now_ns, item):
            self._heard(now_ns, message)
        self._out.extend(self._umbilical.take())

    def alarm(self, now_ns: int, what: str) -> None:
        """One of the cell's instants has come."""
        getattr(self, f"_alarm_{what}")(now_ns)

    def stick_hatch(self, now_ns: int, stuck: bool) -> None:
        """A disturbance: the hatch stays where it is, or moves again."""
        self._set("hatch", self.hatch.stick(now_ns, stuck))

    def lose_hatch(self, now_ns: int, lost: bool) -> None:
        """A disturbance: the hatch's switch reads not open."""
        self.sensor_lost = lost
        self._set("hatch", now_ns)

    def _on_ready(self, now_ns: int, active: bool) -> None:
        self._confirm(now_ns, "power_good", active and self.table.state == "firing", "power_good_time")

    def _on_unlock(self, now_ns: int, active: bool) -> None:
        self._confirm(now_ns, "latch_open", active and self.table.state == "firing", "latch_time")

    def _on_release(self, now_ns: int, active: bool) -> None:
        if not active:
            # What leaves late hangs in the cell after the release is over; a sound one needs it.
            if self.late_ns is None:
                self._clear(("separation",))
        elif not (self.table.state == "firing" and self._levels.get("latch_open", False)):
            self._out.append((TRACE, Note(now_ns, self.place, "release without an open latch: nothing leaves")))
        else:
            if not self.dud:
                self._set("separation", now_ns + (self.late_ns or self._icd.time_ns("separation_time")))
            self._owner.cell_released(now_ns)

    def _on_fault(self, now_ns: int, active: bool) -> None:
        if active:
            self._owner.cell_failed(now_ns)

    def _heard(self, now_ns: int, message: Received) -> None:
        command = message.fields.get("command")
        if message.name == "ack" and command == "arm" and self.dispatch(now_ns, "armed"):
            self._owner.cell_armed(now_ns)
        elif message.name == "refusal" and command in ("arm", "fire"):
            self._owner.cell_failed(now_ns)

    def _alarm_hatch(self, now_ns: int) -> None:
        if self.table.state in _HATCH_STATES:
            is_open = self.hatch_is_open(now_ns)
            if is_open and not self._levels.get("hatch_open", False) and self.table.state == "selected":
                self._set("settled", now_ns + self._icd.time_ns("settle_time"))
            self._drive(now_ns, "hatch_open", is_open)

    def _alarm_settled(self, now_ns: int) -> None:
        settle_ns = self._icd.time_ns("settle_time")
        second_ns = self._next_second_ns(now_ns)
        if second_ns - now_ns < settle_ns:
            # The time message must be there before the pulse that it speaks of.
            self._set("settled", second_ns + settle_ns)
            return
        at_pps_us = second_ns // NS_PER_US % self._interceptor.constant("time_wrap_us")
        self._say(now_ns, "time", {"at_pps_us": at_pps_us, "slot": self._slot})
        self._say(now_ns, "arm", {"code": self._interceptor.constant("arm_code")})

    def _alarm_fire(self, now_ns: int) -> None:
        self._say(now_ns, "fire", {"code": self._interceptor.constant("fire_code")})

    def _alarm_power_good(self, now_ns: int) -> None:
        self._drive(now_ns, "power_good", True)

    def _alarm_latch_open(self, now_ns: int) -> None:
        self._drive(now_ns, "latch_open", True)

    def _alarm_separation(self, now_ns: int) -> None:
        self.gone = True
        self._drive(now_ns, "umbilical_intact", False)
        self.dispatch(now_ns, "separated")
        self._owner.cell_separated(now_ns)

    def _alarm_heartbeat(self, now_ns: int) -> None:
        if not self.gone:
            self._say(now_ns, "heartbeat", {})
            self._set("heartbeat", now_ns + self._interceptor.time_ns("heartbeat_period"))

    def _alarm_pps(self, now_ns: int) -> None:
        self._drive(now_ns, "pps", True)
        self._set("pps_end", now_ns + self._icd.time_ns("pps_width"))
        self._set("pps", self._next_second_ns(now_ns))

    def _alarm_pps_end(self, now_ns: int) -> None:
        self._drive(now_ns, "pps", False)

    def _alarm_power_off(self, now_ns: int) -> None:
        self.power_off(now_ns)

    # -- means

    def _confirm(self, now_ns: int, line: str, asked: bool, after: str) -> None:
        if asked:
            self._set(line, now_ns + self._icd.time_ns(after))
        else:
            self._clear((line,))
            self._drive(now_ns, line, False)

    def _move_hatch(self, now_ns: int, opening: bool) -> None:
        self._set("hatch", self.hatch.move(now_ns, opening))

    def _say(self, now_ns: int, message: str, fields: dict[str, Any]) -> None:
        self._out.extend(self._umbilical.send(now_ns, message, fields))
        self._out.extend(self._umbilical.take())

    def _drive(self, now_ns: int, line: str, active: bool) -> None:
        if self._levels.get(line, False) == active:
            return
        self._levels[line] = active
        for wire in range(self._wires[line]):
            self._out.append((self._lines_port, Level(line, active, wire)))
        if line != "pps":
            self._out.append((TRACE, Edge(now_ns, self.place, line, active)))

    def _set(self, what: str, at_ns: int) -> None:
        self._alarms.set((what, self.index), at_ns)

    def _clear(self, what: tuple[str, ...]) -> None:
        for key in what:
            self._alarms.clear((key, self.index))

    def _next_second_ns(self, now_ns: int) -> int:
        period_ns = self._interceptor.time_ns("pps_period")
        return (now_ns // period_ns + 1) * period_ns
