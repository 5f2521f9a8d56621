"""The key under which the plugin keeps the session of a test, and of the run's current test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .session import MockSession

SESSION: pytest.StashKey[MockSession] = pytest.StashKey()
"""In an item's stash: the session of that test. In the config's stash: the session of the test that runs now."""
