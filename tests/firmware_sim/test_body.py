# SPDX-License-Identifier: Apache-2.0
"""The Verilated RTL passes the suite of every interceptor body."""

from __future__ import annotations

import pytest

from firmware_sim.model.body import RtlBody
from hil.interceptor.contract import BodyClass
from tests.suites.interceptor_bodies import InterceptorBodySuite


class TestRtl(InterceptorBodySuite):
    @pytest.fixture
    def body_class(self) -> BodyClass:
        return RtlBody
