# SPDX-License-Identifier: Apache-2.0
"""Plays a scenario: bench and clock in, trace and verdicts out.

The same bench runs under the virtual clock (as fast as it goes, the same bytes every time) and the
real one (real ports, a controller as a process). A signal ends a run early and whole: ports given
back, trace closed, and a verdict that says so.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

import msgspec

from hil.bench import Bench
from hil.clocks.real import RealClock
from hil.clocks.virtual import VirtualClock
from hil.compose import Plan, compose, read_plan
from hil.controller import ControllerProcess
from hil.trace.events import Note
from hil.trace.recorder import Recorder
from hil.verdicts.judge import judge, to_events
from hil.verdicts.model import Outcome, Verdict, worst
from interfaces.errors import BenchError
from interfaces.wire import NS_PER_S

TRACE_NAME = "trace.jsonl"
EXIT_CODES = {Outcome.PASS: 0, Outcome.FAIL: 1, Outcome.INCONCLUSIVE: 3}
PROGRESS_STEP_NS = 20 * NS_PER_S

Progress = Callable[[int, int], None]


class StoppedError(BenchError):
    """A signal ended the run before its time; the trace is whole up to there."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How to play a scenario; None leaves what the scenario says."""

    clock: str = "virtual"
    seed: int | None = None
    out: Path | None = None
    controller: str | None = None


class Result(msgspec.Struct, frozen=True):
    """What a run gave."""

    verdicts: Sequence[Verdict]
    exit_code: int
    trace: Path | None
    end_ns: int


def run_scenario(path: Path, settings: Settings, progress: Progress | None = None) -> Result:
    """Play the scenario at `path`. Raises a `BenchError` when it cannot be played."""
    plan = read_plan(path, settings.seed, settings.controller)
    if settings.out is not None:
        settings.out.mkdir(parents=True, exist_ok=True)
    trace = settings.out / TRACE_NAME if settings.out is not None else None
    recorder = Recorder(trace, keep=True)
    play = {"virtual": play_virtual, "real": play_real}[settings.clock]
