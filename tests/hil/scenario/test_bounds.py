# SPDX-License-Identifier: Apache-2.0
"""An instant in a file fits what a trace can hold."""

from __future__ import annotations

import msgspec
import pytest

from hil.scenario.model import Seconds, seconds_to_ns

LONGEST_S = 8_640_000


@pytest.mark.parametrize("seconds", [0, LONGEST_S, float(LONGEST_S), 1e-9])
def test_instants_that_fit(seconds: float) -> None:
    """At both limits, whole or decimal; the longest is far from the end of 64 bits."""
    assert msgspec.convert(seconds, Seconds) == seconds
    assert seconds_to_ns(seconds) < 1 << 62


@pytest.mark.parametrize("seconds", [-1, -1e-9, LONGEST_S + 1, LONGEST_S + 1e-3, 1e300])
def test_instants_that_do_not(seconds: float) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(seconds, Seconds)
