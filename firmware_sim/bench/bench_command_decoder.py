# SPDX-License-Identifier: Apache-2.0
"""`command_decoder` against the twin's decoder and the ICD's messages; run from pytest."""

from __future__ import annotations

import random
from typing import Any

import cocotb

from firmware_sim.bench.modules import Bench, draws, icd, started
from firmware_sim.bench.reached import reached
from hil.interceptor.decoder import Decoder
from interfaces.codec.message import MessageCodec
from interfaces.errors import CodecError
from interfaces.spec.model import Icd

KEEP = 7
PIPE = 2  # clocks from a good frame to the command's own
_IDLE = {"good_i": 0, "payload_i": 0, "length_i": 0, "legal_i": 1, "permitted_i": 1, "late_i": 0}
NAMES = ("arm", "fire", "abort", "heartbeat", "status_request", "time")


class Pair:
    """The RTL and what the ICD says of the same payloads."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.icd = bench, icd()
        messages = self.icd.messages
        assert messages is not None
        self._codec, self._ids = (
            MessageCodec(messages, self.icd.enums),
            {one.id: one for one in messages.messages.values()},
        )
        self.codes = {message: name for name, message in self.icd.enums["command"].items()}
        self.reasons = {code: name for name, code in self.icd.enums["reason"].items()}
        self.decoder = Decoder(self.icd)

    async def hear(self, payload: bytes, legal: bool = True, permitted: bool = True, late: bool = False) -> str | None:
        """The verdict: `done`, a reason, or None when it is no command; judged, with its clock."""
        expected = self._expected(payload, legal, permitted, late)
        bench = self.bench
        kept = int.from_bytes(payload[:KEEP].ljust(KEEP, b"\x5c"), "big")
        bench.drive(good_i=1, payload_i=kept, length_i=len(payload))
        bench.drive(legal_i=int(legal), permitted_i=int(permitted), late_i=int(late))
        seen = []
        for clock in range(1, PIPE + 3):
            await bench.step()
            bench.drive(good_i=0)
            if bench.read("answer_o"):
                seen.append((clock, self._verdict(payload)))
        found = seen[0][1] if seen else None
        assert [clock for clock, _ in seen] == ([] if expected is None else [PIPE]), payload.hex()
        assert found == expected, payload.hex()
        assert bench.read("last_sequence_o") == (self.decoder.last_sequence or 0)
        assert bench.read("quiet_o")
        if found is not None:
            reached("command", self.codes[payload[0]])
            reached("reason", found)
        return found

    def _expected(self, payload: bytes, legal: bool, permitted: bool, late: bool) -> str | None:
        try:
            decoded = self._codec.decode(payload)
        except CodecError:
            return None
        if decoded.message not in NAMES:
            return None
        if not self.decoder.accept_sequence(decoded.fields["sequence"]):
            return "stale_sequence"
        if not self.decoder.code_is_right(decoded.message, decoded.fields):
            return "wrong_code"
        if not legal:
            return "late" if late else "wrong_state"
        return "done" if permitted else "interlock"

    def _verdict(self, payload: bytes) -> str:
        bench = self.bench
        assert bench.read("command_o") == payload[0]
        assert bench.read("sequence_o") == payload[1]
        if payload[0] == self.icd.enums["command"]["time"]:
            assert bench.read("at_pps_us_o") == int.from_bytes(payload[2:6], "big")
            assert bench.read("slot_o") == payload[6] & 7
        refused = bench.read("refused_o")
        assert bench.read("act_o") == 1 - refused
        reason = self.reasons[bench.read("reason_o")] if refused else "done"
        assert bench.read("fresh_o") == (reason != "stale_sequence")
        return reason


async def pair(dut: Any) -> Pair:
    return Pair(await started(dut, **_IDLE))


def content(found: Icd, name: str, drawn: random.Random) -> bytes:
    if name in ("arm", "fire"):
        return found.constant(f"{name}_code").to_bytes(2, "big")
    return drawn.randrange(4 * 10**9).to_bytes(4, "big") + bytes([drawn.randrange(8)]) if name == "time" else b""


@cocotb.test()
async def window_of_sequence_numbers(dut: Any) -> None:
    """INT-010: 0 ahead is stale, 1 and 126, 127 are fresh, 128 and 255 are stale; the first is fresh whatever it is."""
    for first in (0, 1, 200, 255):
        both = await pair(dut)
        assert await both.hear(bytes([4, first])) == "done"
        last = first
        for ahead, verdict in (
            (0, "stale_sequence"),
            (1, "done"),
            (126, "done"),
            (127, "done"),
            (128, "stale_sequence"),
            (129, "stale_sequence"),
            (255, "stale_sequence"),
            (1, "done"),
        ):
            assert await both.hear(bytes([4, (last + ahead) % 256])) == verdict
            last = (last + ahead) % 256 if verdict == "done" else last


@cocotb.test()
async def every_id_and_length(dut: Any) -> None:
    """Whatever is no command of the launcher's, or not of its length, is nothing."""
    both = await pair(dut)
    for message in (*range(10), 0x81, 0x82, 0x83, 0xFF):
        for length in range(2, 10):
            await both.hear(bytes([message, 1, *bytes(length - 2)]))


