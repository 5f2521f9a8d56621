"""Exports: rows on pages with cursors, without any key."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from tests.distributions.message_batches.checks.clients import EXPORTS, export_rows

from jobmock.strategies import assert_client_survives

Mock = Any
GROWING = {
    "version": 1, "api": "cursor_exports", "results": {"count": 7},
    "progression": [{"status": "gathered", "results": 5, "after": {"polls": 1}}, {"status": "gathered"}],
}  # fmt: skip


@pytest.mark.jobmock("cursor_exports/usual", etiquette="error")
def test_all_rows(cursor_exports_mock: Mock) -> None:
    """A client that follows the cursors gets each row once."""
    rows = export_rows(cursor_exports_mock.url)
    assert [row["row_key"] for row in rows] == [f"row-{number + 1}" for number in range(23)]
    cursor_exports_mock.verify(returned=rows)


@pytest.mark.jobmock("cursor_exports/usual", etiquette="off")
def test_the_first_page_alone(cursor_exports_mock: Mock) -> None:
    """A client that reads no other page is blamed."""
    with httpx.Client(base_url=cursor_exports_mock.url) as client:
        job = client.post(EXPORTS).json()["export_key"]
        while client.get(f"{EXPORTS}/{job}").json()["export_phase"] == "gathering":
            time.sleep(5)
        rows = client.get(f"{EXPORTS}/{job}/exported_rows").json()["exported_rows"]
    with pytest.raises(AssertionError, match="page-missed"):
        cursor_exports_mock.verify(returned=rows)


@pytest.mark.jobmock(GROWING, etiquette="error")
def test_rows_that_grow_after_the_end(cursor_exports_mock: Mock) -> None:
    """Rows may come between the last poll and the read of the rows, so their number isn't compared with the poll's."""
    rows = export_rows(cursor_exports_mock.url)
    assert len(rows) == 7
    cursor_exports_mock.verify(returned=rows)


def test_a_correct_client() -> None:
    """A correct client survives whatever the server does."""
    assert_client_survives(export_rows, api="cursor_exports", max_examples=25, seed=1)
