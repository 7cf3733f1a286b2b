# SPDX-License-Identifier: Apache-2.0
"""Functions 8, 11, 12, 17 and 43/14: counters, event log, listen-only mode, identification."""

from __future__ import annotations

import pytest

from interfaces.modbus.counters import Counters
from interfaces.modbus.pdu import answer
from tests.interfaces.modbus.flat_bank import FlatBank

COUNTERS = {11: "bus_messages", 12: "bus_errors", 13: "exceptions", 14: "server_messages"} | {
    15: "no_responses", 16: "naks", 17: "busy", 18: "overruns"
}  # fmt: skip


def ask(request: str, counters: Counters | None = None, bank: FlatBank | None = None) -> str:
    return answer(0, bytes.fromhex(request), bank or FlatBank(), counters or Counters()).hex()


@pytest.mark.parametrize(("sub", "name"), COUNTERS.items())
def test_each_counter_is_returned_and_cleared(sub: int, name: str) -> None:
    """Sub-functions 11 to 18 return their counter, in 16 bits; 10 clears all."""
    counters = Counters()
    setattr(counters, name, 0x1ABCD)
    expected = 0xABCE if name == "server_messages" else 0xABCD  # this very request is one, too
    assert ask(f"08{sub:04x}0000", counters) == f"08{sub:04x}{expected:04x}"
    assert ask("08000a0000", counters) == "08000a0000"
    assert getattr(counters, name) == 0


@pytest.mark.parametrize(
    ("request_hex", "response_hex"),
    [
        ("0800001234", "0800001234"),
        ("080000123456789a", "080000123456789a"),
        ("0800010000", "0800010000"),
        ("080001ff00", "080001ff00"),
        ("0800011234", "8803"),
        ("0800020000", "0800020000"),
        ("0800020001", "8803"),
        ("08000a0001", "8803"),
        ("08000b0001", "8803"),
        ("08000b", "8803"),
        ("0800", "8803"),
        ("0800030000", "8801"),
        ("0800150000", "8801"),
        ("08ffff0001", "8801"),
        ("0800140000", "0800140000"),
    ],
)
def test_sub_functions_and_the_order_of_their_checks(request_hex: str, response_hex: str) -> None:
    """Sub-function first (1), then data (3)."""
    assert ask(request_hex) == response_hex


def test_listen_only_until_a_restart() -> None:
    """Forced listen-only: no answer, nothing done, until restart, which is not answered either (6.8)."""
    counters, bank = Counters(), FlatBank()
    assert ask("0800040000", counters, bank) == ""
    assert ask("0600010003", counters, bank) == ""
    assert ask("0300010001", counters, bank) == ""
    assert ask("080000a537", counters, bank) == ""
    assert ask("0800010000", counters, bank) == ""
    assert ask("0300010001", counters, bank) == "03020000"


def test_clear_overrun_clears_it_alone() -> None:
    counters = Counters()
    counters.overruns = counters.naks = 5
    ask("0800140000", counters)
    assert (counters.overruns, counters.naks) == (0, 5)


def test_event_counter_counts_completions_only() -> None:
    """Not exceptions, and not the question itself (6.9)."""
    counters = Counters()
    for request in ("0300000001", "0600000001", "0300000000", "0b"):
        ask(request, counters)
    assert ask("0b", counters) == "0b00000002"


def test_event_log_is_newest_first() -> None:
    """Receive and send events, restart, listen-only and the communication error, as 6.10 codes them."""
    counters = Counters()
    ask("080001ff00", counters)
    ask("0300000000", counters)
    counters.heard_error()
    counters.took_broadcast()
    ask("0800040000", counters)
    ask("0300000001", counters)
    expected = "a0 04 80 c0 82 41 80 40 00"
    assert counters.event_log()[6:].hex(" ") == expected
    counters.restart(clear_log=False)
    assert ask("0c", counters)[:2] == "0c"
    assert counters.event_log()[6:].hex(" ") == "40 80 00 " + expected


