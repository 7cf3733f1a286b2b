# SPDX-License-Identifier: Apache-2.0
"""`hil serve` from its start to its end: what it refuses, what it survives, what it leaves behind."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import time
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hil.cli.main import main
from interfaces.framing.crc import modbus as crc
from tests.processes import END_LIMIT_S, Served, serve

FIXTURES = Path(__file__).parents[2] / "fixtures"
PAIR = FIXTURES / "benches" / "pair.yaml"
ICD = Path(__file__).parents[1] / "interop" / "tables.yaml"
ICD_ARGUMENTS = ["--icd", ICD, "--tcp", "127.0.0.1:0", "--rtu", "pty"]

UNIT, REGISTER = 7, 40
ANSWER_LIMIT_S = 5.0
PDU = bytes([4]) + REGISTER.to_bytes(2, "big") + (1).to_bytes(2, "big")  # read one input register
REPLY = bytes([4, 2]) + (4660).to_bytes(2, "big")  # its value in tables.yaml
GROWTH_MAX_BYTES = 30 * 2**20


def mbap(pdu: bytes, transaction: int = 1) -> bytes:
    return transaction.to_bytes(2, "big") + bytes(2) + (len(pdu) + 1).to_bytes(2, "big") + bytes([UNIT]) + pdu


def rtu(pdu: bytes) -> bytes:
    frame = bytes([UNIT]) + pdu
    return frame + crc(frame).to_bytes(2, "little")


def connect(served: Served, line: str = "tcp") -> socket.socket:
    return socket.create_connection(("127.0.0.1", served.tcp_port(line)), ANSWER_LIMIT_S)


def ask_tcp(served: Served) -> None:
    """A good master on a connection of its own gets its answer."""
    with connect(served) as master:
        master.sendall(mbap(PDU))
        expected = mbap(REPLY)
        data = b""
        while len(data) < len(expected):
            more = master.recv(100)
            assert more, "the bench closed the connection of a good master"
            data += more
        assert data == expected


@contextlib.contextmanager
def opened(path: str) -> Iterator[int]:
    """The peer's end of a pty, raw."""
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        tty.setraw(fd)
        yield fd
    finally:
        os.close(fd)


def read_until(fd: int, expected: bytes) -> None:
    data = b""
    while not data.endswith(expected):
        readable, _, _ = select.select([fd], [], [], ANSWER_LIMIT_S)
        assert readable, f"no answer, only {data!r}"
        data += os.read(fd, 100)


def ask_rtu(fd: int) -> None:
    """A good master on the pty gets its answer."""
    os.write(fd, rtu(PDU))
    read_until(fd, rtu(REPLY))


