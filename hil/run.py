# SPDX-License-Identifier: Apache-2.0
"""Plays a scenario: bench and clock in, trace and verdicts out.

The same bench runs under the virtual clock (as fast as it goes, the same bytes every time) and the
real one (real ports, a controller as a process). A signal ends a run early and whole: ports given
back, trace closed, and no verdict claimed.
"""

from __future__ import annotations

import contextlib
import platform
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Protocol

import msgspec

from hil import plugins
from hil.bench import Bench
from hil.clocks.real import RealClock
from hil.clocks.virtual import VirtualClock
from hil.compose import INTERCEPTOR, TWIN, compose
from hil.controller import ControllerProcess
from hil.interceptor.contract import BodyClass
from hil.plan import Plan, read_scenario
from hil.scenario.model import CONTROLLER
from hil.trace.events import Head, Note
from hil.trace.recorder import Recorder
from hil.verdicts.judge import judge, to_events
from hil.verdicts.model import Outcome, Verdict, worst
from interfaces.errors import BenchError, PortError
from interfaces.spec.load import FOLDER, icd_hash
from interfaces.wire import NS_PER_S

FORMAT = 1
TRACE_NAME = "trace.jsonl"
LOG_NAME = "controller.log"
ALIVE = "BENCH-1"
EXIT_CODES = {Outcome.PASS: 0, Outcome.FAIL: 1, Outcome.INCONCLUSIVE: 3}
PROGRESS_STEP_NS = 20 * NS_PER_S
REAL_STEP_NS = NS_PER_S
LIBRARIES = ("msgspec", "fastcrc", "cobs", "pyserial")

Progress = Callable[[int, int], None]
VIRTUAL, REAL = "virtual", "real"


class StoppedError(BenchError):
    """A signal ended the run before its time; the trace is whole up to there."""

    def __init__(self, name: str, now_ns: int) -> None:
        self.reason = f"stopped by {name}"
        super().__init__(f"{self.reason} at {now_ns / NS_PER_S:.3f} s; the trace is whole up to there")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How to play a scenario; None leaves what the scenario says."""

    clock: str = "virtual"
    seed: int | None = None
    out: Path | None = None
    controller: str | None = None
    devices: Mapping[str, str] = msgspec.field(default_factory=dict)
    links: Path | None = None
    interceptor: str = TWIN
    waves: Path | None = None


class Player(Protocol):
    """A clock that others bring (entry point group `hil.clocks`): it plays a scenario whole, elsewhere."""

    def __call__(self, path: Path, plan: Plan, settings: Settings, trace: Path | None) -> Result: ...


class Result(msgspec.Struct, frozen=True):
    """What a run gave. `lateness` is what the clock says of itself: how late it was, how much RTL it stepped."""

    verdicts: Sequence[Verdict]
    outcome: Outcome
    trace: Path | None
    end_ns: int
    lateness: str = ""

    @property
    def exit_code(self) -> int:
        return EXIT_CODES[self.outcome]


def run_scenario(path: Path, settings: Settings, progress: Progress | None = None) -> Result:
    """Play the scenario at `path`. Raises a `BenchError` when it cannot be played to its end."""
    plan = read_scenario(path, settings.seed, settings.controller, settings.devices)
    if plan.controller is None:
        raise BenchError(f"{path}: names no controller; add `controller:`, or give one with --controller")
    outside = plan.controller.kind is None
    if outside and settings.clock != REAL:
        raise BenchError(
            f"{path}: the controller is a command, which needs --clock real; "
            "for the other clocks give a Python class (docs/ci.md shows one in 20 lines)"
        )
    if outside and any(event.disturb.place == CONTROLLER for event in plan.events):
        raise BenchError(f"{path}: an event disturbs the controller, which a separate process can't carry")
    for folder in (settings.out, settings.links):
        make_folder(folder)
    trace = settings.out / TRACE_NAME if settings.out is not None else None
    if settings.clock not in (VIRTUAL, REAL):
        play_elsewhere: Player = plugins.find("hil.clocks", settings.clock)
        return play_elsewhere(path, plan, settings, trace)
    recorder = Recorder(trace, keep=True)
    recorder.add(head(plan, settings.clock, settings.interceptor))
    bench = compose(plan, recorder, interceptor=body(settings.interceptor), outside=outside, links=settings.links)
    play = _play_real if settings.clock == REAL else _play_virtual
    try:
        return play(bench, plan, settings, trace, progress)
    except BaseException as error:  # what led to it is in the trace: none of it may be lost
        reason = error.reason if isinstance(error, StoppedError) else f"ended by {type(error).__name__}"
        recorder.close(reason, bench.kernel.now_ns)
        raise


def body(interceptor: str) -> BodyClass:
    """The interceptor body of that name. Raises `PluginError`."""
    kind: BodyClass = plugins.find("hil.interceptors", interceptor)
    return kind


def make_folder(folder: Path | None) -> None:
    """Make a folder that the user named, if he named one. Raises `PortError` with the mend."""
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PortError(str(folder), f"cannot be a folder ({error.strerror})", "name another one") from error


def head(plan: Plan, clock: str, interceptor: str = TWIN) -> Head:
    """The trace's first record: what is needed to get the same bytes again."""
    versions = {name: version(name) for name in LIBRARIES}
    versions |= {"hil-bench": version("hil-bench"), "python": platform.python_version()}
    versions["libc"] = " ".join(platform.libc_ver())
    # The launcher's cells follow the interceptor's ICD, whatever the bench file names.
    icds = {**plan.icds, INTERCEPTOR: icd_hash(FOLDER / f"{INTERCEPTOR}.yaml")}
    return Head(0, "bench", FORMAT, plan.seed, plan.scenario, plan.bench, clock, versions, icds, interceptor)


