"""Which tests there are is the same in every process, so that workers can share them out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support import HANGS

ROOT = Path(__file__).parents[1]


def collected(seed: int) -> list[str]:
    """Return the ids of all tests, in order, as a process with another order of its sets collects them."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n", "0", "-p", "no:cacheprovider", "tests"]
    env = {**os.environ, "PYTHONHASHSEED": str(seed)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=HANGS, check=True)
    return [line for line in done.stdout.splitlines() if "::" in line]


def test_ids_are_the_same_in_every_process(request: pytest.FixtureRequest) -> None:
    """No id and no place in the order comes from a set, the time, or what else differs from process to process."""
    here, there = [item.nodeid for item in request.session.items], collected(1)
    assert (here if {*here} == {*there} else collected(2)) == there
