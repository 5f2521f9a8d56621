"""The limit that pytest-timeout sets for a test: reported by its own hook, so that each way to set one counts."""

from __future__ import annotations

from time import monotonic_ns
from typing import NamedTuple

import pytest

_MARGIN, _LONGEST_MARGIN_SECONDS = 0.1, 2.0


class Timeout(NamedTuple):
    """A limit in real seconds, and the reading of the real clock shortly before it is reached."""

    seconds: float
    near: int


_TIMEOUT: pytest.StashKey[Timeout] = pytest.StashKey()


def set_timeout(item: pytest.Item, seconds: float) -> None:
    """Note that pytest-timeout ends a test in so many seconds from now.

    The limit is near when a tenth of it is left, or two seconds of a longer one.
    """
    margin = min(_MARGIN * seconds, _LONGEST_MARGIN_SECONDS)
    item.stash[_TIMEOUT] = Timeout(seconds, monotonic_ns() + round((seconds - margin) * 1e9))


def clear_timeout(item: pytest.Item) -> None:
    """Note that pytest-timeout doesn't end a test any longer."""
    if _TIMEOUT in item.stash:
        del item.stash[_TIMEOUT]


def timeout_of(item: pytest.Item) -> Timeout | None:
    """Return the limit of a test, or None if it has none now."""
    return item.stash.get(_TIMEOUT, None)
