# SPDX-License-Identifier: Apache-2.0
"""What `hil serve` plans for a single ICD, a bench or a scenario, and that an end by an error is whole."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from hil.serve import Single, plan_of, plan_of_single, serve
from interfaces.errors import BenchError, InputError, PortError
from interfaces.spec.load import FOLDER

FIXTURES = Path(__file__).parents[2] / "fixtures"
TABLES = Path(__file__).parents[1] / "interop" / "tables.yaml"


def lines(single: Single) -> dict[str, tuple[str, str | None]]:
    return {line.name: (line.model.medium, line.model.port) for line in plan_of_single(single).lines}


@pytest.mark.parametrize(
    ("tcp", "rtu", "served"),
    [
        (None, None, {"tcp": ("tcp", None)}),
        ("127.0.0.1:1502", None, {"tcp": ("tcp", "127.0.0.1:1502")}),
        (None, "pty", {"rtu": ("rs485", "pty")}),
        ("[::1]:0", "/dev/ttyUSB0", {"rtu": ("rs485", "/dev/ttyUSB0"), "tcp": ("tcp", "[::1]:0")}),
    ],
)
def test_modbus(tcp: str | None, rtu: str | None, served: dict[str, tuple[str, str | None]]) -> None:
    """What is asked for and nothing else; a free port on loopback where nothing is."""
    assert lines(Single(icd=TABLES, tcp=tcp, rtu=rtu)) == served


def test_messages() -> None:
    """An ICD of messages is served on its serial line."""
    assert lines(Single(icd=FOLDER / "radar.yaml")) == {"serial": ("serial", None)}
    assert lines(Single(icd=FOLDER / "radar.yaml", rtu="/dev/ttyS0")) == {"serial": ("serial", "/dev/ttyS0")}


@pytest.mark.parametrize("single", [{"tcp": "127.0.0.1:0"}, {"unit": 3}])
def test_messages_without_modbus(single: dict[str, str]) -> None:
    """Where there is no Modbus, its options are refused."""
    with pytest.raises(BenchError, match="has no `modbus:`"):
        plan_of_single(Single(icd=FOLDER / "radar.yaml", **single))


def test_no_serial_section(tmp_path: Path) -> None:
    """Without a bit rate nothing can be served on a serial line."""
    icd = tmp_path / "tables.yaml"
    text = TABLES.read_text()
    start, end = text.index("serial:\n"), text.index("modbus:\n")
    icd.write_text(text[:start] + text[end:])
    assert set(lines(Single(icd=icd))) == {"tcp"}
    with pytest.raises(BenchError, match="has no `serial:` section"):
        plan_of_single(Single(icd=icd, rtu="pty"))


def test_files() -> None:
    """A bench has neither world nor time; a scenario brings its own."""
    bench = plan_of(FIXTURES / "benches" / "pair.yaml", {})
    scenario = plan_of(FIXTURES / "scenarios" / "engagement_short.yaml", {})
    assert (bench.truth, bench.duration_ns, bench.scenario) == (None, 0, "")
    assert scenario.truth is not None
    assert [line.name for line in scenario.lines] == [line.name for line in bench.lines]
    with pytest.raises(InputError, match="cannot be read"):
        plan_of(FIXTURES / "absent.yaml", {})


def refuse(ports: dict[str, str]) -> None:
    raise AssertionError("it must not become ready")


def test_port_that_cannot_be_had(tmp_path: Path) -> None:
    """It does not become ready; the trace is whole and ends."""
    plan = plan_of_single(Single(icd=TABLES, rtu=str(tmp_path / "absent")))
    with pytest.raises(PortError, match="is not there"):
        serve(plan, tmp_path / "out", None, refuse)
    kinds = [json.loads(line)["kind"] for line in (tmp_path / "out" / "trace.jsonl").read_text().splitlines()]
    assert (kinds[0], kinds[-1]) == ("head", "end")


class ReaderGoneError(Exception):
    """Stands for a reader of the ready line that has gone."""


def test_error_when_ready(tmp_path: Path) -> None:
    """An error while it tells that it is ready gives every port and symlink back."""

    def gone(ports: dict[str, str]) -> None:
        assert (tmp_path / "links" / "rtu").is_symlink()
        raise ReaderGoneError

    (tmp_path / "links").mkdir()
    before = len(list(Path("/proc/self/fd").iterdir()))
    plan = plan_of_single(Single(icd=TABLES, rtu="pty", tcp="127.0.0.1:0"))
    with pytest.raises(ReaderGoneError):
        serve(plan, None, tmp_path / "links", gone)
    assert list((tmp_path / "links").iterdir()) == []
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_stop_before_the_first_round() -> None:
    """A signal in the instant it becomes ready is not lost."""

    def kill(ports: dict[str, str]) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    serve(plan_of_single(Single(icd=TABLES)), None, None, kill)
    assert signal.getsignal(signal.SIGTERM) is before
