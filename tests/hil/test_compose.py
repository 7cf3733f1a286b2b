# SPDX-License-Identifier: Apache-2.0
"""A bench from a plan: every part on the kernel, every end connected, real ports only where asked for."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from hil.bench import Bench
from hil.clocks.real import RealClock
from hil.clocks.virtual import VirtualClock
from hil.compose import Nobody, compose
from hil.links.pty import PtyGateway
from hil.links.tcp import TcpListener
from hil.plan import Plan, read_bench, read_scenario
from hil.plugins import PluginError
from hil.run import body, head
from hil.trace.events import Disturbed
from hil.trace.recorder import Recorder
from interfaces.errors import PortError
from interfaces.wire import NS_PER_S

FIXTURES = Path(__file__).parents[2] / "fixtures"
PAIR = FIXTURES / "benches" / "pair.yaml"
FIRST = FIXTURES / "scenarios" / "first.yaml"


def recorder(plan: Plan) -> Recorder:
    taken = Recorder(None, keep=True)
    taken.add(head(plan, "virtual"))
    return taken


def inside() -> Bench:
    plan = read_scenario(FIRST)
    return compose(plan, recorder(plan))


def bench_file(tmp_path: Path, old: str, new: str) -> Path:
    text = PAIR.read_text()
    assert old in text
    path = tmp_path / "bench.yaml"
    path.write_text(text.replace(old, new))
    return path


def test_controller_inside() -> None:
    """The controller is a part, lines are pure, no port is taken; each cell has a body and an umbilical."""
    bench = inside()
    assert bench.gateways == {}
    assert {"radar1", "land1", "sea1", "controller", "world", "radar", "bus", "sea"} <= set(bench.nodes)
    cells = {f"{name}.{part}{n}" for name in ("land1", "sea1") for part in ("cell", "umbilical") for n in (1, 2)}
    assert cells <= set(bench.nodes)
    assert "land1.cell3" not in bench.nodes


def test_controller_outside() -> None:
    """Each of its ends is a gateway: a pty for a serial line, a listener for TCP."""
    plan = read_bench(PAIR)
    bench = compose(plan, recorder(plan), outside=True)
    kinds = {name: type(gateway) for name, gateway in bench.gateways.items()}
    assert kinds == {"radar.controller": PtyGateway, "bus.controller": PtyGateway, "sea": TcpListener}


def test_nobody_at_the_controllers_end() -> None:
    """A bench without a controller runs all the same: its ends hear, and say nothing."""
    plan = read_bench(PAIR)
    bench = compose(plan, recorder(plan))
    assert isinstance(bench.nodes["controller.radar"].part, Nobody)
    assert VirtualClock().run(bench.kernel, 2 * NS_PER_S)


def test_device_between_devices(tmp_path: Path) -> None:
    """A TCP line's client may be a device as well as the controller; here nobody's, which stays silent."""
    path = bench_file(tmp_path, "client: controller.sea", "client: controller.other")
    plan = read_bench(path)
    bench = compose(plan, recorder(plan))
    assert "controller.other" in bench.nodes


def test_copy_in_mid_run() -> None:
    """A copy goes on as the original does, record by record."""
    bench = inside()
    clock = VirtualClock()
    clock.run(bench.kernel, 3 * NS_PER_S)
    other = copy.deepcopy(bench)
    for one in (bench, other):
        clock.run(one.kernel, 8 * NS_PER_S)
    assert bench.recorder.data() == other.recorder.data()
    assert bench.kernel is not other.kernel


def test_events_reach_their_places(tmp_path: Path) -> None:
    """A scenario's event is recorded at its instant, at its place."""
    for folder in ("benches", "scenarios", "controllers"):
        (tmp_path / folder).mkdir()
    (tmp_path / "benches" / "pair.yaml").write_text(PAIR.read_text())
    (tmp_path / "controllers" / "first.py").write_text((FIXTURES / "controllers" / "first.py").read_text())
    event = "events: [{at_s: 1.5, place: radar1, disturb: blind, value: true}]\n"
    path = tmp_path / "scenarios" / "first.yaml"
    path.write_text(FIRST.read_text().replace("requirements:", f"{event}requirements:"))
    plan = read_scenario(path)
    bench = compose(plan, recorder(plan))
    VirtualClock().run(bench.kernel, 2 * NS_PER_S)
    (seen,) = [one for one in bench.recorder.events if isinstance(one, Disturbed)]
    assert (seen.time_ns, seen.place, seen.what, seen.value) == (1_500_000_000, "radar1", "blind", True)


def test_unknown_body() -> None:
    """An interceptor body that is not installed is told with those that are."""
    plan = read_bench(PAIR)
    with pytest.raises(PluginError, match="there is no 'sand'; known: rtl, twin"):
        compose(plan, recorder(plan), interceptor=body("sand"))


@pytest.mark.parametrize("port", ["localhost", "127.0.0.1:65536", '""'])
def test_no_address(tmp_path: Path, port: str) -> None:
    """A line's TCP port that is none is refused before anything is opened."""
    path = bench_file(tmp_path, "client: controller.sea}", f"client: controller.sea, port: {port}}}")
    plan = read_bench(path)
    with pytest.raises(PortError, match="is no host:port"):
        compose(plan, recorder(plan), outside=True)


def test_open_gives_back_what_it_took(tmp_path: Path) -> None:
    """A port that can't be had: those opened before it are closed, their symlinks gone."""
    path = bench_file(tmp_path, "client: controller.sea}", "client: controller.sea, port: '192.0.2.1:0'}")
    links = tmp_path / "links"
    links.mkdir()
    plan = read_bench(path)
    bench = compose(plan, recorder(plan), outside=True, links=links)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with RealClock() as clock:
        with pytest.raises(PortError, match=r"192\.0\.2\.1:0: .*; take an address of this machine"):
            bench.open(clock)
        bench.close()
    assert list(links.iterdir()) == []
    assert len(list(Path("/proc/self/fd").iterdir())) == before
