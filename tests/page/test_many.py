"""What isn't visible isn't drawn."""

from __future__ import annotations

import pytest
from tests.page.callers import Caller
from tests.page.conftest import Open

pytest.importorskip("playwright.sync_api", reason="Playwright isn't installed.")
from playwright.sync_api import expect

MANY = 1_200
MOST_ROWS, MOST_MARKS = 150, 400


def test_many_requests(caller: Caller, open_page: Open, server: str) -> None:
    """A few rows are in the document, marks on the same pixels are one, and the newest request can be reached."""
    caller.use("clado/stuck")
    job = caller.start()
    for number in range(MANY):
        caller.poll(job)
        if number % 200 == 0:
            caller.advance(5)
    shown = open_page(server, caller.namespace)
    expect(shown.page.locator("#requests-count")).to_have_text(f"{MANY + 1:,}")
    assert 0 < shown.page.locator("tr[data-exchange]").count() <= MOST_ROWS
    marks = shown.page.locator(f".lane[data-job='{job}'] .mark")
    assert 0 < marks.count() <= MOST_MARKS
    spans = marks.evaluate_all("all => all.map(({dataset}) => [Number(dataset.first), Number(dataset.last)])")
    assert sum(last - first + 1 for first, last in spans) == MANY + 1
    shown.page.locator("#request-scroller").evaluate("one => one.scrollTo(0, one.scrollHeight)")
    expect(shown.row(MANY + 1)).to_be_visible()
