"""Pagination: the arithmetic of pages, and the ways in which a step's `pages` break it on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from ..models import Pages

Item = TypeVar("Item")
_HONEST = Pages()


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

    `page` and `size` are query parameters, `default_size` is the size without one. `page_object` is the member of the
    body that describes the page (with the members of `Page`), `items` the one with its items. `identity` is the path of
    an item's id. `document` is the schema of such an answer.
    """

    page: str
    size: str
    default_size: int
    page_object: str
    items: str
    identity: tuple[str, ...]
    document: str

    def id_of(self, item: Any) -> Any:
        """Return the id of an item, None if it has none."""
        for name in self.identity:
            item = item.get(name) if isinstance(item, dict) else None
        return item


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