def rss_bytes(served: Served) -> int:
    pages = int(Path(f"/proc/{served.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def records(folder: Path) -> list[dict[str, Any]]:
    """The trace, every line of which is JSON."""
    return [json.loads(line) for line in (folder / "trace.jsonl").read_bytes().splitlines()]


class TestEnd:
    """How it ends."""

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_by_signal(self, tmp_path: Path, number: int) -> None:
        """Exit code 0; symlinks gone, port free, trace whole with its last record; nothing on standard error."""
        links, out = tmp_path / "links", tmp_path / "out"
        links.mkdir()
        with serve([PAIR, "--links", links, "--out", out]) as served:
            assert {path.name for path in links.iterdir()} == {"radar", "bus"}
            assert Path(served.ports["bus"]).resolve().is_char_device()
            port = served.tcp_port("sea")
            with connect(served, "sea") as peer:
                assert served.stop(number) == ("", "")
                assert peer.recv(1) == b""
            assert served.process.returncode == 0
        assert list(links.iterdir()) == []
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 1)
        trace = records(out)
        assert [trace[0]["kind"], trace[-1]["kind"]] == ["head", "end"]
        assert trace[-1]["reason"] == "stopped"

    def test_by_kill(self, tmp_path: Path) -> None:
        """What was flushed before SIGKILL is whole lines of JSON; the next start takes the dangling symlinks over."""
        links, out = tmp_path / "links", tmp_path / "out"
        links.mkdir()
        with serve([PAIR, "--links", links, "--out", out]) as served:
            with connect(served, "sea") as peer:
                peer.sendall(mbap(PDU))
                assert peer.recv(100)
            _flushed(out / "trace.jsonl", served)
            served.process.kill()
            served.process.wait(END_LIMIT_S)
        assert {"head", "wire", "frame"} <= {record["kind"] for record in records(out)}
        with serve([PAIR, "--links", links]) as again:
            assert Path(again.ports["bus"]).resolve().is_char_device()


def _flushed(trace: Path, served: Served) -> None:
    """Wait until the trace holds a frame: the bench flushes once a second at the latest."""
    deadline = time.monotonic() + ANSWER_LIMIT_S
    with connect(served, "sea") as peer:
        while b'"frame"' not in trace.read_bytes():
            assert time.monotonic() < deadline
            peer.sendall(mbap(PDU))  # an exchange takes the place of a pause
            peer.recv(100)


@pytest.mark.timeout(20)
class TestRefused:
    """Exit code 2 and one line on standard error with the mend; nothing is left open or changed."""

    def refused(self, arguments: list[str | Path], capsys: pytest.CaptureFixture[str]) -> str:
        assert main(["serve", *map(str, arguments)]) == 2
        output, errors = capsys.readouterr()
        assert output == ""
        assert len(errors.splitlines()) == 1, errors
        return errors

    def test_port_in_use(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The port, what is the matter and the mend; the pty opened before it leaves no symlink."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            arguments = ["--icd", ICD, "--rtu", "pty", "--tcp", f"127.0.0.1:{port}", "--links", tmp_path]
            errors = self.refused(arguments, capsys)
        assert f"127.0.0.1:{port}: address already in use; stop what uses it" in errors
        assert list(tmp_path.iterdir()) == []

    def test_no_such_serial_device(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A device that is not plugged in."""
        errors = self.refused(["--icd", ICD, "--rtu", "/dev/ttyNONE7"], capsys)
        assert "/dev/ttyNONE7: is not there; plug it in" in errors

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may open everything")
    def test_no_permission(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A device that this user may not open."""
        device = tmp_path / "tty"
        device.touch(mode=0o000)
        assert f"{device}: may not be opened; join its group" in self.refused(["--icd", ICD, "--rtu", device], capsys)

    @pytest.mark.parametrize("kind", ["file", "directory"])
    def test_not_a_serial_device(self, tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
        """A path that is something else."""
        path = tmp_path / "tty"
        if kind == "file":
            path.write_text("mine")
        else:
            path.mkdir()
        assert str(path) in self.refused(["--icd", ICD, "--rtu", path], capsys)

    def test_symlink_path_taken(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A regular file where a symlink is to be: refused, and the file is untouched."""
        (tmp_path / "bus").write_text("mine")
        errors = self.refused([PAIR, "--links", tmp_path], capsys)
        assert f"{tmp_path}/bus: is there already; remove it" in errors
        assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("bus", "mine")]

    @pytest.mark.parametrize("address", ["", "1502", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", ":1502"])
    def test_no_address(self, address: str, capsys: pytest.CaptureFixture[str]) -> None:
        """What is no host:port."""
        assert "is no host:port" in self.refused(["--icd", ICD, "--tcp", address], capsys)

    @pytest.mark.parametrize("unit", ["0", "248", "-1", "x", "1.5"])
    def test_unit_out_of_range(self, unit: str, capsys: pytest.CaptureFixture[str]) -> None:
        """A Modbus unit is 1 to 247 (MODBUS-SL V1.02 2.2)."""
        with pytest.raises(SystemExit) as caught:
            main(["serve", "--icd", str(ICD), f"--unit={unit}"])
        assert caught.value.code == 2
        assert "--unit" in capsys.readouterr().err

    def test_nothing_to_serve(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """An ICD with neither `modbus:` nor `messages:`."""
        icd = tmp_path / "dumb.yaml"
        icd.write_text("icd: 1\nname: dumb\ntitle: Dumb\nrevision: '1'\nnotice: Notional.\n")
        assert "nothing to serve" in self.refused(["--icd", icd], capsys)

    @pytest.mark.parametrize("extra", [[], [PAIR, "--icd", ICD]])
    def test_bench_or_icd(self, extra: list[str | Path], capsys: pytest.CaptureFixture[str]) -> None:
        """One of the two, not both, not none."""
        assert "--icd FILE" in self.refused(extra, capsys)

    @pytest.mark.parametrize("option", [["--tcp", "127.0.0.1:0"], ["--unit", "3"], ["--device", "x=a:B"]])
    def test_options_that_change_nothing(
        self, tmp_path: Path, option: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Of an ICD with messages alone neither TCP nor a unit can be served; a generic device has no class."""
        icd = tmp_path / "radar.yaml"
        icd.write_text((PAIR.parents[2] / "interfaces/icd/radar.yaml").read_text())
        assert option[0] in self.refused(["--icd", icd, *option], capsys)

    @pytest.mark.parametrize("option", [["--tcp", "127.0.0.1:0"], ["--rtu", "pty"], ["--unit", "3"]])
    def test_options_of_an_icd_for_a_bench(self, option: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        """A bench says itself where it is; an option that would change nothing is refused."""
        assert "--icd" in self.refused([PAIR, *option], capsys)

    @pytest.mark.parametrize("data", [None, b"\xff\xfe", b"a: 1\n"])
    def test_no_bench(self, tmp_path: Path, data: bytes | None, capsys: pytest.CaptureFixture[str]) -> None:
        """A file that is not there, is no text, or is none of ours."""
        path = tmp_path / "blob.yaml"
        if data is not None:
            path.write_bytes(data)
        assert main(["serve", str(path)]) == 2
        assert "blob.yaml" in capsys.readouterr().err

    def test_findings_before_opening(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A wrong bench takes no port and begins no trace."""
        (tmp_path / "in").mkdir()
        bench = tmp_path / "in" / "bench.yaml"
        bench.write_text(PAIR.read_text().replace("kind: radar", "kind: rader"))
        assert main(["serve", str(bench), "--out", str(tmp_path / "out"), "--links", str(tmp_path / "links")]) == 2
        assert f"{bench}:6: devices.radar1.kind" in capsys.readouterr().err
        assert [path.name for path in tmp_path.iterdir()] == ["in"]


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
