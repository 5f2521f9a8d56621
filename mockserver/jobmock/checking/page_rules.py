"""The rules for the pages of a job that has ended: all pages together, and the list of all results."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .. import json_pointer
from ..dialect.api import Api
from .job_answers import JobAnswer, PageSeen
from .violation import LiveViolation


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


def judge_with_earlier_pages(
    answer: JobAnswer, api: Api, pages: PagesSeen | None, whole: Whole | None
) -> tuple[PagesSeen | None, list[LiveViolation]]:
    """Compare a page of an ended job with the earlier ones and the whole list.

    Return the pages seen until now, and the violations.
    """
    seen = answer.page
    if seen is None:
        return pages, []
    if pages is None or pages.size != seen.size:
        pages = PagesSeen(seen.size, seen.total)
    found: list[LiveViolation] = []
    if seen.total != pages.total:
        text = f"The total is {seen.total}, and a page before it said {pages.total}."
        found.append(answer.violation("page-total-changed", text, pointer=_total(api)))
    others = {pages.page_of.setdefault(result, seen.page) for result in seen.results} - {seen.page}
    if others:
        text = f"A result of page {seen.page} is on page {min(others)} as well."
        found.append(answer.violation("page-overlap", text, pointer=json_pointer.join(api.results)))
    found += _contradictions(answer, seen, api, pages, whole)
    return pages, found


def judge_whole(
    answer: JobAnswer, api: Api, pages: PagesSeen | None, whole: Whole | None
) -> Iterator[LiveViolation]:  # fmt: skip
    """Yield where the list of all results of an ended job is longer than the earlier pages said."""
    if whole and pages and whole.length > pages.total:
        text = f"There are {whole.length} results, and a page before it said {pages.total}."
        yield answer.violation("page-total-changed", text, pointer=json_pointer.join(api.results))


def _contradictions(
    answer: JobAnswer, seen: PageSeen, api: Api, pages: PagesSeen, whole: Whole | None
) -> Iterator[LiveViolation]:
    """Yield where a page contradicts the same page before, or the list of all results."""
    before = pages.ids_of.setdefault(seen.page, seen.ids)
    if whole and seen.total < whole.length and seen.total == pages.total:  # else the pages contradict each other
        text = f"The total is {seen.total}, and an answer before it had {whole.length} results."
        yield answer.violation("page-total-changed", text, pointer=_total(api))
    if seen.ids is None:
        return
    if before is not None and before != seen.ids:
        text = f"Page {seen.page} shows others than the same page before it."
        yield answer.violation("page-changed", text, pointer=json_pointer.join(api.results))
    elif whole and whole.ids is not None and not seen.ids <= whole.ids:
        text = f"Page {seen.page} shows others than an answer before it that had all {whole.length} results."
        yield answer.violation("page-changed", text, pointer=json_pointer.join(api.results))


def _total(api: Api) -> str:
    """Return where a page states the total."""
    return api.paging.pointer("total_results") if api.paging else ""
