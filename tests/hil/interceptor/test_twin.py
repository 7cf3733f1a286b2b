# SPDX-License-Identifier: Apache-2.0
"""The Python twin passes the suite of every interceptor body."""

from __future__ import annotations

import pytest

from hil.interceptor.contract import BodyClass
from hil.interceptor.twin import Twin
from tests.suites.interceptor_bodies import InterceptorBodySuite


class TestTwin(InterceptorBodySuite):
    @pytest.fixture
    def body_class(self) -> BodyClass:
        return Twin
