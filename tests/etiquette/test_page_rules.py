"""The page walk."""

from __future__ import annotations

import pytest
from tests.etiquette.journals import DOUBT, Row, change, found, page, poll, start, verdict

FULL = [page(5, 1), page(6, 2), page(7, 3)]


@pytest.mark.parametrize(
    ("rows", "number"),
    [
        ([page(5, 1)], 1),
        ([page(5, 1), page(6, 2)], 2),
        ([page(5, 1), page(6, 3)], 2),
        ([poll(5, "completed"), page(6, 1)], 2),
        ([poll(5, "completed"), page(6, 1), page(7, 2)], 3),
        ([poll(5, "completed", "legacy=x", lost=True), page(6, 1), page(7, 3)], 3),
        ([page(5, 1, size=1, last=30), page(6, 1), page(7, 2)], 3),
        ([page(5, 1), page(6, 2, 503), page(9, 3)], 3),
        ([page(5, 1), page(6, 2, lost=True), page(9, 3)], 3),
        ([*FULL, change(8, "more"), page(9, 1, "pending"), page(14, 1, last=4), page(15, 2, last=4)], 7),
    ],
)
def test_page_missed(rows: list[Row], number: int) -> None:
    """A walk that leaves a page out, or stops where another follows, misses people."""
    assert found(start(0), *rows) == {"page-missed": (number + 1,)}


@pytest.mark.parametrize(
    "rows",
    [
        FULL,
        [page(5, 1), page(6, 3), page(7, 2)],
        [page(5, 1), poll(6, "completed")],
        [page(5, 1), poll(6, "completed", **DOUBT)],
        [page(5, 1, size=1, last=30), *FULL],
        [*FULL, page(8, 1, size=1, last=30)],
        [page(4, 1, size=1, last=30), *FULL, page(8, 1, size=1, last=30)],
        [page(5, 1), page(6, 2, **DOUBT), page(7, 3)],
        [page(5, 1), page(6, 2, 503)],
        [page(5, 1), page(6, 2, lost=True)],
        [page(5, 1), page(6, 2, 503), page(6, 3)],
        [page(5, 1), page(6, 2, 503), page(6, 3, 503), page(9, 2, 403), page(10, 3)],
        [page(5, 1), page(6, 2, lost=True), page(6, 3)],
        [page(5, 1), page(6, 2, **DOUBT)],
        [page(5, 1, "processing")],
        [page(5, 1, "cancelled")],
        [page(5, 1), page(6, 2, "processing")],
        [page(5, 1), change(6, "more"), page(7, 1, "pending"), *(page(at, at - 11) for at in (12, 13, 14))],
        [page(5, 1, last=1)],
        [page(5, 1, last=0)],
        [page(3, 1, "processing"), page(4, 2, "processing"), page(5, 3)],
        [page(5, 1, agent="a"), page(6, 2, agent="b"), page(7, 3, agent="a")],
    ],
)
def test_no_page_missed(rows: list[Row]) -> None:
    """Every page in any order, all in one answer, a walk that failed, a job without a result: nothing is missed."""
    assert found(start(0), *rows) == {}


@pytest.mark.parametrize(
    ("last", "outcome", "rules"),
    [
        (page(6, 2, 503), "returned", {"error-as-result"}),
        (page(6, 2, 503), "raised", {"gave-up-early"}),
        (page(6, 2, lost=True), "returned", {"page-missed"}),
        (page(6, 2), "returned", {"page-missed"}),
        (page(6, 2), "raised", {"result-raised-as-error"}),
    ],
)
def test_what_is_missed_when_the_call_ends(last: Row, outcome: str, rules: set[str]) -> None:
    """A client that raises admits that pages are missing; after an error, returning is for another rule."""
    assert set(found(start(0), page(5, 1), last, outcome=outcome)) == rules


def test_page_missed_in_words() -> None:
    """The evidence names the highest page that was read, and what is missing."""
    between, = verdict(page(5, 1), page(6, 3)).findings  # fmt: skip
    assert between.evidence == "request 2 read page 3, and page 2, before it, was never read"
    after, = verdict(page(5, 1), page(6, 2)).findings  # fmt: skip
    assert after.evidence == "request 2 read page 2, and the page that it says follows was never read"


def test_a_walk_whose_beginning_was_dropped_is_not_judged() -> None:
    """Pages that the journal dropped were not missed; a walk whose poll before it is there is judged."""
    assert found(page(6, 2), page(7, 4), dropped=5) == {}
    assert found(poll(1, "pending"), page(6, 1), page(7, 4, last=4), dropped=5) == {"page-missed": (3,)}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([page(5, 1), page(6, 2), page(7, 2), page(8, 3)], (2, 3)),
        ([poll(5, "completed"), page(6, 1), page(7, 1), page(8, 2), page(9, 3)], (2, 3)),
        ([page(5, 1), page(6, 2), page(7, 3), page(8, 1), page(9, 2)], (2, 5)),
        ([page(5, 1, agent="a"), page(6, 2, agent="a"), page(7, 2, agent="b"), page(8, 3, agent="a")], None),
        ([page(5, 1), page(6, 1), page(7, 2), page(8, 3)], None),
        ([page(5, 1), page(6, 2, lost=True), page(7, 2), page(8, 3)], None),
        ([page(5, 1), page(6, 2, 503), page(7, 2), page(8, 3)], None),
        ([page(5, 1), page(6, 2, **DOUBT), page(7, 2), page(8, 3)], None),
        ([page(0, 1, "processing"), page(5, 1, "processing"), page(10, 1), page(11, 2), page(12, 3)], None),
    ],
)
def test_page_repeated(rows: list[Row], expected: tuple[int, int] | None) -> None:
    """A delivered page isn't read again; the page of the poll that showed the end may be, to begin the walk."""
    assert found(*rows) == ({"page-repeated": expected} if expected else {})


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([*FULL, page(8, 4)], (3, 4)),
        ([*FULL, page(8, 4, lost=True)], None),
        ([page(5, 3), page(6, 2), page(7, 1)], None),
        ([page(5, 1, last=1), page(6, 1, size=1, last=2), page(7, 2, size=1, last=2)], None),
    ],
)
def test_page_past_end(rows: list[Row], expected: tuple[int, int] | None) -> None:
    """After the page that says that none follows, none is read."""
    assert found(*rows) == ({"page-past-end": expected} if expected else {})


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([page(5, 1), page(6, 2, size=20, last=2)], (1, 2)),
        ([page(5, 1, size=1, last=30), page(6, 2, last=2)], (1, 2)),
        ([page(5, 1), page(6, 1, size=20, last=2), page(7, 2, size=20, last=2)], None),
        ([page(0, 1, "processing", size=5), page(5, 1, size=30, last=1)], None),
    ],
)
def test_page_size_changed(rows: list[Row], expected: tuple[int, int] | None) -> None:
    """Pages of one walk have one size; a walk that begins again at page 1 may have another."""
    assert found(*rows) == ({"page-size-changed": expected} if expected else {})
