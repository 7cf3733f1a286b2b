# SPDX-License-Identifier: Apache-2.0
"""`hil serve` from its start to its end: what it refuses, how it ends, what it leaves behind."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path

import pytest

from hil.cli.main import main
from tests.cli.masters import ANSWER_LIMIT_S, ICD, PDU, connect, mbap, records
from tests.processes import END_LIMIT_S, Served, serve

FIXTURES = Path(__file__).parents[2] / "fixtures"
PAIR = FIXTURES / "benches" / "pair.yaml"


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
                peer.sendall(mbap(PDU))
                assert peer.recv(100), "it is connected once it is answered"
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
        """What was flushed before SIGKILL is whole lines of JSON, but for a last one that it may have torn.

        The next start takes the dangling symlinks over.
        """
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
