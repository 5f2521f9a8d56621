"""Pages are slices of a list, and hostile only where a step says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobmock.engine.pagination import Page, Paging, cut, order
from jobmock.models import Pages


def chunks(total: int, page_size: int) -> list[list[int]]:
    """Cut the numbers below `total` into pages, one after the other: the naive model."""
    left, pages = list(range(total)), []
    while left:
        pages.append(left[:page_size])
        left = left[page_size:]
    return pages


def items(page: Page, total: int) -> list[int]:
    return list(range(total))[page.start : page.stop]


@given(st.integers(0, 300), st.integers(1, 30), st.integers(1, 60))
def test_honest_pages(total: int, page_size: int, number: int) -> None:
    """An honest page has the items of a slice and the right totals."""
    pages, page = chunks(total, page_size), cut(total, number, page_size)
    assert items(page, total) == (pages[number - 1] if number <= len(pages) else [])
    assert (page.page, page.page_size, page.total_pages, page.total_results) == (number, page_size, len(pages), total)
    assert page.has_next is any(pages[number:])
    assert page.has_previous is (number > 1)
    assert 0 <= page.start <= page.stop <= total


@given(st.integers(0, 300), st.integers(1, 30))
def test_following_has_next_reads_everything_once(total: int, page_size: int) -> None:
    """A client that reads while `has_next` is true gets every item once, in order."""
    read, number, more = list[int](), 0, True
    while more:
        number += 1
        page = cut(total, number, page_size)
        read += items(page, total)
        more = page.has_next
    assert read == list(range(total))
    assert number == max(1, page.total_pages)


@pytest.mark.parametrize(
    ("total", "page", "expected"),
    [
        # total, page: total_pages, has_next, has_previous, start, stop; 20 to a page
        (0, 1, (0, False, False, 0, 0)),
        (0, 2, (0, False, True, 0, 0)),
        (1, 1, (1, False, False, 0, 1)),
        (19, 1, (1, False, False, 0, 19)),
        (20, 1, (1, False, False, 0, 20)),
        (20, 2, (1, False, True, 20, 20)),
        (21, 1, (2, True, False, 0, 20)),
        (21, 2, (2, False, True, 20, 21)),
        (21, 3, (2, False, True, 21, 21)),
        (40, 2, (2, False, True, 20, 40)),
        (41, 2, (3, True, True, 20, 40)),
        (41, 3, (3, False, True, 40, 41)),
        (41, 10**9, (3, False, True, 41, 41)),
    ],
)
def test_boundaries(total: int, page: int, expected: tuple[int, bool, bool, int, int]) -> None:
    """A full last page has no next one, one more item adds a page, and a page past the end is empty."""
    total_pages, has_next, has_previous, start, stop = expected
    assert cut(total, page, 20) == Page(page, 20, total_pages, total, has_next, has_previous, start, stop)


def test_pages_of_one() -> None:
    """A page may hold a single item."""
    assert [items(cut(3, number, 1), 3) for number in (1, 2, 3, 4)] == [[0], [1], [2], []]


def test_member_names() -> None:
    """The first six members have the names and the order of Clado's `pagination`."""
    assert Page._fields[:6] == ("page", "page_size", "total_pages", "total_results", "has_next", "has_previous")


def test_without_hostility() -> None:
    """A step without `pages`, or with empty `pages`, has honest pages."""
    assert cut(47, 2, 20, None) == cut(47, 2, 20, Pages()) == cut(47, 2, 20)


@pytest.mark.parametrize(("number", "shown"), [(1, range(20)), (2, range(0)), (3, range(40, 47)), (4, range(0))])
def test_empty(number: int, shown: range) -> None:
    """An `empty` page has no items although more pages follow; other pages and the counts stay honest."""
    page = cut(47, number, 20, Pages(empty=frozenset({2})))
    assert items(page, 47) == list(shown)
    assert page[:6] == cut(47, number, 20)[:6]


