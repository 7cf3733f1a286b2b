# SPDX-License-Identifier: Apache-2.0
"""Every link passes the suite of links; the table of names gives each of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from hil.links import LINKS, find
from interfaces.errors import PortError
from tests.hil.links.rigs import MAKERS
from tests.suites.links import CHECKS, Rig


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
def test_conformance(maker: Callable[[], AbstractContextManager[Rig]], check: Callable[[Rig], None]) -> None:
    """One contract, every link."""
    with maker() as rig:
        check(rig)


@pytest.mark.parametrize("name", LINKS)
def test_every_name_is_a_class(name: str) -> None:
    """No entry of the table is stale."""
    assert isinstance(find(name), type)


def test_an_unknown_name_is_told_with_those_that_are_known() -> None:
    """A mistake in a bench file ends in one line with the mend."""
    with pytest.raises(PortError, match="take one of: line, memory, pty"):
        find("carrier-pigeon")
