"""An API key where everybody can read it."""

from __future__ import annotations

import pytest
from tests.etiquette.journals import Row, found, poll, start


@pytest.mark.parametrize(
    "row",
    [
        poll(5, "pending", "api_key=lk_…"),
        {"at": 5, "operation": None, "path": "/lk_…/jobs", "status": 404, "job": None},
    ],
)
def test_key_in_url(row: Row) -> None:
    """A key in a path or a query is seen, though the journal holds no more than its prefix."""
    assert found(start(0), row) == {"key-in-url": (2,)}