@cocotb.test()
async def order_of_reasons(dut: Any) -> None:
    """Stale before code before state before interlock; a refused one with a fresh number uses it up."""
    both = await pair(dut)
    right = both.icd.constant("fire_code").to_bytes(2, "big")
    assert await both.hear(b"\x02\x01" + right, legal=False, permitted=False, late=True) == "late"
    assert await both.hear(b"\x02\x02" + right, legal=False, permitted=False) == "wrong_state"
    assert await both.hear(b"\x02\x03" + right, permitted=False) == "interlock"
    assert await both.hear(b"\x02\x04\x00\x00", legal=False) == "wrong_code"
    assert await both.hear(b"\x02\x04" + right) == "stale_sequence"
    assert await both.hear(b"\x02\x05" + right) == "done"


@cocotb.test()
async def ranges_of_time(dut: Any) -> None:
    """The largest instant and the last slot are read, one more is nothing."""
    both = await pair(dut)
    for number, (at_us, slot) in enumerate(((0, 0), (3_999_999_998, 7), (3_999_999_999, 7), (4 * 10**9, 7), (0, 8))):
        verdict = await both.hear(bytes([6, number + 1]) + at_us.to_bytes(4, "big") + bytes([slot]))
        assert verdict == ("done" if number < 3 else None)


@cocotb.test()
async def every_code_but_one(dut: Any) -> None:
    """Each bit of each code flipped."""
    both, number = await pair(dut), 0
    for message, name in ((1, "arm"), (2, "fire")):
        for bit in range(17):
            number += 1
            code = both.icd.constant(f"{name}_code") ^ (1 << bit & 0xFFFF)
            verdict = await both.hear(bytes([message, number % 256]) + code.to_bytes(2, "big"))
            assert verdict == ("done" if bit == 16 else "wrong_code")


@cocotb.test()
async def random_commands(dut: Any) -> None:
    both, drawn = await pair(dut), draws(dut)
    for _ in range(600):
        name = drawn.choice(NAMES)
        sequence = (
            (both.decoder.last_sequence or 0) + drawn.choice((1, 1, 2, 127, 128, 0, drawn.randrange(256)))
        ) % 256
        payload = bytes([both.icd.enums["command"][name], sequence]) + content(both.icd, name, drawn)
        if drawn.random() < 0.2:
            disturbed = bytearray(payload)
            disturbed[drawn.randrange(len(disturbed))] ^= 1 << drawn.randrange(8)
            payload = bytes(disturbed)
        legal, permitted, late = (drawn.random() < chance for chance in (0.8, 0.8, 0.5))
        await both.hear(payload, legal, permitted, late)
