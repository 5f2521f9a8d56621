"""Races of virtual time, each run a few times. The campaign `races` runs them 200 times."""

from __future__ import annotations

import sys

import pytest
from tests.virtual.matrix.command import run_command

TIMES = 5


@pytest.mark.skipif(sys.platform != "linux", reason="They are run in processes that are forked.")
def test_no_race_is_lost() -> None:
    """A result at the exact moment of a timeout wins, a joined thread is dead, and a child process is waited for."""
    found = run_command("races", "--times", TIMES, seconds=300)
    assert not found["lost"], "\n".join(f"{one['race']}: {one['wrong']}" for one in found["lost"])
    assert len(found["races"]) >= 10
