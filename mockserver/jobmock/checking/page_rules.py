"""The rules for the pages of a job: the arithmetic of each page, and all pages together after the job has ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from ..engine.pagination import Page, Paging, cut
from .received_answer import ReceivedAnswer
from .violation import LiveViolation

_PAGINATION_MEMBERS = Page._fields[:6]


class PagesSeen:
    """The pages of one size that were seen since a job ended, and the total that the first of them stated."""

    __slots__ = ("ids_of", "page_of", "size", "total")

    def __init__(self, size: int, total: int) -> None:
        self.size, self.total = size, total
        self.ids_of: dict[int, frozenset[int] | None] = {}
        """The ids of the results that a page showed first, as digests; None if one has no id."""
        self.page_of: dict[int, int] = {}
        """The page that a result is on, by the result's digest."""


class Whole(NamedTuple):
    """The list of all results of an ended job: its length, and its ids as digests, None if a result has no id."""

    length: int
    ids: frozenset[int] | None


class PageRequest(NamedTuple):
    """The number and the size of a requested page."""

    page: int
    size: int


def comparable_page(answer: ReceivedAnswer, paging: Paging) -> PageRequest | None:
    """Return the page that an answer is for; None if it is for none, or doesn't say enough about it."""
    return _page_request(answer, paging) if _pagination(answer, paging) else None


def judge_page(answer: ReceivedAnswer, paging: Paging) -> Iterator[LiveViolation]:
    """Yield where a page isn't the requested one, or doesn't add up (schemas/clado/README.md#4.5)."""
    requested, stated = _page_request(answer, paging), _pagination(answer, paging)
    if requested is None or stated is None:
        return
    total = stated["total_results"]
    page = cut(total, *requested)
    for name in _PAGINATION_MEMBERS:
        expected = getattr(page, name)
        if type(stated[name]) is type(expected) and stated[name] != expected:  # another type breaks the schema
            text = (
                f"It says {stated[name]!r}; page {requested.page} of {total} results in pages of {requested.size}"
                f" makes it {expected!r}."
            )
            yield answer.violation("page-arithmetic", text, pointer=f"/{paging.page_object}/{name}")
    length, expected = len(_items(answer, paging)), page.stop - page.start
    if length != expected:
        where = f"page {requested.page} of {total} in pages of {requested.size}"
        text = f"The page holds {length} results, and {where} should hold {expected}."
        yield answer.violation("page-length", text, pointer=f"/{paging.items}")


def judge_with_earlier_pages(
    answer: ReceivedAnswer, paging: Paging, pages: PagesSeen | None, whole: Whole | None
) -> tuple[PagesSeen | None, list[LiveViolation]]:
    """Compare a page of an ended job with the earlier ones and the whole list.

    Return the pages seen until now, and the violations.
    """
    requested, stated = _page_request(answer, paging), _pagination(answer, paging)
    if requested is None or stated is None:
        return pages, []
    if pages is None or pages.size != requested.size:
        pages = PagesSeen(requested.size, stated["total_results"])
    found: list[LiveViolation] = []
    if stated["total_results"] != pages.total:
        text = f"The total is {stated['total_results']}, and a page before it said {pages.total}."
        found.append(answer.violation("page-total-changed", text, pointer=f"/{paging.page_object}/total_results"))
    page = requested.page
    others = {pages.page_of.setdefault(_digest(item), page) for item in _items(answer, paging)} - {page}
    if others:
        text = f"A result of page {page} is on page {min(others)} as well."
        found.append(answer.violation("page-overlap", text, pointer=f"/{paging.items}"))
    found += _contradictions(answer, paging, page, pages, whole)
    return pages, found


def whole_list(answer: ReceivedAnswer, paging: Paging) -> Whole | None:
    """Return the list of all results in an answer without pages; None if it has a page, or no list."""
    items = answer.body.get(paging.items)
    if paging.page in answer.query or not isinstance(items, list):
        return None
    return Whole(len(items), _ids(items, paging))


def judge_whole(
    answer: ReceivedAnswer, paging: Paging, pages: PagesSeen | None, whole: Whole | None
) -> Iterator[LiveViolation]:  # fmt: skip
    """Yield where the list of all results of an ended job is longer than the earlier pages said."""
    if whole and pages and whole.length > pages.total:
        text = f"There are {whole.length} results, and a page before it said {pages.total}."
        yield answer.violation("page-total-changed", text, pointer=f"/{paging.items}")


def _contradictions(
    answer: ReceivedAnswer, paging: Paging, page: int, pages: PagesSeen, whole: Whole | None
) -> Iterator[LiveViolation]:
    """Yield where a page contradicts the same page before, or the list of all results."""
    items, total = _items(answer, paging), pages.total
    ids = _ids(items, paging)
    before = pages.ids_of.setdefault(page, ids)
    stated = answer.body[paging.page_object]["total_results"]
    if whole and stated < whole.length:
        text = f"The total is {stated}, and an answer before it had {whole.length} results."
        if stated == total:  # else the pages contradict each other already
            yield answer.violation("page-total-changed", text, pointer=f"/{paging.page_object}/total_results")
    if ids is None:
        return
    if before is not None and before != ids:
        text = f"Page {page} shows others than the same page before it."
        yield answer.violation("page-changed", text, pointer=f"/{paging.items}")
    elif whole and whole.ids is not None and not ids <= whole.ids:
        text = f"Page {page} shows others than an answer before it that had all {whole.length} results."
        yield answer.violation("page-changed", text, pointer=f"/{paging.items}")


def _ids(items: list[Any], paging: Paging) -> frozenset[int] | None:
    ids = [paging.id_of(item) for item in items]
    return None if None in ids else frozenset(_digest(one) for one in ids)


def _page_request(answer: ReceivedAnswer, paging: Paging) -> PageRequest | None:
    try:
        page, size = int(answer.query[paging.page]), int(answer.query.get(paging.size, paging.default_size))
    except (KeyError, ValueError):
        return None
    return PageRequest(page, size) if page > 0 and size > 0 else None


def _pagination(answer: ReceivedAnswer, paging: Paging) -> Mapping[str, Any] | None:
    """Return what the answer states about its page; None if that already breaks the schema."""
    stated = answer.body.get(paging.page_object)
    if not isinstance(stated, dict) or not stated.keys() >= set(_PAGINATION_MEMBERS):
        return None
    total = stated["total_results"]
    return stated if type(total) is int and total >= 0 else None


def _items(answer: ReceivedAnswer, paging: Paging) -> list[Any]:
    items = answer.body.get(paging.items, [])
    return items if isinstance(items, list) else []


def _digest(item: Any) -> int:
    return hash(orjson.dumps(item))
