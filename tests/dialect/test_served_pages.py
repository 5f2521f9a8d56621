"""The page of results that a request asks for: by number, or by cursor."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobmock.dialect import CURSOR, JobView, Paging, Refused, ServedPage, served_page
from jobmock.engine.progression import plan
from jobmock.models import NOTHING, Pages, Results, Scenario, Step

NUMBERED = Paging(page="page", size="size", default_size=3, largest_size=5)
WITH_CURSORS = Paging(page="after", size="limit", default_size=3, largest_size=5, stated={CURSOR: ("next",)})
SETTINGS: Any = None


def job_view(results: int, query: str, pages: Pages | None = None) -> JobView:
    """Return a view of a job that has ended with so many results."""
    step = Step(status="done", pages=pages)
    scenario = Scenario(name="x/y", api="x", summary="", progression=(step,), results=Results(count=results))
    made = plan(scenario, {"done": "all"})
    return JobView("a", 0, NOTHING, made, results, 0, made.stages[0], SETTINGS, query.encode(), 0, str)


def page_of(results: int, query: str, paging: Paging, pages: Pages | None = None) -> ServedPage:
    """Return the page that a query asks for."""
    return served_page(job_view(results, query, pages), paging, "bad")


@given(results=st.integers(0, 40), size=st.integers(1, 5), by_cursor=st.booleans())
def test_all_pages_have_all_results_once(results: int, size: int, by_cursor: bool) -> None:
    """A client that follows the pages, by number or by cursor, gets each result once and in order."""
    paging = WITH_CURSORS if by_cursor else NUMBERED
    found, wanted, number = list[int](), f"{paging.size}={size}", 1
    while True:
        page = page_of(results, wanted, paging)
        assert (page.page.page, page.page.total_results) == (number, results)
        assert page.info.has_next is (page.cursor is not None)
        found += page.numbers
        if page.cursor is None:
            break
        number += 1
        wanted = f"{paging.size}={size}&{paging.page}={page.cursor if by_cursor else number}"
    assert found == list(range(results))


def test_pages_that_a_scenario_breaks() -> None:
    """A step's hostile pages hold for cursors too: an empty page, a repeated one, a wrong total."""
    pages = Pages(empty=frozenset({2}), total=99)
    first = page_of(7, "", WITH_CURSORS, pages)
    second = page_of(7, f"after={first.cursor}", WITH_CURSORS, pages)
    assert (list(first.numbers), list(second.numbers), second.page.total_results) == ([0, 1, 2], [], 99)
    again = page_of(7, f"after={first.cursor}", WITH_CURSORS, Pages(repeat={2: 1}))
    assert list(again.numbers) == [0, 1, 2]


@pytest.mark.parametrize(
    ("paging", "query", "text"),
    [
        (NUMBERED, "page=0", "The parameter page is wrong. A whole number from 1 on is allowed."),
        (NUMBERED, "page=", "The parameter page is wrong. A whole number from 1 on is allowed."),
        (NUMBERED, "page=1.5", "The parameter page is wrong. A whole number from 1 on is allowed."),
        (NUMBERED, "page=٣", "The parameter page is wrong. A whole number from 1 on is allowed."),
        (NUMBERED, f"page={'9' * 5000}", "The parameter page is wrong. A whole number from 1 on is allowed."),
        (NUMBERED, "size=6", "The parameter size is wrong. A whole number from 1 to 5 is allowed."),
        (WITH_CURSORS, "limit=x", "The parameter limit is wrong. A whole number from 1 to 5 is allowed."),
        *((WITH_CURSORS, f"after={text}", "The parameter after is no cursor that a page of this job had.")
          for text in ("", "1", "ZnJvbTp4", "ZnJvbTo", "äöü", "=", "a" * 5000)),
    ],
)  # fmt: skip
def test_what_is_no_page(paging: Paging, query: str, text: str) -> None:
    """A page, a size or a cursor that can't be is refused with the API's error, which says what is allowed."""
    with pytest.raises(Refused) as refused:
        page_of(9, query, paging)
    assert (refused.value.name, refused.value.text) == ("bad", text)


def test_a_page_far_beyond_the_end_is_empty() -> None:
    """It isn't refused, and none follows."""
    page = page_of(4, "page=900", NUMBERED)
    assert (list(page.numbers), page.cursor, page.page.has_previous) == ([], None, True)
