"""Where the plugin keeps what belongs to one test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .limit import Limit
    from .session import Bench

BENCH: pytest.StashKey[Bench] = pytest.StashKey()
LIMIT: pytest.StashKey[Limit] = pytest.StashKey()
