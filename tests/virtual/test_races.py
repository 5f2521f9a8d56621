"""Races of virtual time, a few times each; the campaign runs them 200 times."""

from __future__ import annotations

import sys

import pytest
from tests.virtual.matrix.calling import called

TIMES = 5


@pytest.mark.skipif(sys.platform != "linux", reason="They are run in processes that are forked.")
def test_no_race_is_lost() -> None:
    """What is ready at a timeout's very moment goes first, a joined thread is dead, a child is waited for."""
    found = called("races", "--times", TIMES, seconds=300)
    assert not found["lost"], "\n".join(f"{one['race']}: {one['wrong']}" for one in found["lost"])
    assert len(found["races"]) >= 10
