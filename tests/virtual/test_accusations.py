"""Correct tests aren't taken for blocked ones; the campaign `accusations` plays more of them, on a busy machine."""

from __future__ import annotations

import sys

import pytest
from tests.campaigns.accusations import played


@pytest.mark.skipif(sys.platform != "linux", reason="The system's counts of a thread's work are Linux's.")
def test_nobody_is_accused() -> None:
    """Whatever a correct test is busy with, it goes on to its end."""
    found = played(2, seed=2)
    assert (found["accused"], found["errors"], found["runs"]) == ([], [], 2)