def conclude(bench: Bench, plan: Plan, more: Sequence[Verdict] = ()) -> list[Verdict]:
    """Judge what the bench recorded, and close its trace with the verdicts."""
    end_ns = bench.kernel.now_ns
    verdicts = [*judge(plan.requirements, bench.recorder.events, end_ns), *more]
    for event in to_events(verdicts, end_ns):
        bench.recorder.add(event)
    bench.recorder.close("done", end_ns)
    return verdicts


def _play_virtual(
    bench: Bench, plan: Plan, settings: Settings, trace: Path | None, progress: Progress | None
) -> Result:
    clock = VirtualClock()
    with signals(bench.kernel.stop) as caught:
        while bench.kernel.now_ns < plan.duration_ns and not caught:
            clock.run(bench.kernel, min(bench.kernel.now_ns + PROGRESS_STEP_NS, plan.duration_ns))
            if progress is not None:
                progress(bench.kernel.now_ns, plan.duration_ns)
    _refuse_stopped(bench, caught)
    verdicts = conclude(bench, plan)
    return Result(verdicts, worst(verdict.outcome for verdict in verdicts), trace, plan.duration_ns)


def _play_real(bench: Bench, plan: Plan, settings: Settings, trace: Path | None, progress: Progress | None) -> Result:
    with RealClock(bench.recorder.add, bench.recorder.flush) as clock, signals(clock.stop) as caught:
        process = _process(plan, bench, settings)
        watch = _Watch(bench)
        try:
            bench.open(clock)
            if process is not None:
                process.start(clock, watch.ended, ports(bench))
            while bench.kernel.now_ns < plan.duration_ns and not caught:
                clock.run(bench.kernel, min(bench.kernel.now_ns + REAL_STEP_NS, plan.duration_ns))
                if progress is not None:
                    progress(bench.kernel.now_ns, plan.duration_ns)
        finally:
            if process is not None:
                process.stop()
            bench.close()
        _refuse_stopped(bench, caught)
        verdicts = conclude(bench, plan, [watch.verdict(process)] if process is not None else [])
        late = clock.lateness
        lateness = (
            f"{late.count} instants, late by {late.p50_ns / 1000:.1f} us (p50), {late.p99_ns / 1000:.1f} us (p99)"
        )
    outcome = worst(verdict.outcome for verdict in verdicts)
    return Result(verdicts, outcome, trace, plan.duration_ns, f"{lateness}, {late.max_ns / 1000:.1f} us at most")


def ports(bench: Bench) -> dict[str, str]:
    """What a peer connects to, by the name of the line."""
    return {name.removesuffix(f".{CONTROLLER}"): gateway.where for name, gateway in bench.gateways.items()}


def _process(plan: Plan, bench: Bench, settings: Settings) -> ControllerProcess | None:
    assert plan.controller is not None
    if plan.controller.model.command is None:
        return None
    log = settings.out / LOG_NAME if settings.out is not None else None
    return ControllerProcess(plan.controller.model.command, plan.controller.folder, log)


class _Watch:
    """Whether the controller's process lasted as long as the run."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._code: int | None = None
        self._line = 0

    def ended(self, code: int) -> None:
        self._code = code
        self._bench.recorder.add(Note(self._bench.kernel.now_ns, CONTROLLER, f"ended with exit code {code}"))
        self._line = len(self._bench.recorder.events)

    def verdict(self, process: ControllerProcess) -> Verdict:
        text = "The controller runs until the bench ends it."
        if self._code is None:
            return Verdict(ALIVE, text, Outcome.PASS, "runs to the end", "did")
        figure = f"ended with exit code {self._code}: {process.tail()}"
        return Verdict(ALIVE, text, Outcome.FAIL, "runs to the end", figure, (self._line,))


@contextlib.contextmanager
def signals(stop: Callable[[], None]) -> Iterator[list[int]]:
    """While inside, SIGINT and SIGTERM call `stop` and are listed."""
    caught: list[int] = []

    def catch(number: int, frame: FrameType | None) -> None:
        caught.append(number)
        stop()

    before = {number: signal.signal(number, catch) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _refuse_stopped(bench: Bench, caught: Sequence[int]) -> None:
    if caught:
        raise StoppedError(signal.Signals(caught[0]).name, bench.kernel.now_ns)
