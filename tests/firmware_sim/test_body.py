# SPDX-License-Identifier: Apache-2.0
"""The Verilated RTL passes the suite of every interceptor body."""

from __future__ import annotations

import pytest

from firmware_sim.model.body import RtlBody
from firmware_sim.toolchain import toolchain
from hil.interceptor.contract import BodyClass
from tests.firmware_sim.tools import need
from tests.suites.interceptor_bodies import InterceptorBodySuite


class TestRtl(InterceptorBodySuite):
    @pytest.fixture
    def body_class(self) -> BodyClass:
        need(toolchain)
        return RtlBody
