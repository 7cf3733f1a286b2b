# SPDX-License-Identifier: Apache-2.0
"""Function 8, diagnostics (MODBUS Application Protocol V1.1b3, 6.8).

    08 | sub-function (2) | data (2; any number for the loopback)

The order of the checks: sub-function known (exception 1), then data (exception 3).
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter

from interfaces.modbus.bank import ExceptionCode, ModbusError
from interfaces.modbus.counters import Counters, word

LOOPBACK = 0x00
RESTART = 0x01
RETURN_REGISTER = 0x02
FORCE_LISTEN_ONLY = 0x04
CLEAR_COUNTERS = 0x0A
CLEAR_OVERRUN = 0x14

_DATA_NONE = b"\x00\x00"
_DATA_CLEAR_LOG = b"\xff\x00"
_HEAD_BYTES = 3

_COUNTER_OF: dict[int, Callable[[Counters], int]] = {
    0x0B: attrgetter("bus_messages"),
    0x0C: attrgetter("bus_errors"),
    0x0D: attrgetter("exceptions"),
    0x0E: attrgetter("server_messages"),
    0x0F: attrgetter("no_responses"),
    0x10: attrgetter("naks"),
    0x11: attrgetter("busy"),
    0x12: attrgetter("overruns"),
}


def diagnose(pdu: bytes, counters: Counters) -> bytes:
    """The response; b"" where the standard sends none."""
    if len(pdu) < _HEAD_BYTES:
        raise ModbusError(ExceptionCode.ILLEGAL_DATA_VALUE)
    sub, data = pdu[1] << 8 | pdu[2], pdu[_HEAD_BYTES:]
    if sub == LOOPBACK:
        return pdu
    counter_of = _COUNTER_OF.get(sub)
    if counter_of is None and sub not in _ACTIONS:
        raise ModbusError(ExceptionCode.ILLEGAL_FUNCTION)
    if data != _DATA_NONE and not (sub == RESTART and data == _DATA_CLEAR_LOG):
        raise ModbusError(ExceptionCode.ILLEGAL_DATA_VALUE)
    if counter_of is not None:
        return pdu[:_HEAD_BYTES] + word(counter_of(counters))
    return _ACTIONS[sub](pdu, counters)


def is_restart(pdu: bytes) -> bool:
    """Whether this is the one request that a unit in listen-only mode carries out."""
    return pdu[:_HEAD_BYTES] == bytes((8, 0, RESTART)) and pdu[_HEAD_BYTES:] in (_DATA_NONE, _DATA_CLEAR_LOG)


def _restart(pdu: bytes, counters: Counters) -> bytes:
    answered = not counters.listen_only
    counters.restart(pdu.endswith(_DATA_CLEAR_LOG))
    return pdu if answered else b""


def _return_register(pdu: bytes, counters: Counters) -> bytes:
    return pdu  # the diagnostic register's bits are a device's own; ours has none set


def _force_listen_only(pdu: bytes, counters: Counters) -> bytes:
    counters.enter_listen_only()
    counters.no_responses += 1
    return b""


def _clear_counters(pdu: bytes, counters: Counters) -> bytes:
    counters.clear()
    return pdu


def _clear_overrun(pdu: bytes, counters: Counters) -> bytes:
    counters.overruns = 0
    return pdu


_ACTIONS: dict[int, Callable[[bytes, Counters], bytes]] = {
    RESTART: _restart,
    RETURN_REGISTER: _return_register,
    FORCE_LISTEN_ONLY: _force_listen_only,
    CLEAR_COUNTERS: _clear_counters,
    CLEAR_OVERRUN: _clear_overrun,
}
