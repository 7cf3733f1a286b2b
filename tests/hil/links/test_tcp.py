# SPDX-License-Identifier: Apache-2.0
"""TCP and UDP: many clients, peers that vanish, reset or flood, descriptors that run out, addresses that don't fit."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import struct
from collections.abc import Iterator

import pytest

from hil.clocks.real import RealClock
from hil.links.bound import HIGH_BYTES
from hil.links.tcp import TcpClient, TcpListener
from hil.links.udp import UdpSocket
from hil.trace.events import Overflow
from interfaces.errors import PortError
from interfaces.wire import Burst, Down, Full, Ready, Transmit, Up
from tests.hil.links.rigs import RealRig, address, client_of, open_descriptors, udp


@pytest.fixture
def rig() -> Iterator[RealRig]:
    listening = RealRig(TcpListener("tcp"), "net#1")
    listening.open()
    yield listening
    listening.close()


class TestListener:
    def test_each_client_has_a_port_of_its_own(self, rig: RealRig) -> None:
        """What one writes comes from its port, what goes to a port reaches its client."""
        with client_of(rig) as one, client_of(rig) as other:
            other.send(b"other")
            one.send(b"one")
            rig.run(lambda: len(rig.near.data) == 8)
            bursts = {port: item.data for _, port, item in rig.near.got if type(item) is Burst}
            assert bursts == {"net#1": b"one", "net#2": b"other"}
            rig.entry.inject("net#2", Transmit(b"to other"))
            rig.run(lambda: bool(other.recv(100, socket.MSG_PEEK)) if rig.near.got[-1][1] == "net#2" else False)
            assert other.recv(100) == b"to other"
            with pytest.raises(BlockingIOError):
                one.recv(100)

    def test_a_peer_that_closes_is_down(self, rig: RealRig) -> None:
        """Its last bytes come first; what is sent to it afterwards goes nowhere."""
        with client_of(rig) as peer:
            peer.send(b"bye")
        rig.run(lambda: len(rig.near.of(Down)) == 1)
        assert [type(item) for _, _, item in rig.near.got] == [Up, Burst, Down]
        rig.send(Transmit(b"too late"))
        rig.clock.run(rig.kernel, rig.clock.clock_ns() + 1_000_000)

    def test_a_peer_that_resets_is_down(self, rig: RealRig) -> None:
        """A reset is a reason, not an exception."""
        with client_of(rig) as peer:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        rig.run(lambda: len(rig.near.of(Down)) == 1)
        assert rig.near.of(Down) == [Down("Connection reset by peer")]

    def test_sending_to_a_peer_that_reset_is_down(self, rig: RealRig) -> None:
        """The send finds out before the read does: `Down` once, no more."""
        with client_of(rig) as peer:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        rig.kernel.run_to(rig.kernel.now_ns)
        for _ in range(3):
            rig.send(Transmit(b"hello?"))
        rig.kernel.run_to(rig.kernel.now_ns)
        rig.clock.run(rig.kernel, rig.clock.clock_ns() + 1_000_000)
        assert len(rig.near.of(Down)) == 1

    def test_the_bench_may_close(self, rig: RealRig) -> None:
        """`Down` from the device ends the connection, and its peer sees it."""
        with client_of(rig) as peer:
            rig.send(Down("enough"))
            rig.clock.run(rig.kernel, rig.clock.clock_ns() + 1_000_000)
            assert peer.recv(1) == b""
        assert rig.near.of(Down) == []

    def test_a_peer_that_does_not_read_is_bounded(self, rig: RealRig) -> None:
        """`Full`, then nothing is kept and nothing more is read from it; `Ready` when it reads again."""
        with client_of(rig) as peer:
            chunk, count = bytes(HIGH_BYTES // 2), 0
            while not rig.near.of(Full):
                rig.send(Transmit(chunk))
                rig.clock.run(rig.kernel, rig.clock.clock_ns() + 100_000)
                count += 1
                assert count < 1000
            rig.send(Transmit(b"lost"))
            peer.send(b"never mind me")
            rig.clock.run(rig.kernel, rig.clock.clock_ns() + 5_000_000)
            assert not rig.near.data
            received = 0

            def read() -> bool:
                nonlocal received
                with contextlib.suppress(BlockingIOError):
                    received += len(peer.recv(1 << 20))
                return received == count * len(chunk)

            rig.run(read)
            rig.run(lambda: rig.near.data == b"never mind me")
        assert len(rig.near.of(Ready)) == 1
        assert [event.count for event in rig.trace if isinstance(event, Overflow)] == [4]

    def test_a_flood_is_read_bit_by_bit(self, rig: RealRig) -> None:
        """No burst is larger than one read, and none of it is lost."""
        with client_of(rig) as peer:
            sent = 0
            while sent < 1 << 20:
                try:
                    sent += peer.send(bytes(65536))
                except BlockingIOError:
                    rig.clock.run(rig.kernel, rig.clock.clock_ns() + 1_000_000)
            rig.run(lambda: sum(len(burst.data) for burst in rig.near.of(Burst)) == sent)
        assert max(len(burst.data) for burst in rig.near.of(Burst)) <= 8192

    def test_without_descriptors_clients_are_turned_away(self, rig: RealRig) -> None:
        """The loop does not spin on a client that it cannot take; the next one, with descriptors, is served."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        with socket.socket() as refused, socket.socket() as later:
            refused.setblocking(False)
            refused.connect_ex(address(rig))
            spare = [os.open(os.devnull, os.O_RDONLY)]
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(spare) + 1, hard))
            with contextlib.suppress(OSError):
                while True:
                    spare.append(os.open(os.devnull, os.O_RDONLY))
            try:
                rig.run(lambda: any(isinstance(event, Overflow) for event in rig.trace))
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
                for fd in spare:
                    os.close(fd)
            assert refused.recv(1) == b""
            later.connect(address(rig))
            rig.run(lambda: len(rig.near.of(Up)) == 1)

    def test_closing_leaves_nothing(self) -> None:
        """With clients still there."""
        before = open_descriptors()
        rig = RealRig(TcpListener("tcp"), "net#1")
        rig.open()
        with client_of(rig):
            rig.close()
            rig.gateway.close()
        assert open_descriptors() == before

    def test_a_port_in_use_is_told(self, rig: RealRig) -> None:
        """One line with the mend."""
        host, port = address(rig)
        with RealClock() as clock, pytest.raises(PortError, match="address already in use; stop what uses it"):
            TcpListener("again", host, port).open(clock, rig.node.emit)

    @pytest.mark.parametrize(("host", "mend"), [("192.0.2.1", "an address of this machine"), ("no.invalid", "name")])
    def test_an_address_that_is_not_ours_is_told(self, host: str, mend: str) -> None:
        """Neither one of this machine nor one at all."""
        with RealClock() as clock, pytest.raises(PortError, match=mend):
            TcpListener("tcp", host).open(clock, print)


