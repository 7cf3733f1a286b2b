# SPDX-License-Identifier: Apache-2.0
"""What can become of a mutant."""

from __future__ import annotations

from firmware_sim.mutations import Mutation
from interfaces.wire import Record

SURVIVED, SAME, REFUSED = "survived", "same model", "refused"
TEST, ASSERTION, TIMEOUT = "test", "assertion", "time-out"
CAUGHT = (TEST, ASSERTION, TIMEOUT)


class Verdict(Record, frozen=True):
    """What became of one mutant; `by` is the test or the assertion that found it, `proofs` what these say of it."""

    mutation: Mutation
    how: str
    by: str
    commit: str
    seconds: float
    proofs: str = ""
