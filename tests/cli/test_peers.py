# SPDX-License-Identifier: Apache-2.0
"""`hil serve` and its peers, good and bad: whatever one does, another is answered, and memory stays flat."""

from __future__ import annotations

import contextlib
import os
import select
import socket
from pathlib import Path

from interfaces.framing.crc import modbus as crc
from tests.cli.masters import (
    ANSWER_LIMIT_S,
    ICD_ARGUMENTS,
    PDU,
    REPLY,
    ask_rtu,
    ask_tcp,
    connect,
    mbap,
    opened,
    read_until,
    records,
    rtu,
)
from tests.processes import Served, serve

GROWTH_MAX_BYTES = 30 * 2**20


def rss_bytes(served: Served) -> int:
    pages = int(Path(f"/proc/{served.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


class TestPeers:
    """Peers that misbehave: the bench goes on answering a good one."""

    def test_two_benches(self) -> None:
        """Two at once on free ports don't get in each other's way."""
        with serve(ICD_ARGUMENTS) as one, serve(ICD_ARGUMENTS) as other:
            assert one.ports["tcp"] != other.ports["tcp"]
            assert one.ports["rtu"] != other.ports["rtu"]
            for served in (one, other):
                ask_tcp(served)
                with opened(served.ports["rtu"]) as fd:
                    ask_rtu(fd)

    def test_unit_in_place_of_the_icds(self) -> None:
        """`--unit` is what the device answers to; another one's frame stays unanswered until its own comes."""
        with serve([*ICD_ARGUMENTS, "--unit", "9"]) as served, opened(served.ports["rtu"]) as fd:
            frame = bytes([9]) + PDU
            reply = bytes([9]) + REPLY
            os.write(fd, frame + crc(frame).to_bytes(2, "little"))
            read_until(fd, reply + crc(reply).to_bytes(2, "little"))

    def test_one_that_leaves(self, tmp_path: Path) -> None:
        """Ends in the middle of a request, by close and by reset, and what was cut off is in the trace."""
        with serve([*ICD_ARGUMENTS, "--out", tmp_path]) as served:
            with connect(served) as peer:
                peer.sendall(mbap(PDU)[:9])
            with connect(served) as peer:
                peer.sendall(mbap(PDU)[:5])
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            ask_tcp(served)
            ask_tcp(served)  # the first answer may come in the round of the loop before the one that sees them leave
            served.stop()
        rejected = [record["data"] for record in records(tmp_path) if record["kind"] == "reject"]
        assert mbap(PDU)[:9].hex() in rejected

    def test_one_that_floods_tcp(self, tmp_path: Path) -> None:
        """2 MB of garbage: the memory stays flat, rejects are in the trace, others are answered meanwhile."""
        garbage = bytes(range(256)) * 4096
        with serve([*ICD_ARGUMENTS, "--out", tmp_path]) as served:
            ask_tcp(served)
            before = rss_bytes(served)
            for _ in range(2):
                with connect(served) as peer, contextlib.suppress(ConnectionError):  # it may hang up on us
                    peer.sendall(garbage)
            ask_tcp(served)
            assert rss_bytes(served) - before < GROWTH_MAX_BYTES
            served.stop()
        assert "reject" in {record["kind"] for record in records(tmp_path)}

    def test_one_that_never_reads(self, tmp_path: Path) -> None:
        """Requests without end whose answers nobody takes: bounded, and a good master is answered."""
        requests = mbap(PDU) * 10_000
        with serve([*ICD_ARGUMENTS, "--out", tmp_path]) as served:
            ask_tcp(served)
            before = rss_bytes(served)
            with connect(served) as peer:
                peer.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    for _ in range(10):
                        peer.send(requests)
                ask_tcp(served)
                assert rss_bytes(served) - before < GROWTH_MAX_BYTES
            ask_tcp(served)

    def test_noise_on_the_pty(self, tmp_path: Path) -> None:
        """Noise, then silence, then a good request: it is answered, and the noise is in the trace as rejects."""
        with serve([*ICD_ARGUMENTS, "--out", tmp_path]) as served:
            with opened(served.ports["rtu"]) as fd:
                ask_rtu(fd)
                os.write(fd, bytes(range(7, 256)) * 8)
                _again(fd)
            served.stop()
        assert "reject" in {record["kind"] for record in records(tmp_path)}


def _again(fd: int) -> None:
    """Ask as a master does, with a time-out and retries: the first request may drown in the noise."""
    for _ in range(10):
        os.write(fd, rtu(PDU))
        readable, _, _ = select.select([fd], [], [], ANSWER_LIMIT_S / 10)
        if readable:
            read_until(fd, rtu(REPLY))
            return
    raise AssertionError("no answer after the noise")
