# SPDX-License-Identifier: Apache-2.0
"""How late instants were served: a histogram of fixed size, exact below 32 ns and to 1/16 above."""

from __future__ import annotations

_SUB_BITS = 4
_SUBS = 1 << _SUB_BITS
_BUCKETS = 64 * _SUBS


class Lateness:
    """Counts and quantiles of any number of samples in constant memory."""

    __slots__ = ("_counts", "count", "max_ns")

    def __init__(self) -> None:
        self._counts = [0] * _BUCKETS
        self.count = 0
        self.max_ns = 0

    def add(self, late_ns: int) -> None:
        # A bucket is the position of the highest bit and the four bits below it.
        shift = late_ns.bit_length() - _SUB_BITS - 1
        self._counts[(shift << _SUB_BITS) + (late_ns >> shift) if shift > 0 else late_ns] += 1
        self.count += 1
        if late_ns > self.max_ns:
            self.max_ns = late_ns

    def quantile_ns(self, per_mille: int) -> int:
        """The upper bound of the bucket that holds the sample at `per_mille` of all (0 without samples)."""
        rank = -(-self.count * per_mille // 1000)
        seen = 0
        for bucket, count in enumerate(self._counts):
            seen += count
            if count and seen >= rank:
                return min(_upper_ns(bucket), self.max_ns)
        return 0

    @property
    def p50_ns(self) -> int:
        return self.quantile_ns(500)

    @property
    def p99_ns(self) -> int:
        return self.quantile_ns(990)


def _upper_ns(bucket: int) -> int:
    if bucket < 2 * _SUBS:
        return bucket
    shift = (bucket >> _SUB_BITS) - 1
    return ((bucket - (shift << _SUB_BITS) + 1) << shift) - 1
