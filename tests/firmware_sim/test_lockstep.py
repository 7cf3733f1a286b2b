# SPDX-License-Identifier: Apache-2.0
"""The twin and the Verilated RTL live through the same random days, to the clock; and skipping is the same as stepping.

The volume is 104,000 transactions over 26 seeds; the seed is in each test's name.
"""

from __future__ import annotations

from typing import Any

import pytest

from firmware_sim.model.body import RtlBody
from firmware_sim.toolchain import toolchain
from hil.interceptor.twin import Twin
from hil.part import Outputs
from interfaces.spec.load import shipped
from interfaces.wire import NS_PER_MS
from tests.firmware_sim.stimulus import SHORT_PAUSES_NS, Day
from tests.firmware_sim.tools import need
from tests.suites.interceptor_rig import BODY, Rig

SAMPLE_SEEDS, SAMPLE = range(4), 400
VOLUME_SEEDS, VOLUME = range(100, 126), 4_000
STEPPED_SEEDS, STEPPED = range(2), 60


@pytest.fixture(autouse=True)
def tools() -> None:
    need(toolchain)


def live(seed: int, count: int, *bodies: Twin | RtlBody) -> None:
    icd = shipped("interceptor")
    Day(icd, [Rig(body, icd) for body in bodies], seed).transactions(count)


def pair() -> tuple[Twin, RtlBody]:
    icd = shipped("interceptor")
    return Twin(BODY, icd, 1), RtlBody(BODY, icd, 1)


@pytest.mark.parametrize("seed", SAMPLE_SEEDS)
def test_sample(seed: int) -> None:
    live(seed, SAMPLE, *pair())


@pytest.mark.volume
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", VOLUME_SEEDS)
def test_volume(seed: int) -> None:
    live(seed, VOLUME, *pair())


@pytest.mark.parametrize("seed", STEPPED_SEEDS)
def test_skipping_is_stepping(seed: int) -> None:
    """One body skips what is quiet, the other steps each clock."""
    icd = shipped("interceptor")
    skips, steps = RtlBody(BODY, icd, 1), RtlBody(BODY, icd, 1)
    steps.skip(False)
    rigs = [Rig(skips, icd), Rig(steps, icd)]
    Day(icd, rigs, seed, SHORT_PAUSES_NS).transactions(STEPPED)
    for rig in rigs:  # some slots later
        rig.run(350 * NS_PER_MS)
    Day(icd, rigs, seed, SHORT_PAUSES_NS).compare()


def test_a_difference_is_found() -> None:
    """A body that takes its lines a clock late is caught, with both histories."""

    class Late(Twin):
        def receive(self, now_ns: int, port: str, item: Any) -> Outputs:
            late = now_ns + 100 if port == "lines" else now_ns
            return super().receive(late, port, item)

    icd = shipped("interceptor")
    with pytest.raises(AssertionError, match=r"(?s)body 1 parts .*body 0:.*body 1:"):
        live(1, SAMPLE, Twin(BODY, icd, 1), Late(BODY, icd, 1))
