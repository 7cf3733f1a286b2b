# SPDX-License-Identifier: Apache-2.0
"""Published vectors of CRC, COBS and MBAP, and each reject of the stream framers."""

from __future__ import annotations

import pytest
from cobs import cobs

from interfaces.framing import crc
from interfaces.framing.cobs import CobsFramer
from interfaces.framing.mbap import MbapFramer
from interfaces.framing.rtu import RtuFramer
from interfaces.wire import Burst, Flaw, Frame, Mark, Reject, RejectReason

# "check" values of the catalogue of parametrised CRC algorithms, for "123456789"
CHECK_VALUES = {
    "crc16_modbus": 0x4B37,
    "crc16_xmodem": 0x31C3,
    "crc16_ibm_3740": 0x29B1,
    "crc16_kermit": 0x2189,
    "crc16_genibus": 0xD64E,
}
# Table II and the figures of Cheshire and Baker, "Consistent Overhead Byte Stuffing", 1999, delimiter 0
COBS_VECTORS = {
    "00": "0101",
    "0000": "010101",
    "11223300 44": "0411223302 44",
    "11223344": "0511223344",
    "4500002c4c79000040064f37": "024501042c4c79010540064f37",
}


@pytest.mark.parametrize(("name", "value"), CHECK_VALUES.items())
def test_crc_check_values(name: str, value: int) -> None:
    assert crc.crc16_named(name)(b"123456789") == value


@pytest.mark.parametrize("name", ["crc16_none", "modbus", "crc16_", "crc16___class__"])
def test_unknown_crc_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no CRC-16"):
        crc.crc16_named(name)


def test_rtu_frame_of_the_serial_line_specification() -> None:
    """MODBUS-SL V1.02 6.2.2: the CRC of 02 07 is 1241 hex, low byte first on the wire."""
    assert RtuFramer(9600).encode(b"\x07", 2) == bytes.fromhex("02074112")


@pytest.mark.parametrize(("plain", "encoded"), COBS_VECTORS.items())
def test_cobs_vectors(plain: str, encoded: str) -> None:
    assert cobs.encode(bytes.fromhex(plain)) == bytes.fromhex(encoded)


def cobs_reasons(*bursts: Burst) -> list[RejectReason | None]:
    framer = CobsFramer("crc16_xmodem", 20)
    cuts = [cut for burst in bursts for cut in framer.receive(0, burst)]
    return [cut.reason if isinstance(cut, Reject) else None for cut in cuts]


def test_cobs_rejects() -> None:
    """Each reason, and the good frame that follows right after comes out every time."""
    framer = CobsFramer("crc16_xmodem", 20)
    good = framer.encode(b"payload")
    wrong_crc = b"\0" + cobs.encode(b"payload\0\0") + b"\0"
    assert cobs_reasons(Burst(0, wrong_crc + good)) == [RejectReason.CRC, None]
    assert cobs_reasons(Burst(0, good[:5] + good)) == [RejectReason.TRUNCATED, None]
    assert cobs_reasons(Burst(0, b"\x02\x55\0" + good)) == [RejectReason.SHORT, None]
    assert cobs_reasons(Burst(0, b"\x55" * 30 + good)) == [RejectReason.LONG, None]
    assert cobs_reasons(*[Burst(0, b"\x55")] * 40, Burst(0, good)) == [RejectReason.LONG, RejectReason.LONG, None]
    assert cobs_reasons(Burst(0, good + good, marks=(Mark(3, Flaw.PARITY),))) == [RejectReason.PARITY, None]
    assert cobs_reasons(Burst(0, b"\0" + good, marks=(Mark(0, Flaw.BREAK),))) == [RejectReason.BREAK, None]


@pytest.mark.parametrize(("size", "good"), [(19, True), (20, True), (21, False)])
def test_cobs_longest_payload(size: int, good: bool) -> None:
    wire = CobsFramer("crc16_xmodem", 1024).encode(b"\x55" * size)
    assert cobs_reasons(Burst(0, wire)) == [None if good else RejectReason.LONG]


def test_cobs_blocks_of_254_bytes() -> None:
    """Payloads around COBS's block size survive the way there and back."""
    framer = CobsFramer("crc16_xmodem", 600)
    for size in (250, 251, 252, 253, 254, 255, 507, 508, 600):
        (frame,) = framer.receive(0, Burst(0, framer.encode(b"\x55" * size)))
        assert isinstance(frame, Frame)
        assert len(frame.payload) == size


def test_mbap_header_on_the_wire() -> None:
    """Transaction 1, protocol 0, length 6, unit 0xFF, then the PDU (MODBUS Messaging on TCP/IP 3.1.3)."""
    assert MbapFramer().encode(bytes.fromhex("0300040001"), 0xFF, 0x1501) == bytes.fromhex("150100000006ff0300040001")


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("000100010006", RejectReason.PROTOCOL),
        ("000100000001", RejectReason.LENGTH),
        ("0001000000ff", RejectReason.LENGTH),
        ("000100000100", RejectReason.LENGTH),
    ],
)
def test_mbap_rejects_and_finds_the_next_header(header: str, reason: RejectReason) -> None:
    framer = MbapFramer()
    good = framer.encode(b"\x03\x00\x01\x00\x02", 1, 0x0707)
    cuts = framer.receive(0, Burst(0, bytes.fromhex(header) + b"\x55\x55" + good))
    assert isinstance(cuts[0], Reject)
    assert cuts[0].reason is reason
    assert isinstance(cuts[-1], Frame)
    assert cuts[-1].transaction == 0x0707


@pytest.mark.parametrize(("pdu_bytes", "good"), [(1, True), (253, True), (254, False)])
def test_mbap_length_limits(pdu_bytes: int, good: bool) -> None:
    framer = MbapFramer()
    cuts = framer.receive(0, Burst(0, framer.encode(b"\x03" * pdu_bytes, 1, 1)))
    assert [isinstance(cut, Frame) for cut in cuts[:1]] == [good]


def test_mbap_frame_cut_off_by_the_connection_is_truncated() -> None:
    framer = MbapFramer()
    framer.receive(0, Burst(5, framer.encode(b"\x03\x00\x01\x00\x02", 1, 1)[:9]))
    (cut,) = framer.finish()
    assert isinstance(cut, Reject)
    assert cut.reason is RejectReason.TRUNCATED