@pytest.mark.parametrize(
    ("repeat", "number", "shown"),
    [
        ({2: 1}, 1, range(20)),
        ({2: 1}, 2, range(20)),
        ({2: 1}, 3, range(40, 47)),
        ({1: 3}, 1, range(40, 47)),
        ({1: 9}, 1, range(0)),
        ({2: 1, 3: 2}, 3, range(20, 40)),
        ({4: 1}, 4, range(20)),
    ],
)
def test_repeat(repeat: Mapping[int, int], number: int, shown: range) -> None:
    """A `repeat` page has the items of another page under its own number; chains aren't followed."""
    page = cut(47, number, 20, Pages(repeat=repeat))
    assert items(page, 47) == list(shown)
    assert page[:6] == cut(47, number, 20)[:6]


def test_empty_beats_repeat() -> None:
    """A page in both `empty` and `repeat` is empty."""
    page = cut(47, 2, 20, Pages(empty=frozenset({2}), repeat={2: 1}))
    assert page.start == page.stop


@pytest.mark.parametrize(
    ("claimed", "number", "total_pages", "has_next"),
    [(0, 1, 0, False), (20, 1, 1, False), (21, 1, 2, True), (100, 3, 5, True), (100, 5, 5, False), (47, 2, 3, True)],
)
def test_total(claimed: int, number: int, total_pages: int, has_next: bool) -> None:
    """A claimed total changes the counts of the page, never its items."""
    page, honest = cut(47, number, 20, Pages(total=claimed)), cut(47, number, 20)
    assert (page.total_results, page.total_pages, page.has_next) == (claimed, total_pages, has_next)
    assert (page.start, page.stop, page.has_previous) == (honest.start, honest.stop, honest.has_previous)


@pytest.mark.parametrize(
    ("swap", "expected"),
    [
        ((), "abcde"),
        (((1, 5),), "ebcda"),
        (((5, 1),), "ebcda"),
        (((2, 2),), "abcde"),
        (((1, 2), (2, 3)), "bcade"),
        (((2, 3), (1, 2)), "cabde"),
        (((1, 2), (1, 2)), "abcde"),
        (((5, 6),), "abcde"),
        (((6, 5), (1, 2)), "bacde"),
    ],
)
def test_order(swap: tuple[tuple[int, int], ...], expected: str) -> None:
    """Pairs of `swap` are exchanged in their order, counted from 1; a pair beyond the end is ignored."""
    before = list("abcde")
    assert "".join(order(before, Pages(swap=swap))) == expected
    assert before == list("abcde")


def test_order_of_nothing() -> None:
    """Without swaps the same items are returned, also for an empty list."""
    whole = ["a", "b"]
    assert order(whole, None) is whole
    assert order(whole, Pages(total=3)) is whole
    assert list(order([], Pages(swap=((1, 2),)))) == []


STATED = [("has_next",), ("total_pages",), ("total_results",), (), ("page", "page_size"), Page._fields[:6]]


@pytest.mark.parametrize("stated", STATED)
@pytest.mark.parametrize("total", [0, 1, 2, 3, 4, 6])
def test_a_client_finds_the_last_page_by_what_pages_state(stated: tuple[str, ...], total: int) -> None:
    """Whatever an API states about its pages, following them reads all results, and at most one page more."""
    paging = Paging(page="p", size="s", default_size=2, stated={name: ("about", name) for name in stated})
    asked: dict[str, Any] | None = paging.first()
    read, pages = list[int](), 0
    while asked is not None and pages < 9:
        page = cut(total, asked["p"], 2)
        items = range(page.start, page.stop)
        read, pages = [*read, *items], pages + 1
        asked = paging.following({"about": {name: getattr(page, name) for name in stated}}, asked, len(items))
    assert read == list(range(total))
    assert pages <= max(1, -(-total // 2)) + (not {"has_next", "total_pages", "total_results"} & {*stated})
