# SPDX-License-Identifier: Apache-2.0
"""Seeded draws: the same for the same seed and place, on any day; independent between places."""

from __future__ import annotations

import copy
from statistics import fmean, pstdev

import pytest

from hil.stream import Stream

GOLDEN = [391, 966, 627, 36, 3]


def draws(stream: Stream, count: int = 20) -> list[int]:
    return [stream.below(1000) for _ in range(count)]


def test_a_place_draws_the_same_in_every_run() -> None:
    """Fixed figures: a change of them changes every recorded run."""
    assert draws(Stream(1, "radar"), 5) == draws(Stream(1, "radar"), 5)
    assert draws(Stream(1, "radar"), 5) == GOLDEN


@pytest.mark.parametrize(("seed", "place"), [(2, "radar"), (1, "radar2"), (11, "adar")])
def test_another_seed_or_place_draws_otherwise(seed: int, place: str) -> None:
    """Nothing is shared between places or seeds."""
    assert draws(Stream(seed, place)) != draws(Stream(1, "radar"))


def test_a_copy_goes_on_alike_and_alone() -> None:
    """A copied bench draws what the original would have drawn."""
    stream = Stream(1, "radar")
    draws(stream)
    twin = copy.deepcopy(stream)
    assert draws(stream) == draws(twin)


def test_certain_and_impossible() -> None:
    """One million per million always happens, none never."""
    stream = Stream(1, "radar")
    assert all(stream.happens(1_000_000) for _ in range(100))
    assert not any(stream.happens(0) for _ in range(100))


def test_noise_has_its_deviation() -> None:
    """Centred, of about the deviation asked for; zero deviation is no noise."""
    stream = Stream(1, "radar")
    samples = [stream.noise(1000) for _ in range(4000)]
    assert abs(fmean(samples)) < 60
    assert 950 < pstdev(samples) < 1050
    assert all(stream.noise(0) == 0 for _ in range(10))
