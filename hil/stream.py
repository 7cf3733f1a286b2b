# SPDX-License-Identifier: Apache-2.0
"""Seeded draws. The only place that touches `random`.

Each place draws from its own stream, derived from the run's seed and the place's name, so that
taking one fault or device out changes nobody else's draws. Draws are integers.
"""

from __future__ import annotations

import hashlib
import random

_NOISE_MEAN = 12 * 255 // 2
_NOISE_SIGMA = 256  # of the sum of 12 uniform bytes: sqrt(12 * (256**2 - 1) / 12), all but 0.002


class Stream:
    """The draws of one place in one run."""

    def __init__(self, seed: int, place: str) -> None:
        digest = hashlib.sha256(f"{seed}/{place}".encode()).digest()
        self._random = random.Random(int.from_bytes(digest, "big"))

    def below(self, limit: int) -> int:
        """A uniform integer in [0, limit)."""
        return self._random.randrange(limit)

    def happens(self, per_million: int) -> bool:
        """True with the given probability."""
        return self._random.randrange(1_000_000) < per_million

    def noise(self, sigma: int) -> int:
        """A bell-shaped integer of standard deviation about `sigma`: the sum of 12 uniform bytes."""
        return ((sum(self._random.randbytes(12)) - _NOISE_MEAN) * sigma + _NOISE_SIGMA // 2) // _NOISE_SIGMA
