"""Cuts a list into pages: pure arithmetic, and the ways a step's `pages` may break it on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from ..models import Pages

Item = TypeVar("Item")
HONEST = Pages()


class Page(NamedTuple):
    """One page: the items from `start` until before `stop`, and what the answer says of the whole."""

    page: int
    page_size: int
    total_pages: int
    total_results: int
    has_next: bool
    has_previous: bool
    start: int
    stop: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """How an API that has pages asks for one, and where its status answers tell of it.

    `page` and `size` are parameters of the query, `usual` the size without one; `told` and `items` are members of the
    body, the former with the members of `Page`; `document` is that of an answer with a page.
    """

    page: str
    size: str
    usual: int
    told: str
    items: str
    document: str


def cut(total: int, page: int, page_size: int, pages: Pages | None = None) -> Page:
    """Cut page `page` (from 1) of `total` items. A page past the end is empty and has a previous one.

    With no items there are 0 pages (apis/clado §11 #11, #12).
    """
    pages = pages or HONEST
    claimed = total if pages.total is None else pages.total
    total_pages = -(-claimed // page_size)
    shown = pages.repeat.get(page, page)
    start = min((shown - 1) * page_size, total)
    stop = start if page in pages.empty else min(start + page_size, total)
    return Page(page, page_size, total_pages, claimed, page < total_pages, page > 1, start, stop)


def order(items: Sequence[Item], pages: Pages | None) -> Sequence[Item]:
    """Return the items with the swapped pairs in each other's place; pairs beyond the end stay."""
    if not pages or not pages.swap:
        return items
    ordered = list(items)
    for first, second in pages.swap:
        if max(first, second) <= len(ordered):
            ordered[first - 1], ordered[second - 1] = ordered[second - 1], ordered[first - 1]
    return ordered