def test_event_log_keeps_64() -> None:
    """Byte count 6 + 64, and the message count of sub-function 11."""
    counters = Counters()
    counters.bus_messages = 0x0121
    for _ in range(40):
        ask("0300000001", counters)
    response = bytes.fromhex(ask("0c", counters))
    assert response[:2] == bytes((12, 70))
    assert len(response) == 72
    assert response[4:8] == bytes.fromhex("00280121")


@pytest.mark.parametrize(("code", "bit"), [(4, 0x42), (5, 0x44), (6, 0x44), (7, 0x48)])
def test_exception_events_by_code(code: int, bit: int) -> None:
    counters = Counters()
    counters.refused(code)
    assert counters.log[-1] == bit
    assert (counters.busy, counters.naks) == (int(code == 6), int(code == 7))


def test_server_id() -> None:
    assert ask("11") == "11024cff"


def identify(request: str, objects: dict[int, bytes]) -> str:
    bank = FlatBank()
    bank.identification = objects
    return ask(request, bank=bank)


BASIC = {0: b"V", 1: b"P", 2: b"R"}
REGULAR = BASIC | {3: b"U", 6: b"A"}
EXTENDED = REGULAR | {0x80: b"X"}


@pytest.mark.parametrize(
    ("objects", "request_hex", "response_hex"),
    [
        (BASIC, "2b0e0100", "2b0e0181000003" + "000156" + "010150" + "020152"),
        (BASIC, "2b0e0101", "2b0e0181000002" + "010150" + "020152"),
        (BASIC, "2b0e0109", "2b0e0181000003" + "000156" + "010150" + "020152"),
        (BASIC, "2b0e0300", "2b0e0381000003" + "000156" + "010150" + "020152"),
        (REGULAR, "2b0e0100", "2b0e0182000003" + "000156" + "010150" + "020152"),
        (REGULAR, "2b0e0203", "2b0e0282000002" + "030155" + "060141"),
        (EXTENDED, "2b0e0380", "2b0e0383000001" + "800158"),
        (EXTENDED, "2b0e0206", "2b0e0283000001" + "060141"),
        (EXTENDED, "2b0e0480", "2b0e0483000001" + "800158"),
        (EXTENDED, "2b0e0405", "ab02"),
        (BASIC, "2b0e0500", "ab03"),
        (BASIC, "2b0e0000", "ab03"),
        (BASIC, "2b0e01", "ab03"),
        (BASIC, "2b0d0100", "ab01"),
        (BASIC, "2b", "ab03"),
    ],
)
def test_identification(objects: dict[int, bytes], request_hex: str, response_hex: str) -> None:
    """Stream and individual access, conformity, an unknown object to start from, and refusals (6.21)."""
    assert identify(request_hex, objects) == response_hex


def test_identification_in_several_responses() -> None:
    """What does not fit is read on from the object id that the response names; nothing is lost or doubled."""
    objects = {number: bytes((65 + number,)) * 100 for number in range(7)} | {0x80: b"z" * 300}
    seen: list[int] = []
    object_id = 0
    for _ in range(10):
        response = bytes.fromhex(identify(f"2b0e03{object_id:02x}", objects))
        assert len(response) <= 253
        at = 7
        for _ in range(response[6]):
            seen.append(response[at])
            at += 2 + response[at + 1]
        assert at == len(response)
        if response[4] == 0:
            break
        assert response[4] == 0xFF
        object_id = response[5]
    assert seen == sorted(objects)


@pytest.mark.parametrize(("size", "more"), [(121, "00"), (122, "ff")])
def test_identification_fills_a_response_to_its_last_byte(size: int, more: str) -> None:
    """Head 7, two objects of 2 + 121 bytes: 253. One byte more and the last one waits for the next response."""
    response = identify("2b0e0100", {0: b"a" * 121, 1: b"b" * size})
    assert response[8:10] == more
    assert len(response) // 2 == (253 if more == "00" else 130)
