"""Judges the pages of a job: each by its own arithmetic, and all of them together once the job has ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from ..engine.pagination import Page, Paging, cut
from .answer_rules import Answer
from .violation import LiveViolation

_TOLD = Page._fields[:6]


class Walk:
    """What the pages of a job that has ended said so far, for one size of page."""

    __slots__ = ("pages", "size", "total")

    def __init__(self, size: int, total: int) -> None:
        self.size, self.total = size, total
        self.pages: dict[int, int] = {}
        """Digest of a result → the page that it is on."""


class _Asked(NamedTuple):
    page: int
    size: int


def of_itself(answer: Answer, paging: Paging) -> Iterator[LiveViolation]:
    """Yield where a page isn't what was asked for, or doesn't add up (schemas/clado/README.md#4.5)."""
    asked, told = _asked(answer, paging), _told(answer, paging)
    if asked is None or told is None:
        return
    page = cut(told["total_results"], *asked)
    for name in _TOLD:
        expected = getattr(page, name)
        if type(told[name]) is type(expected) and told[name] != expected:  # another type is the schema's matter
            text = (
                f"It says {told[name]!r}; page {asked.page} of {told['total_results']} results in pages of {asked.size}"
                f" makes it {expected!r}."
            )
            yield answer.violation("page-arithmetic", text, pointer=f"/{paging.told}/{name}")
    length, expected = len(_items(answer, paging)), page.stop - page.start
    if length != expected:
        where = f"page {asked.page} of {told['total_results']} in pages of {asked.size}"
        text = f"The page holds {length} results, and {where} should hold {expected}."
        yield answer.violation("page-length", text, pointer=f"/{paging.items}")


def together(answer: Answer, paging: Paging, walk: Walk | None) -> tuple[Walk | None, list[LiveViolation]]:
    """Hold a page of an ended job against those before it; return the walk as it stands now."""
    asked, told = _asked(answer, paging), _told(answer, paging)
    if asked is None or told is None:
        return walk, []
    if walk is None or walk.size != asked.size:
        walk = Walk(asked.size, told["total_results"])
    found: list[LiveViolation] = []
    if told["total_results"] != walk.total:
        text = f"The total is {told['total_results']}, and a page before it said {walk.total}."
        found.append(answer.violation("page-total-changed", text, pointer=f"/{paging.told}/total_results"))
    first = {walk.pages.setdefault(_digest(item), asked.page) for item in _items(answer, paging)} - {asked.page}
    if first:
        text = f"A result of page {asked.page} is on page {min(first)} as well."
        found.append(answer.violation("page-overlap", text, pointer=f"/{paging.items}"))
    return walk, found


def _asked(answer: Answer, paging: Paging) -> _Asked | None:
    try:
        page, size = int(answer.query[paging.page]), int(answer.query.get(paging.size, paging.usual))
    except (KeyError, ValueError):
        return None
    return _Asked(page, size) if page > 0 and size > 0 else None


def _told(answer: Answer, paging: Paging) -> Mapping[str, Any] | None:
    """Return what the answer says of its page; None where the schema has something against it already."""
    told = answer.body.get(paging.told)
    if not isinstance(told, dict) or not told.keys() >= set(_TOLD) or type(told["total_results"]) is not int:
        return None
    return told if told["total_results"] >= 0 else None


def _items(answer: Answer, paging: Paging) -> list[Any]:
    items = answer.body.get(paging.items, [])
    return items if isinstance(items, list) else []


def _digest(item: Any) -> int:
    return hash(orjson.dumps(item))
