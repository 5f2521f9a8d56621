"""Rules about the page walk: what is read, page by page, from the answer on that told the job's end.

A walk that goes back to page 1 with another size begins anew: a poll with a page of one person is no part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from ..models import Exchange, Told
from .story import Evidence, Story


class Read(NamedTuple):
    """One page that was read: the exchange's number, and what the page said of itself."""

    number: int
    page: Told


def page_missed(story: Story) -> Iterator[Evidence]:
    """Yield what is missing if the client walked the pages of a success, and no walk has them all."""
    reads, answers = story.ends[-1], story.answers
    if not reads or not answers.succeeds(reads[0]) or _excused(story, reads):
        return
    walks = _walks(read for read in reads if answers.delivered(read) or answers.doubtful(read))
    gaps = [gap for walk in walks if (gap := _gap(walk))]
    if gaps and len(gaps) == len(walks):
        yield gaps[-1]


def page_repeated(story: Story) -> Iterator[Evidence]:
    """Yield each page that is read twice; the poll that told the end may be read once more, to begin the walk."""
    for walk, end in _all_walks(story):
        seen: dict[tuple[int, int], int] = {}
        again = walk[0].page if walk[0].number == end else None
        for number, page in walk:
            first = seen.setdefault(page[:2], number)
            if first != number and page[:2] == (again and again[:2]):
                again = None
            elif first != number:
                text = f"request {number} reads page {page.page} of size {page.size}, as request {first} did"
                yield Evidence((first, number), text)


def page_past_end(story: Story) -> Iterator[Evidence]:
    """Yield each page that is read although a page before it said that none follows."""
    for walk, _ in _all_walks(story):
        last: dict[int, Read] = {}
        for read in walk:
            number, page = read
            end = last.get(page.size)
            if end and page.page > end.page.page:
                text = f"request {number} reads page {page.page}; page {end.page.page} had said that none follows"
                yield Evidence((end.number, number), f"{text} (request {end.number})")
            elif not page.has_next:
                last[page.size] = read


def page_size_changed(story: Story) -> Iterator[Evidence]:
    """Yield each page after the first that is read with another size than the page before it."""
    for walk, _ in _all_walks(story):
        for before, after in pairwise(walk):
            if before.page.size != after.page.size:
                new = f"request {after.number} reads page {after.page.page} with size {after.page.size}"
                old = f"request {before.number} read page {before.page.page} with size {before.page.size}"
                yield Evidence((before.number, after.number), f"{new}, {old}")


def _excused(story: Story, reads: Sequence[Exchange]) -> bool:
    """Say whether pages may be missing without the client passing over them.

    It may have them all in one answer; its walk may have begun before the journal does; or it was still at it when it
    failed. What a client makes of an error that is its last answer is another rule's matter.
    """
    answers, last = story.answers, reads[-1]
    if any(read.page is None and (answers.ends(read) or answers.doubtful(read)) for read in reads):
        return True
    if not story.whole and reads[0] is story.reads[0]:
        return True
    lost = not answers.delivered(last) and not answers.doubtful(last)
    return story.outcome == "raised" or answers.failed(last) or (lost and story.outcome is None)


def _all_walks(story: Story) -> Iterator[tuple[list[Read], int]]:
    """Yield each walk over delivered pages, and the number of the exchange that told the end."""
    for reads in filter(None, story.ends):
        polls = story.polls_on(reads)
        for walk in _walks(read for read in reads if story.answers.delivered(read) and read.number not in polls):
            yield walk, reads[0].number


def _walks(reads: Iterable[Exchange]) -> list[list[Read]]:
    walks: list[list[Read]] = []
    for exchange in reads:
        if (page := exchange.page) is None:
            continue
        if not walks or (page.page == 1 and page.size != walks[-1][-1].page.size):
            walks.append([])
        walks[-1].append(Read(exchange.number, page))
    return walks


def _gap(walk: Sequence[Read]) -> Evidence | None:
    """Return what is missing of a walk: a page between, or what follows the highest page; None if nothing is."""
    pages = {read.page.page: read for read in walk}
    top = pages[max(pages)]
    missing = sorted(set(range(1, top.page.page)) - pages.keys())
    if not missing and not top.page.has_next:
        return None
    lacks = f"page {missing[0]}, before it," if missing else "the page that it says follows"
    text = f"request {top.number} read page {top.page.page}, and {lacks} was never read"
    return Evidence((top.number,), text)
