"""Strategies for pagination: counts around the boundaries of pages, and pages that break the rules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..models import After, Pages, Step
from ..pretty_printing import PrettyPrinted
from .arguments import allowed_names, bounded_int
from .steps import MAX_RESULTS

MAX_PAGE_SIZE, _MAX_PAGES = 1_000, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging(PrettyPrinted):
    """A number of people, the size of their pages, and the fault of the pages, if they are hostile.

    `growing` holds the number of visible people at each poll before all are visible: the list grows during the walk.
    """

    count: int
    page_size: int
    pages: Pages | None = None
    growing: tuple[int, ...] = ()

    def steps(self, status: str) -> tuple[Step, ...]:
        """Return the last steps of a progression that ends in `status` with these pages.

        Each page of a walk is a poll, so a growing list is a repeated status with more people each time.
        """
        earlier = (Step(status=status, results=seen, after=After(polls=1)) for seen in self.growing)
        violates = frozenset({"pagination"} if self.pages else ())
        return (*earlier, Step(status=status, pages=self.pages, violates=violates))


def pagination(
    *, hostile: bool = False, kinds: Collection[str] | None = None, page_size: int | None = None,
    max_page_size: int = 100, max_pages: int = 3,
) -> SearchStrategy[Paging]:  # fmt: skip
    """Return counts around each page boundary: 0, 1, and each multiple of the page size, one fewer and one more.

    `page_size` fixes the size of pages. With `hostile`, the pages have exactly one fault of HOSTILE (`kinds` selects
    some), which a walk in pages of this size meets. Growing lists have correct answers, and `growing` describes them.
    Raises UsageError.
    """
    most = bounded_int("max_pages", max_pages, 1, _MAX_PAGES)
    largest = bounded_int("max_page_size", max_page_size, 1, MAX_PAGE_SIZE)
    fixed = None if page_size is None else bounded_int("page_size", page_size, 1, MAX_PAGE_SIZE)
    sizes = st.integers(1, largest) if fixed is None else st.just(fixed)
    wanted = allowed_names("kinds", kinds, HOSTILE)
    if not hostile:
        return st.builds(_honest, page_boundaries(most), sizes)
    bounded_int("max_pages", most, 2, _MAX_PAGES)
    counts = page_boundaries(most, least=1)
    return st.one_of([st.builds(_HOSTILE_KINDS[kind], counts, sizes, _POSITIONS, _POSITIONS) for kind in wanted])


Boundary = tuple[int, int]
"""A number of full pages, and the number of people beyond them (negative for fewer)."""
_POSITIONS = st.integers(0, 59)


def page_boundaries(max_pages: int, least: int = 0) -> SearchStrategy[Boundary]:
    """Return boundaries; with `least` 1, there are more people than one page holds."""
    if least:
        return st.tuples(st.integers(1, max_pages - 1), st.integers(1, 2))
    around = [(full, more) for full in range(1, max_pages + 1) for more in (0, -1, 1)]
    return st.sampled_from([(0, 0), (0, 1), *around])


def count_at(boundary: Boundary, size: int) -> int:
    """Return the number of people at a boundary."""
    full, more = boundary
    return min(full * size + more, MAX_RESULTS)


def _honest(boundary: Boundary, size: int) -> Paging:
    return Paging(count=count_at(boundary, size), page_size=size)


def _empty(boundary: Boundary, size: int, first: int, second: int) -> Paging:
    """Make one page empty that says that another follows."""
    count = count_at(boundary, size)
    page = 1 + first % _pages_before_last(count, size)
    return Paging(count=count, page_size=size, pages=Pages(empty=frozenset({page})))


def _repeat(boundary: Boundary, size: int, first: int, second: int) -> Paging:
    """Make one page show the people of another."""
    count = count_at(boundary, size)
    earlier = _pages_before_last(count, size)
    shown = 1 + first % earlier
    page = shown + 1 + second % (earlier + 1 - shown)
    return Paging(count=count, page_size=size, pages=Pages(repeat={page: shown}))


def _swap(boundary: Boundary, size: int, first: int, second: int) -> Paging:
    """Swap two people across the end of a page."""
    count = count_at(boundary, size)
    end = size * (1 + first % _pages_before_last(count, size))
    swapped = (end - second % size, end + 1)
    return Paging(count=count, page_size=size, pages=Pages(swap=(swapped,)))


def _total(boundary: Boundary, size: int, first: int, second: int) -> Paging:
    """Claim a wrong total: none, one fewer, one more, a page more, many more."""
    count = count_at(boundary, size)
    claimed = (count + 1, count - 1, 0, count + size, 2 * count + first)[second % 5]
    return Paging(count=count, page_size=size, pages=Pages(total=claimed))


def _growing(boundary: Boundary, size: int, first: int, second: int) -> Paging:
    """Show only some people at first, so that more appear during the walk."""
    count = count_at(boundary, size)
    start = min(size * (1 + first % _pages_before_last(count, size)), count - 1)
    between = start + second % (count - start)
    return Paging(count=count, page_size=size, growing=tuple(sorted({start, between})))


def _pages_before_last(count: int, size: int) -> int:
    """Return how many pages come before the last one."""
    return -(-count // size) - 1


_HOSTILE_KINDS: Mapping[str, Callable[[Boundary, int, int, int], Paging]] = {
    "empty": _empty, "repeat": _repeat, "swap": _swap, "total": _total, "growing": _growing,
}  # fmt: skip
HOSTILE = tuple(_HOSTILE_KINDS)
"""Ways in which pages break the rules: those of the scenario language, and a list that grows during the walk."""
