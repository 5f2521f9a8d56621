"""No correct test is reported as blocked. The campaign `accusations` runs more of them, on a busy machine."""

from __future__ import annotations

import sys

import pytest
from tests.campaigns.accusations import run_parallel


@pytest.mark.skipif(sys.platform != "linux", reason="The system's counts of a thread's work are Linux's.")
def test_no_correct_test_is_reported_as_blocked() -> None:
    """A correct test runs to its end, whether it polls, computes, waits for locks or starts processes."""
    found = run_parallel(2, seed=2)
    assert (found["accused"], found["errors"], found["runs"]) == ([], [], 2)
