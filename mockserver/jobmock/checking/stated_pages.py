"""One page of results: the page that was requested, what the answer states about it, and whether that adds up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .. import json_pointer
from ..engine.pagination import Paging, cut
from .received_answer import ReceivedAnswer
from .violation import LiveViolation


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


def judge_page(answer: ReceivedAnswer, paging: Paging) -> Iterator[LiveViolation]:
    """Yield where a page isn't the requested one, or doesn't add up (schemas/clado/README.md#4.5)."""
    found = stated_page(answer, paging)
    if found is None:
        return
    requested, stated, total = found.requested, found.stated, found.total
    page = cut(total, *requested)
    for name, said in stated.items():
        expected = getattr(page, name)
        if type(said) is type(expected) and said != expected:  # another type breaks the schema
            text = (
                f"It says {said!r}; page {requested.page} of {total} results in pages of {requested.size}"
                f" makes it {expected!r}."
            )
            yield answer.violation("page-arithmetic", text, pointer=paging.pointer(name))
    length, expected = len(answer.results or []), page.stop - page.start
    if length != expected:
        where = f"page {requested.page} of {total} in pages of {requested.size}"
        text = f"The page holds {length} results, and {where} should hold {expected}."
        yield answer.violation("page-length", text, pointer=json_pointer.join(answer.api.results))


def _page_request(answer: ReceivedAnswer, paging: Paging) -> PageRequest | None:
    """Return which page was requested; None for none, for one by a cursor, and where that is no number."""
    if paging.has_cursors or not paging.is_page(answer.query):
        return None
    try:
        page, size = int(answer.query.get(paging.page, 1)), int(answer.query.get(paging.size, paging.default_size))
    except ValueError:
        return None
    return PageRequest(page, size) if page > 0 and size > 0 else None


def _pagination(answer: ReceivedAnswer, paging: Paging) -> Mapping[str, Any] | None:
    """Return what the answer states about its page; None if it has no total, or if that already breaks the schema."""
    if not all(json_pointer.has(answer.body, path) for path in paging.stated.values()):
        return None
    stated = {name: json_pointer.value_at(answer.body, path) for name, path in paging.stated.items()}
    total = stated.get("total_results")
    return stated if type(total) is int and total >= 0 else None
