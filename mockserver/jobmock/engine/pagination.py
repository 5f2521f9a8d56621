"""Pagination: the arithmetic of pages, and the ways in which a step's `pages` break it on purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from .. import json_pointer
from ..models import Pages

Item = TypeVar("Item")
_HONEST = Pages()
CURSOR = "next_cursor"
"""The name of the cursor of the next page, among the names of what a page states."""


class Page(NamedTuple):
    """One page: its items are those from `start` up to but not including `stop`; the rest describes the whole list."""

    page: int
    page_size: int
    total_pages: int
    total_results: int
    has_next: bool
    has_previous: bool
    start: int
    stop: int


class Paging(NamedTuple):
    """The names that an API uses for pagination.

    `page` and `size` are query parameters, `default_size` is the size without one, `largest_size` the largest.
    `stated` is where the body describes the page: a member of `Page`, or CURSOR, → its path. With CURSOR, `page` takes
    the cursor of a page and not its number; the first page has none. `identity` is the path of an item's id.

    An answer to a request without `page` has the first page, or the whole list if `page` `is_optional`. `document` is
    the schema of a page, if that isn't the one of the whole list.
    """

    page: str = "page"
    size: str = "page_size"
    default_size: int = 20
    largest_size: int = 100
    stated: Mapping[str, tuple[str, ...]] = {}
    identity: tuple[str, ...] = ("id",)
    is_optional: bool = False
    document: str | None = None

    @property
    def has_cursors(self) -> bool:
        """Whether a page is requested by a cursor that the page before it had."""
        return CURSOR in self.stated

    def is_page(self, query: Mapping[str, str]) -> bool:
        """Return whether the answer to a request with this query is a page."""
        return not self.is_optional or self.page in query

    def first(self) -> dict[str, Any]:
        """Return the parameters of the request for the first page."""
        return {} if self.has_cursors else {self.page: 1}

    def following(self, body: Any, asked: Mapping[str, Any], count: int) -> dict[str, Any] | None:
        """Return the parameters of the request for the page after one with so many items; None if it is the last.

        It is by the first of these that a page states: whether one follows, how many there are, how many items there
        are. Without any of them, a page follows a full one.
        """
        if self.has_cursors:
            cursor = self.stated_by(body, CURSOR)
            return None if cursor is None else {self.page: cursor}
        number, size = asked[self.page], asked.get(self.size, self.default_size)
        read = {"has_next": 0, "total_pages": number, "total_results": number * size}
        name = next((name for name in read if name in self.stated), None)
        known = count if name is None else self.stated_by(body, name)
        more = count >= size if name is None else isinstance(known, int) and known > read[name]
        return {self.page: number + 1} if more else None

    def id_of(self, item: Any) -> Any:
        """Return the id of an item, None if it has none."""
        return json_pointer.value_at(item, self.identity)

    def pointer(self, name: str) -> str:
        """Return where the body states a member of `Page`, as a JSON Pointer; the whole body if nowhere."""
        return json_pointer.join(self.stated.get(name, ()))

    def stated_by(self, body: Any, name: str) -> Any:
        """Return what a body states about its page, None if it doesn't."""
        return json_pointer.value_at(body, self.stated[name]) if name in self.stated else None


def cut(total: int, page: int, page_size: int, pages: Pages | None = None) -> Page:
    """Return page `page` (from 1) of `total` items. A page past the end is empty and has a previous page.

    With no items there are 0 pages (schemas/clado/README.md#11.11,#11.12).
    """
    pages = pages or _HONEST
    claimed = total if pages.total is None else pages.total
    total_pages = -(-claimed // page_size)
    shown = pages.repeat.get(page, page)
    start = min((shown - 1) * page_size, total)
    stop = start if page in pages.empty else min(start + page_size, total)
    return Page(page, page_size, total_pages, claimed, page < total_pages, page > 1, start, stop)


def order(items: Sequence[Item], pages: Pages | None) -> Sequence[Item]:
    """Return the items with the pairs of `swap` exchanged. Pairs beyond the end are ignored."""
    if not pages or not pages.swap:
        return items
    ordered = list(items)
    for first, second in pages.swap:
        if max(first, second) <= len(ordered):
            ordered[first - 1], ordered[second - 1] = ordered[second - 1], ordered[first - 1]
    return ordered
