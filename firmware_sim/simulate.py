# SPDX-License-Identifier: Apache-2.0
"""cocotb benches run on a design: built once for each content, run in a folder of their own, results as records.

Quiet while all goes well. A bench that finds no test, a simulator that dies and one that reports an error of its own
(a failed assertion) after its tests passed are failed outcomes like any other.
"""

from __future__ import annotations

import functools
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from firmware_sim.cache import built, content_key
from firmware_sim.simulators import SIMULATORS, Design, Simulator, Wanted, environment, runner
from firmware_sim.sources import source_parts
from firmware_sim.toolchain import tail
from interfaces.wire import Record

_RESULTS, _LOG = "results.xml", "run.log"
_RECIPE = Path(__file__).with_name("simulators.py")


class Outcome(Record, frozen=True):
    """What one cocotb test came to; `message` says why it failed."""

    test: str
    passed: bool
    message: str = ""


class Run(Record, frozen=True):
    """What each test came to, never none of them, and the folder with the log (`run.log`)."""

    seed: int
    folder: Path
    outcomes: tuple[Outcome, ...]

    @property
    def failures(self) -> str:
        """What failed, to be read, with the seed that does it again; empty when every test passed."""
        failed = [f"{one.test}: {one.message}" for one in self.outcomes if not one.passed]
        return "\n\n".join([*failed, f"seed {self.seed}, log {self.folder / _LOG}"]) if failed else ""


def run_cocotb(
    design: Design,
    modules: str | Sequence[str],
    folder: Path,
    *,
    simulator: str = "verilator",
    seed: int = 1,
    only: str | None = None,
    waves: Path | None = None,
    coverage: Path | None = None,
    variables: Mapping[str, str] | None = None,
) -> Run:
    """Run the cocotb tests of `modules` (import names) on a design, under `verilator` or `icarus`, in `folder`.

    `only` is a regular expression that is searched in tests' full names. `waves` is the FST file to write, `coverage`
    the file of line and toggle counts (Verilator only). `variables` go into the run's environment. Raises
    `AbsentError` without the tools, `BuildError` when the design does not compile.
    """
    body, wanted = SIMULATORS[simulator], Wanted(waves, coverage)
    binary = _built(body, design, wanted)
    folder = folder.absolute()
    # A trace that can't be opened makes Verilator's simulation hang.
    for place in (folder, *(path.parent for path in (waves, coverage) if path is not None)):
        place.mkdir(parents=True, exist_ok=True)
    print(f"{design.top} under {simulator}, seed {seed}")  # pytest shows it when a test fails
    with environment(variables or {}):
        test = functools.partial(
            runner(body.name).test,
            test_module=modules,
            hdl_toplevel=design.top,
            hdl_toplevel_lang="verilog",
            seed=seed,
            test_filter=only,
            test_args=body.test_args(wanted),
            plusargs=body.plusargs(wanted),
            waves=waves is not None,
            build_dir=binary,
            test_dir=folder,
            results_xml=str(folder / _RESULTS),
            log_file=folder / _LOG,
        )
        clean = _ends_well(test)
    return Run(seed, folder, _outcomes(folder, clean))


def need_simulator(simulator: str = "verilator") -> None:
    """Raises `AbsentError` when cocotb benches cannot run here under this simulator."""
    SIMULATORS[simulator].identity()


def _built(body: Simulator, design: Design, wanted: Wanted) -> Path:
    extra = (wanted.waves is not None, wanted.coverage is not None)
    settings = msgspec.json.encode((design.top, design.parameters, design.defines, design.flags, extra))
    # A coverage file names the sources by where they lie.
    places = [str(source.absolute()) for source in design.sources] if wanted.coverage else []
    recipe = _RECIPE.read_bytes()
    key = content_key((recipe, body.name, body.identity(), settings, *places, "", *source_parts(design.sources)))
    return built("cocotb", key, lambda part: body.build(design, wanted, part))


def _ends_well(test: Callable[[], Path]) -> bool:
    """Whether the simulator ended without an error of its own; what the tests came to is in the results."""
    try:
        test()
    except (RuntimeError, SystemExit):  # how cocotb's runner says that a command failed
        return False
    return True


def _outcomes(folder: Path, clean: bool) -> tuple[Outcome, ...]:
    log = (folder / _LOG).read_text(errors="replace")
    try:
        cases = ET.parse(folder / _RESULTS).getroot().iter("testcase")
    except (FileNotFoundError, ET.ParseError):
        return (Outcome("simulator", False, f"died before it had results\n{tail(log)}"),)
    outcomes = tuple(_outcome(case) for case in cases if case.find("skipped") is None)
    if not outcomes:
        return (Outcome("simulator", False, f"no test was found\n{tail(log)}"),)
    # A failed assertion ends the simulator's run with an error of its own, which no cocotb test knows.
    return outcomes if clean else (*outcomes, Outcome("simulator", False, f"reported an error\n{tail(log)}"))


def _outcome(case: ET.Element) -> Outcome:
    wrong = [found for kind in ("failure", "error") for found in case.iter(kind)]
    message = "\n".join(f"{found.get('message', '')}\n{tail(found.text or '')}" for found in wrong)
    return Outcome(f"{case.get('classname')}.{case.get('name')}", not wrong, message)
