# SPDX-License-Identifier: Apache-2.0
"""Ptys and serial ports: peers of other makes, symlinks, backpressure, and what goes wrong when opening."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import serial

from hil.clocks.real import RealClock
from hil.links.line import Line
from hil.links.pty import PTY_LATE_NS, PtyGateway
from hil.links.serial import SerialGateway
from hil.trace.events import Note, Overflow
from interfaces.errors import PortError
from interfaces.spec.model import Serial
from interfaces.wire import NS_PER_S, Burst, Transmit
from tests.hil.links.rigs import BIT_RATE, FAR, NEAR, RealRig, open_descriptors, pty

SETTINGS = Serial(bit_rate_bps=BIT_RATE)


def nobody(outputs: list[tuple[str, object]]) -> None:
    raise AssertionError(f"nothing was to come out: {outputs}")


@pytest.fixture
def port(tmp_path: Path) -> Path:
    return tmp_path / "port"


class TestPeers:
    def test_pyserial_opens_it_by_its_symlink(self, port: Path) -> None:
        """A peer of another make, with its own settings, exchanges bytes; they are stamped as late."""
        rig = RealRig(PtyGateway("port", port), NEAR, Line("bus", [NEAR, FAR], BIT_RATE))
        rig.open()
        try:
            with serial.Serial(rig.gateway.where, 19200, stopbits=2, timeout=0) as peer:
                peer.write(b"\x00\x03\x11\x13\r\n\x7f\xff")
                rig.run(lambda: len(rig.near.data) == 8)
                rig.send(Transmit(b"\n\r\x04answer"))
                answer = bytearray()
                rig.run(lambda: len(answer.extend(peer.read(64)) or answer) == 9)
        finally:
            rig.close()
        assert rig.near.data == b"\x00\x03\x11\x13\r\n\x7f\xff"
        assert answer == b"\n\r\x04answer"
        assert {burst.late_ns for burst in rig.near.of(Burst)} == {PTY_LATE_NS}

    def test_a_peer_may_leave_and_come_back(self) -> None:
        """No hang-up reaches the bench; the next peer is served."""
        with pty() as rig:
            for word in (b"first", b"second"):
                before = rig.near.data
                fd = os.open(rig.gateway.where, os.O_RDWR | os.O_NOCTTY)
                os.write(fd, word)
                os.close(fd)
                rig.run(lambda wanted=before + word: rig.near.data == wanted)

    def test_the_line_paces_what_a_peer_wrote_at_once(self) -> None:
        """64 characters written in one go are over no sooner than 64 character times after the first began."""
        with pty() as rig:
            rig.send_far(bytes(64))
            rig.run(lambda: len(rig.near.data) == 64)
            last_ns, _, burst = rig.near.got[-1]
            assert last_ns - rig.near.of(Burst)[0].start_ns >= 64 * 10 * NS_PER_S // BIT_RATE
            assert burst.end_ns <= last_ns

    def test_a_flood_waits_in_the_pty(self) -> None:
        """A peer that writes faster than the line is held back by its own writes; no byte is lost."""
        with pty() as rig:
            chunk = bytes(range(250)) * 16
            sent = 0
            while sent < 120_000:
                try:
                    sent += os.write(rig.far_fd, chunk[sent % 250 :][:2000])
                except BlockingIOError:
                    rig.clock.run(rig.kernel, rig.clock.clock_ns() + 1_000_000)
                    if rig.clock.clock_ns() > 2 * NS_PER_S:
                        break
            rig.run(lambda: len(rig.near.data) == sent)
            assert rig.near.data == (bytes(range(250)) * (sent // 250 + 1))[:sent]

    def test_what_nobody_reads_is_bounded_and_recorded(self) -> None:
        """Without a reader the backlog fills; more is lost, and told when the reader comes."""
        rig = RealRig(PtyGateway("port"), NEAR, Line("bus", [NEAR, FAR], 0))
        rig.open()
        rig.far_fd = os.open(rig.gateway.where, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            for _ in range(200):
                rig.send(Transmit(bytes(1000)))
            rig.clock.run(rig.kernel, rig.clock.clock_ns() + 1_000_000)
            rig.run(lambda: bool(rig.far_data()) and any(isinstance(event, Overflow) for event in rig.trace))
            (lost,) = [event.count for event in rig.trace if isinstance(event, Overflow)]
            rig.run(lambda: len(rig.far_data()) == 200_000 - lost)
        finally:
            os.close(rig.far_fd)
            rig.close()


class TestSymlink:
    def open(self, port: Path) -> PtyGateway:
        gateway = PtyGateway("port", port)
        with RealClock() as clock:
            gateway.open(clock, nobody)
        return gateway

    def test_it_is_there_while_open_and_gone_after(self, port: Path) -> None:
        """Nothing is left: neither symlink nor descriptor."""
        before = open_descriptors()
        gateway = self.open(port)
        assert gateway.where == str(port)
        assert port.is_char_device()
        gateway.close()
        gateway.close()
        assert not port.is_symlink()
        assert open_descriptors() == before

    def test_a_dangling_one_is_replaced(self, port: Path) -> None:
        """A bench that was killed leaves its symlink; the next one takes it over."""
        port.symlink_to("/dev/pts/no-longer")
        self.open(port).close()
        assert not port.is_symlink()

    def test_somebody_elses_is_kept_when_it_took_our_place(self, port: Path) -> None:
        """Only a symlink to our own pty is removed."""
        gateway = self.open(port)
        port.unlink()
        port.symlink_to("/dev/null")
        gateway.close()
        assert port.is_symlink()

    @pytest.mark.parametrize("make", [Path.touch, Path.mkdir, lambda path: path.symlink_to("/dev/null")])
    def test_what_is_not_ours_is_refused(self, port: Path, make: Callable[[Path], None]) -> None:
        """A file, a folder, a live symlink: one line with the mend, nothing replaced, nothing left open."""
        make(port)
        before = open_descriptors()
        with pytest.raises(PortError, match="is there already; remove it if no bench uses it"):
            self.open(port)
        assert port.exists()
        assert open_descriptors() == before

    def test_a_missing_folder_is_told(self, tmp_path: Path) -> None:
        """The mend names the folder."""
        with pytest.raises(PortError, match="make the folder"):
            self.open(tmp_path / "absent" / "port")


class TestSerial:
    def rig(self, url: str) -> RealRig:
        line = Line("bus", [NEAR, FAR], BIT_RATE, real_taps=[FAR])
        return RealRig(SerialGateway("port", url, SETTINGS), NEAR, line)

    def test_it_carries_both_ways(self) -> None:
        """A pty stands for the port. What is sent leaves when it begins; what comes ended when it was read."""
        master, slave = os.openpty()
        os.set_blocking(master, False)
        rig = self.rig(os.ttyname(slave))
        rig.open()
        rig.far_fd = master
        try:
            rig.send(Transmit(b"\x00\nquestion"))
            rig.run(lambda: rig.far_data() == b"\x00\nquestion")
            rig.send_far(b"\x11\ranswer")
            rig.run(lambda: rig.near.data == b"\x11\ranswer")
        finally:
            rig.close()
            os.close(slave)
            os.close(master)
        bursts = rig.near.of(Burst)
        assert all(burst.bit_rate == BIT_RATE and burst.late_ns >= 1_000_000 for burst in bursts)
        assert all(burst.end_ns <= now_ns for now_ns, _, burst in rig.near.got if type(burst) is Burst)

    def test_a_port_that_is_pulled_out_is_noted(self) -> None:
        """The bench goes on; the trace tells; what is still sent to it goes nowhere."""
        master, slave = os.openpty()
        rig = self.rig(os.ttyname(slave))
        rig.open()
        os.close(slave)
        os.close(master)
        rig.run(lambda: any(isinstance(event, Note) for event in rig.trace))
        rig.send(Transmit(b"anybody?"))
        rig.clock.run(rig.kernel, rig.clock.clock_ns() + 1_000_000)
        rig.close()

    def test_a_busy_port_is_told(self) -> None:
        """Opened exclusively by another."""
        master, slave = os.openpty()
        name = os.ttyname(slave)
        try:
            with serial.Serial(name, exclusive=True), pytest.raises(PortError, match="is in use; stop the program"):
                self.rig(name).open()
        finally:
            os.close(slave)
            os.close(master)

    @pytest.mark.parametrize(
        ("url", "message"),
        [
            ("/dev/no-such-port", "is not there; plug it in"),
            ("/dev/null", "check the port and the line's settings"),
            ("loop://", "no file descriptor to wait on"),
            ("foo://bar", "protocol 'foo' not known"),
            ("socket://127.0.0.1:1", "refused"),
        ],
    )
    def test_what_cannot_be_opened_is_told(self, url: str, message: str) -> None:
        """One line with the mend."""
        rig = self.rig(url)
        with pytest.raises(PortError, match=message):
            rig.open()
        rig.close()

    def test_rs485_on_a_driver_without_it_is_told(self) -> None:
        """A pty's driver cannot switch direction, nor can many adapters'."""
        master, slave = os.openpty()
        try:
            gateway = SerialGateway("port", os.ttyname(slave), SETTINGS, rs485=True)
            with RealClock() as clock, pytest.raises(PortError, match="cannot switch RS-485 direction"):
                gateway.open(clock, nobody)
        finally:
            os.close(slave)
            os.close(master)
