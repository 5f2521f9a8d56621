"""Numbers of people around the boundaries of pages, and pages that break the rules of paging."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..models import After, Pages, Step
from ..printing import Printed
from .arguments import several, within
from .steps import MOST_RESULTS

MOST_SIZE, _MOST_PAGES = 1_000, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging(Printed):
    """How many people there are, in pages of what size, and how their pages are hostile, if they are.

    `growing` is how many people are visible at each poll before all are: the list grows while it is walked.
    """

    count: int
    page_size: int
    pages: Pages | None = None
    growing: tuple[int, ...] = ()

    def steps(self, status: str) -> tuple[Step, ...]:
        """Return the steps with which a progression that ends in `status` shows this.

        A walk of pages is made of polls, so a list that grows is a status that is repeated with more people.
        """
        earlier = (Step(status=status, results=seen, after=After(polls=1)) for seen in self.growing)
        violates = frozenset({"pagination"} if self.pages else ())
        return (*earlier, Step(status=status, pages=self.pages, violates=violates))


def pagination(
    *, hostile: bool = False, kinds: Collection[str] | None = None, page_size: int | None = None,
    max_page_size: int = 100, max_pages: int = 3,
) -> SearchStrategy[Paging]:  # fmt: skip
    """Return counts around each boundary: none, one, a page and its multiples, one fewer and one more.

    `page_size` fixes the size. Hostile ones have exactly one fault, of HOSTILE, that a walk in pages of this size
    meets; `kinds` selects. Growing lists are honest in each answer, and told by `growing`. Raises UsageError.
    """
    most = within("max_pages", max_pages, 1, _MOST_PAGES)
    largest = within("max_page_size", max_page_size, 1, MOST_SIZE)
    fixed = None if page_size is None else within("page_size", page_size, 1, MOST_SIZE)
    sizes = st.integers(1, largest) if fixed is None else st.just(fixed)
    wanted = several("kinds", kinds, HOSTILE)
    if not hostile:
        return st.builds(_honest, counts(most), sizes)
    within("max_pages", most, 2, _MOST_PAGES)
    spoilt = [st.builds(_HOSTILE[kind], counts(most, least=1), sizes, _PLACES, _PLACES) for kind in wanted]
    return st.one_of(spoilt)


Boundary = tuple[int, int]
"""A number of full pages, and how many people more (or fewer)."""
_PLACES = st.integers(0, 59)


def counts(max_pages: int, least: int = 0) -> SearchStrategy[Boundary]:
    """Return boundaries; with `least` 1 there are at least one page and one person more."""
    if least:
        return st.tuples(st.integers(1, max_pages - 1), st.integers(1, 2))
    around = [(full, more) for full in range(1, max_pages + 1) for more in (0, -1, 1)]
    return st.sampled_from([(0, 0), (0, 1), *around])


def people_at(boundary: Boundary, size: int) -> int:
    """Return the number of people at a boundary."""
    full, more = boundary
    return min(full * size + more, MOST_RESULTS)


def _honest(boundary: Boundary, size: int) -> Paging:
    return Paging(count=people_at(boundary, size), page_size=size)


def _empty(boundary: Boundary, size: int, first: int, second: int) -> Paging:
    """Make a page empty that is said to be followed by more."""
    count = people_at(boundary, size)
    return Paging(count=count, page_size=size, pages=Pages(empty=frozenset({1 + first % _before_last(count, size)})))


def _repeat(boundary: Boundary, size: int, first: int, second: int) -> Paging:
    """Make a page show the people of another one."""
    count = people_at(boundary, size)
    earlier = _before_last(count, size)
    shown = 1 + first % earlier
    page = shown + 1 + second % (earlier + 1 - shown)
    return Paging(count=count, page_size=size, pages=Pages(repeat={page: shown}))


def _swap(boundary: Boundary, size: int, first: int, second: int) -> Paging:
    """Let two people change places across the end of a page."""
    count = people_at(boundary, size)
    end = size * (1 + first % _before_last(count, size))
    swapped = (end - second % size, end + 1)
    return Paging(count=count, page_size=size, pages=Pages(swap=(swapped,)))


def _total(boundary: Boundary, size: int, first: int, second: int) -> Paging:
    """Claim another total than there is: none, some fewer, some more, a page more."""
    count = people_at(boundary, size)
    claimed = (count + 1, count - 1, 0, count + size, 2 * count + first)[second % 5]
    return Paging(count=count, page_size=size, pages=Pages(total=claimed))


def _growing(boundary: Boundary, size: int, first: int, second: int) -> Paging:
    """Show only some people at first, so that more come while the pages are walked."""
    count = people_at(boundary, size)
    start = min(size * (1 + first % _before_last(count, size)), count - 1)
    between = start + second % (count - start)
    return Paging(count=count, page_size=size, growing=tuple(sorted({start, between})))


def _before_last(count: int, size: int) -> int:
    """Return how many pages come before the last one."""
    return -(-count // size) - 1


_HOSTILE: Mapping[str, Callable[[Boundary, int, int, int], Paging]] = {
    "empty": _empty, "repeat": _repeat, "swap": _swap, "total": _total, "growing": _growing,
}  # fmt: skip
HOSTILE = tuple(_HOSTILE)
"""How pages break the rules: the language's words for it, and a list that grows while it is walked."""
