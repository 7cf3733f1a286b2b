# SPDX-License-Identifier: Apache-2.0
"""Runs of cocotb benches: what fails is an outcome, what is asked for is written, what was built is not built again."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware_sim import simulators
from firmware_sim.simulate import need_simulator, run_cocotb
from firmware_sim.simulators import Design
from firmware_sim.toolchain import BuildError
from tests.firmware_sim.tools import DESIGNS, design_for, need

COUNT = Design("count", (DESIGNS / "count.sv",), parameters={"Width": 8})
BENCHES = {
    "bench_good": """
        import os, random, cocotb
        from cocotb.triggers import Timer

        async def clocks(dut, number):
            dut.on_i.value = 1
            for _ in range(number):
                dut.clk_i.value = 0
                await Timer(1, "ns")
                dut.clk_i.value = 1
                await Timer(1, "ns")

        @cocotb.test()
        async def counts(dut):
            await clocks(dut, 20)
            assert dut.count_o.value.to_unsigned() == 20

        @cocotb.test()
        async def tells(dut):
            print("TOLD", os.environ["TOLD"], random.getrandbits(64))
        """,
    "bench_bad": """
        import cocotb

        @cocotb.test()
        async def good(dut):
            pass

        @cocotb.test()
        async def bad(dut):
            assert 1 + 1 == 3, "planted"
        """,
    "bench_empty": "",
    "bench_dies": """
        import os, cocotb

        @cocotb.test()
        async def dies(dut):
            print("last words", flush=True)
            os._exit(3)
        """,
}


@pytest.fixture(autouse=True)
def _benches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in BENCHES.items():
        (tmp_path / f"{name}.py").write_text(text.replace("\n        ", "\n"))
    monkeypatch.syspath_prepend(tmp_path)


def test_good_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test by its full name; parameters and variables get through; the same seed draws the same."""
    need(need_simulator)
    told = []
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        run = run_cocotb(COUNT, "bench_good", tmp_path / name, seed=seed, variables={"TOLD": "it"})
        assert [one.test for one in run.outcomes] == ["bench_good.counts", "bench_good.tells"]
        assert not run.failures
        told.append(next(line for line in (tmp_path / name / "run.log").read_text().splitlines() if "TOLD" in line))
        monkeypatch.setattr(simulators, "_build", lambda *words: pytest.fail("built again"))
    assert told[0] == told[1] != told[2]


def test_plain_verilog_under_icarus(tmp_path: Path) -> None:
    """The same bench under the other simulator; one test of it alone, with waveforms."""
    design = design_for("icarus", COUNT)
    waves = tmp_path / "waves.fst"
    run = run_cocotb(design, "bench_good", tmp_path / "run", simulator="icarus", only=r"\.counts$", waves=waves)
    assert [(one.test, one.passed) for one in run.outcomes] == [("bench_good.counts", True)]
    assert waves.stat().st_size > 0


def test_failures_are_outcomes(tmp_path: Path) -> None:
    """A failed test with what it said and the seed; modules after it run all the same."""
    need(need_simulator)
    run = run_cocotb(COUNT, ["bench_bad", "bench_good"], tmp_path / "run", seed=5, variables={"TOLD": ""})
    assert [one.passed for one in run.outcomes] == [True, False, True, True]
    assert "planted" in run.failures
    assert "bench_bad.bad" in run.failures
    assert "seed 5" in run.failures


@pytest.mark.parametrize(
    ("bench", "why"),
    [
        ("bench_empty", "No tests were discovered"),
        ("bench_absent", "No module named 'bench_absent'"),
        ("bench_dies", "last words"),
    ],
)
def test_no_results_are_a_failure(bench: str, why: str, tmp_path: Path) -> None:
    """Nothing to run, nothing there and a dead simulator, each with the log's end."""
    need(need_simulator)
    run = run_cocotb(COUNT, bench, tmp_path / "run")
    assert [(one.test, one.passed) for one in run.outcomes] == [("simulator", False)]
    assert why in run.failures


def test_results_of_an_earlier_run_do_not_count(tmp_path: Path) -> None:
    """A folder that is used again is read anew."""
    need(need_simulator)
    assert not run_cocotb(COUNT, "bench_good", tmp_path / "run", only="counts").failures
    assert run_cocotb(COUNT, "bench_dies", tmp_path / "run").failures


def test_failed_assertion_is_a_failure(tmp_path: Path) -> None:
    """A planted violation in the design is told with its label, and the simulator's own error is an outcome."""
    need(need_simulator)
    design = Design(COUNT.top, COUNT.sources, COUNT.parameters, {"LIMIT": "10"})
    run = run_cocotb(design, "bench_good", tmp_path / "run", only="counts")
    assert not any(one.passed for one in run.outcomes)
    assert "count.WithinLimit_A" in run.failures


def test_waves_and_coverage(tmp_path: Path) -> None:
    """Both are written where they were asked for; the coverage names the source's place."""
    need(need_simulator)
    waves, coverage = tmp_path / "deep" / "waves.fst", tmp_path / "deep" / "coverage.dat"
    run = run_cocotb(COUNT, "bench_good", tmp_path / "run", only="counts", waves=waves, coverage=coverage)
    assert not run.failures
    assert waves.stat().st_size > 0
    assert str(COUNT.sources[0]) in coverage.read_text()


def test_design_that_does_not_build(tmp_path: Path) -> None:
    """In Verilator's words."""
    need(need_simulator)
    with pytest.raises(BuildError, match="nothing"):
        run_cocotb(Design("nothing", COUNT.sources), "bench_good", tmp_path / "run")
