"""Rules about the page walk: the pages that a client reads, beginning with the answer that showed the job's end.

A walk that goes back to page 1 with another size is a new walk, so a poll with a page of one person isn't part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from ..models import Exchange, PageInfo
from .evidence import Evidence
from .history import History
from .reads_after_end import failing_pages, repeated_polls, visits
from .received_answers import ReceivedAnswers


class PageRead(NamedTuple):
    """One page that was read: the exchange's number, and the pagination of its answer."""

    number: int
    page: PageInfo


def page_missed(history: History) -> Iterator[Evidence]:
    """Yield the missing page if a client walked the pages of a success, and no walk is complete.

    The walk of a job may be shared by workers. Full pages that were read while the job was running are part of it.
    """
    reads, answers = history.reads_after_ends[-1], history.answers
    if not reads or not answers.is_success(reads[0]) or _may_miss_pages(history, reads):
        return
    walks = _walks(read for read in reads if answers.is_delivered(read) or answers.is_doubtful(read))
    before = _full_pages_before(history, reads[0])
    gaps = [gap for walk in walks if (gap := _missing_page(walk, before))]
    if gaps and len(gaps) == len(walks):
        yield gaps[-1]


def page_repeated(history: History) -> Iterator[Evidence]:
    """Yield each page that is read twice; the page of the poll that showed the end may be, to begin the walk."""
    for walk, end in _walks_with_ends(history):
        seen: dict[tuple[int, int], int] = {}
        again = walk[0].page if walk[0].number == end else None
        for number, page in walk:
            first = seen.setdefault(page[:2], number)
            if first != number and page[:2] == (again and again[:2]):
                again = None
            elif first != number:
                text = f"request {number} reads page {page.page} of size {page.size}, as request {first} did"
                yield Evidence((first, number), text)


def page_past_end(history: History) -> Iterator[Evidence]:
    """Yield each page that is read after a page said that none follows."""
    for walk, _ in _walks_with_ends(history):
        last: dict[int, PageRead] = {}
        for read in walk:
            number, page = read
            end = last.get(page.size)
            if end and page.page > end.page.page:
                text = f"request {number} reads page {page.page}; page {end.page.page} had said that none follows"
                yield Evidence((end.number, number), f"{text} (request {end.number})")
            elif not page.has_next:
                last[page.size] = read


def page_size_changed(history: History) -> Iterator[Evidence]:
    """Yield each page that is read with another size than the page before it."""
    for walk, _ in _walks_with_ends(history):
        for before, after in pairwise(walk):
            if before.page.size != after.page.size:
                new = f"request {after.number} reads page {after.page.page} with size {after.page.size}"
                old = f"request {before.number} read page {before.page.page} with size {before.page.size}"
                yield Evidence((before.number, after.number), f"{new}, {old}")


def _may_miss_pages(history: History, reads: Sequence[Exchange]) -> bool:
    """Return whether pages may be missing without a fault of the client.

    One answer after the walk's beginning may have held everybody, the journal may have lost the beginning of the walk,
    or the walk may have ended with a failure, of any page if pages are read side by side. How a client handles an error
    in its last answer is for another rule.
    """
    answers, last = history.answers, reads[-1]
    paged = [read.number for read in reads if read.page is not None]
    whole = [read.number for read in reads if read.page is None and _may_have_results(answers, read)]
    if not paged or (whole and whole[-1] > paged[0]):
        return True
    if not history.complete and reads[0] is history.status_requests[0]:
        return True
    if history.outcome is None and (not answers.is_delivered(last) or failing_pages(history)):
        return True
    return answers.is_error(last) or (history.outcome is not None and history.outcome.ended == "raised")


def _may_have_results(answers: ReceivedAnswers, read: Exchange) -> bool:
    """Return whether the client may have got results in the answer to a read."""
    if read.operation != answers.api.results_operation:
        return False
    shows = answers.is_end if read.operation == "status" else answers.is_accepted
    return answers.is_doubtful(read) or shows(read)


def _full_pages_before(history: History, end: Exchange) -> set[tuple[int, int]]:
    """Return number and size of the pages that were full before the job's end: those that said that one follows."""
    reads = [one for one in history.exchanges if one.operation in history.answers.api.reads]
    read = [one for one in reads if one.number < end.number and history.answers.is_delivered(one)]
    return {one.page[:2] for one in read if one.page is not None and one.page.has_next}


def _walks_with_ends(history: History) -> Iterator[tuple[list[PageRead], int]]:
    """Yield each walk of a worker over delivered pages, with the number of the exchange that showed the end."""
    for part in history.worker_parts:
        for reads in filter(None, part.reads_after_ends):
            polls, longest = repeated_polls(part, reads), part.longest_pauses[reads[0].number]
            for visit in visits(reads, history.time, longest, history.settings.scale):
                delivered = (one for one in visit if history.answers.is_delivered(one) and one.number not in polls)
                for walk in _walks(delivered):
                    yield walk, reads[0].number


def _walks(reads: Iterable[Exchange]) -> list[list[PageRead]]:
    walks: list[list[PageRead]] = []
    for exchange in reads:
        if (page := exchange.page) is None:
            continue
        if not walks or (page.page == 1 and page.size != walks[-1][-1].page.size):
            walks.append([])
        walks[-1].append(PageRead(exchange.number, page))
    return walks


def _missing_page(walk: Sequence[PageRead], before: set[tuple[int, int]]) -> Evidence | None:
    """Return evidence of the first missing page of a walk, between its pages or after them; None without one."""
    pages = {read.page.page: read for read in walk}
    top = pages[max(pages)]
    read_before = {page for page, size in before if size == top.page.size}
    missing = sorted(set(range(1, top.page.page)) - pages.keys() - read_before)
    if not missing and not top.page.has_next:
        return None
    lacks = f"page {missing[0]}, before it," if missing else "the page that it says follows"
    text = f"request {top.number} read page {top.page.page}, and {lacks} was never read"
    return Evidence((top.number,), text)
