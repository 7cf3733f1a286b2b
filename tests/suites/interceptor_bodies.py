# SPDX-License-Identifier: Apache-2.0
"""What any interceptor body must do, to the clock. A test module subclasses the suite and gives `body_class`.

Instants are whole clocks unless a test says otherwise, because a cause between two edges counts
from the earlier one.
"""

from __future__ import annotations

import copy

import pytest

from hil.interceptor.contract import BodyClass
from interfaces.spec.load import shipped
from interfaces.spec.model import Icd
from interfaces.wire import NS_PER_S, NS_PER_US
from tests.suites.interceptor_chain import ChainSuite
from tests.suites.interceptor_interlocks import InterlockSuite
from tests.suites.interceptor_link import LinkSuite
from tests.suites.interceptor_rig import BODY, HEARTBEAT, Rig
from tests.suites.interceptor_uart import UartSuite


class InterceptorBodySuite(ChainSuite, InterlockSuite, LinkSuite, UartSuite):
    """Subclass with a fixture `body_class`."""

    @pytest.fixture
    def icd(self) -> Icd:
        return shipped("interceptor")

    @pytest.fixture
    def rig(self, body_class: BodyClass, icd: Icd) -> Rig:
        return Rig(body_class(BODY, icd, 1), icd)

    @pytest.mark.parametrize("state", ["armed", "step_unlock", "hang_fire"])
    def test_copy_in_mid_run_ends_the_same(self, rig: Rig, state: str) -> None:
        """A copied body goes on as the original does, and neither disturbs the other."""
        rig.bring_to(state)
        other = copy.deepcopy(rig)
        before = len(rig.log)
        for one in (rig, other):
            one.drive("latch_open")
            one.run(20 * NS_PER_US)
            one.say(HEARTBEAT, sequence=90)
            one.wait(6 * NS_PER_S)
        assert rig.log == other.log
        assert len(rig.log) > before
