# SPDX-License-Identifier: Apache-2.0
"""What a controller's writes make a launcher do, and the refusals they get (ICD LCH-002).

One method an effect of the ICD's map. Each returns why it refuses, a name of the ICD's `refusal`;
"" is none. The first refusal in a request ends it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hil.devices.launcher_logic import LauncherLogic
from hil.devices.modbus_unit import ModbusUnit
from hil.devices.sequence import Freshness
from hil.part import Output
from hil.trace.events import TRACE, Answer
from interfaces.modbus.pdu import ExceptionCode
from interfaces.spec.model import Icd

_ORDERS = frozenset({"arm", "fire"})

Values = Mapping[str, Any]


class Orders:
    """Carries out what is written; `unit` is set by the launcher, whose registers it is."""

    unit: ModbusUnit

    def __init__(self, place: str, icd: Icd, logic: LauncherLogic) -> None:
        assert icd.modbus is not None
        self._place = place
        self._icd = icd
        self._logic = logic
        self._modes = {code: name for name, code in icd.enums["mode"].items()}
        self._reasons = icd.enums["refusal"]
        self._effects = {
            item.name: item.effect for table in (icd.modbus.coils, icd.modbus.holding) for item in table if item.effect
        }
        self._freshness = Freshness(icd.constant("sequence_span"))
        self._beat: int | None = None
        self._codes_used = False
        self.refusals = 0
        self.last_refusal = 0

    @property
    def last_sequence(self) -> int:
        return self._freshness.last

    def power_up(self) -> None:
        """Power on forgets what was used and what was refused."""
        self._freshness.last = self.refusals = self.last_refusal = 0
        self._beat = None
        self._mirror_hold(False)

    def on_write(self, now_ns: int, writes: Sequence[tuple[str, Any]]) -> ExceptionCode | None:
        """Carry out one request's writes."""
        self.forget_codes()
        values = dict(writes)
        for effect in dict.fromkeys(self._effects[name] for name in values):
            reason = getattr(self, f"effect_{effect}")(now_ns, values)
            if reason:
                self.refuse(reason)
                return ExceptionCode.SERVER_DEVICE_FAILURE
        return None

    def on_broadcast(self, now_ns: int, writes: Sequence[tuple[str, Any]]) -> ExceptionCode | None:
        """The same, but for arm and fire orders, which are not obeyed by broadcast (ICD LCH-022)."""
        for name, _ in writes:
            if self._effects[name] in _ORDERS:
                self.refuse(self._answer(now_ns, self._effects[name], "broadcast"))
                return ExceptionCode.SERVER_DEVICE_FAILURE
        return self.on_write(now_ns, writes)

    def forget_codes(self) -> None:
        """Codes read 0 after an order. A refused write puts its registers back, so this comes after the request."""
        if self._codes_used:
            self._codes_used = False
            self.unit.set("arm_code", 0)
            self.unit.set("fire_code", 0)

    def refuse(self, reason: str) -> None:
        """Keep and count a refusal."""
        self.refusals = (self.refusals + 1) % 2**32
        self.last_refusal = self._reasons[reason]
        self._logic.events.append(("refused", self._logic.selected))

    def effect_heartbeat(self, now_ns: int, values: Values) -> str:
        if not self._logic.table.legal("heartbeat"):
            return self._logic.table.refusal("heartbeat")
        if values["heartbeat"] != self._beat:
            self._beat = values["heartbeat"]
            self._logic.beat(now_ns)
        return ""

    def effect_mode(self, now_ns: int, values: Values) -> str:
        mode = self._modes[values["mode_command"]]
        if mode == "none":
            return ""
        return self._answer(now_ns, mode, self._command(now_ns, mode))

    def effect_abort(self, now_ns: int, values: Values) -> str:
        if not values["abort_command"]:
            return ""
        return self._answer(now_ns, "abort", self._command(now_ns, "abort"))

    def effect_hold_fire(self, now_ns: int, values: Values) -> str:
        held = any(values[name] for name in ("hold_fire", "hold_fire_coil") if name in values)
        command = "hold_fire" if held else "release_hold"
        return self._answer(now_ns, command, self._hold(now_ns, command, held))

    def effect_posture(self, now_ns: int, values: Values) -> str:
        return self._answer(now_ns, "posture", self._legal("posture"))

    def effect_bearing(self, now_ns: int, values: Values) -> str:
        return self._answer(now_ns, "bearing", self._train(now_ns, values["bearing_command"]))

    def effect_event_ack(self, now_ns: int, values: Values) -> str:
        reason = self._legal("event_ack")
        if not reason:
            self.unit.drop("events", values["event_ack"])
        return reason

    def effect_arm(self, now_ns: int, values: Values) -> str:
        return self._order(now_ns, "arm", values)

    def effect_fire(self, now_ns: int, values: Values) -> str:
        return self._order(now_ns, "fire", values)

    def _legal(self, command: str) -> str:
        table = self._logic.table
        return "" if table.legal(command) else table.refusal(command)

    def _command(self, now_ns: int, command: str) -> str:
        reason = self._legal(command)
        if reason or self._logic.dispatch(now_ns, command):
            return reason
        return self._logic.why_not_command(command)

    def _hold(self, now_ns: int, command: str, held: bool) -> str:
        reason = self._legal(command)
        if not reason:
            if held != self._logic.hold:
                self._logic.events.append(("hold_fire" if held else "hold_released", self._logic.selected))
            self._logic.hold = held
            self._mirror_hold(held)
        return reason

    def _mirror_hold(self, held: bool) -> None:
        self.unit.set("hold_fire", int(held))
        self.unit.set("hold_fire_coil", held)

    def _train(self, now_ns: int, bearing_cdeg: int) -> str:
        drive = self._logic.drive
        if drive is None:
            return "not_fitted"
        reason = self._legal("bearing")
        if not reason:
            drive.command(now_ns, bearing_cdeg)
        return reason

    def _order(self, now_ns: int, order: str, values: Values) -> str:
        number = values.get(f"{order}_sequence")
        if number is None:
            return ""  # parameters alone wait for the sequence number
        code = self._parameter(values, f"{order}_code")
        self._codes_used = True
        return self._answer(now_ns, order, self._carry_out(now_ns, order, code, number, values))

    def _carry_out(self, now_ns: int, order: str, code: int, number: int, values: Values) -> str:
        if code != self._icd.constant(f"{order}_code"):
            return "wrong_code"
        if not self._freshness.use(number):
            return "stale_sequence"
        track = self._parameter(values, "arm_track")
        return self._logic.order(now_ns, order, self._parameter(values, f"{order}_cell"), track)

    def _parameter(self, values: Values, name: str) -> int:
        return int(values[name] if name in values else self.unit.get(name))

    def _answer(self, now_ns: int, command: str, reason: str) -> str:
        out: list[Output] = self._logic.out
        out.append((TRACE, Answer(now_ns, self._place, command, reason or "done")))
        return reason
