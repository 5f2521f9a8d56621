"""One page of results: the page that was requested, what the answer states about it, and whether that adds up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..engine.pagination import Page, Paging, cut
from .received_answer import ReceivedAnswer
from .violation import LiveViolation

_PAGINATION_MEMBERS = Page._fields[:6]


class PageRequest(NamedTuple):
    """The number and the size of a requested page."""

    page: int
    size: int


class StatedPage(NamedTuple):
    """A requested page, and what the answer states about it."""

    requested: PageRequest
    stated: Mapping[str, Any]

    @property
    def total(self) -> int:
        """How many results there are, as the answer states it."""
        total: int = self.stated["total_results"]
        return total


def stated_page(answer: ReceivedAnswer, paging: Paging) -> StatedPage | None:
    """Return the page that an answer is for; None if it is for none, or doesn't say enough about it."""
    requested, stated = _page_request(answer, paging), _pagination(answer, paging)
    return None if requested is None or stated is None else StatedPage(requested, stated)


def results_of(answer: ReceivedAnswer, paging: Paging) -> list[Any]:
    """Return the results in an answer, none if there is no list of them."""
    items = answer.body.get(paging.items, [])
    return items if isinstance(items, list) else []


def judge_page(answer: ReceivedAnswer, paging: Paging) -> Iterator[LiveViolation]:
    """Yield where a page isn't the requested one, or doesn't add up (schemas/clado/README.md#4.5)."""
    found = stated_page(answer, paging)
    if found is None:
        return
    requested, stated, total = found.requested, found.stated, found.total
    page = cut(total, *requested)
    for name in _PAGINATION_MEMBERS:
        expected = getattr(page, name)
        if type(stated[name]) is type(expected) and stated[name] != expected:  # another type breaks the schema
            text = (
                f"It says {stated[name]!r}; page {requested.page} of {total} results in pages of {requested.size}"
                f" makes it {expected!r}."
            )
            yield answer.violation("page-arithmetic", text, pointer=f"/{paging.page_object}/{name}")
    length, expected = len(results_of(answer, paging)), page.stop - page.start
    if length != expected:
        where = f"page {requested.page} of {total} in pages of {requested.size}"
        text = f"The page holds {length} results, and {where} should hold {expected}."
        yield answer.violation("page-length", text, pointer=f"/{paging.items}")


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