class TestClient:
    def rig(self, port: int) -> RealRig:
        rig = RealRig(TcpClient("tcp", "127.0.0.1", port), "net")
        rig.open()
        return rig

    def test_a_refused_connection_is_down_and_may_be_tried_again(self) -> None:
        """The caller decides when; the second attempt succeeds once somebody listens."""
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            rig = self.rig(server.getsockname()[1])
            rig.send(Up("bench"))
            rig.run(lambda: rig.near.of(Down) == [Down("Connection refused")])
            server.listen()
            rig.send(Up("bench"))
            rig.run(lambda: len(rig.near.of(Up)) == 1)
            rig.send(Down("done"))
            rig.send(Transmit(b"nobody there"))
            rig.clock.run(rig.kernel, rig.clock.clock_ns() + 1_000_000)
            rig.close()

    def test_closing_while_connecting_leaves_nothing(self) -> None:
        """No descriptor, no watch."""
        before = open_descriptors()
        with socket.create_server(("127.0.0.1", 0)) as server:
            rig = self.rig(server.getsockname()[1])
            rig.send(Up("bench"))
            rig.kernel.run_to(0)
            rig.close()
        assert open_descriptors() == before


class TestUdp:
    def test_without_a_peer_the_last_speaker_is_answered(self) -> None:
        """Before anybody spoke a datagram has nowhere to go, and is recorded."""
        rig = RealRig(UdpSocket("udp"), "net")
        rig.open()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.setblocking(False)
            rig.send(Transmit(b"to whom?"))
            rig.run(lambda: any(isinstance(event, Overflow) for event in rig.trace))
            peer.sendto(b"to me", address(rig))
            rig.run(lambda: rig.near.data == b"to me")
            rig.send(Transmit(b"there you are"))
            rig.kernel.run_to(rig.kernel.now_ns)
            assert peer.recv(100) == b"there you are"
        rig.close()

    def test_datagrams_keep_their_bounds(self) -> None:
        """Two datagrams are two bursts; one too long for UDP is recorded, never raised."""
        with udp() as rig:
            rig.send_far(b"one")
            rig.send_far(b"two")
            rig.run(lambda: len(rig.near.of(Burst)) == 2)
            assert [burst.data for burst in rig.near.of(Burst)] == [b"one", b"two"]
            rig.send(Transmit(bytes(70_000)))
            rig.run(lambda: any(isinstance(event, Overflow) for event in rig.trace))
