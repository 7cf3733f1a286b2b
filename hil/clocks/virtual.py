# SPDX-License-Identifier: Apache-2.0
"""The virtual clock: the next event is due at once."""

from __future__ import annotations

from hil.kernel import Kernel


class VirtualClock:
    """Moves a kernel's time as fast as its events go."""

    def run(self, kernel: Kernel, until_ns: int) -> bool:
        """Run to `until_ns`; False when the kernel was stopped on the way."""
        return kernel.run_to(until_ns)
