"""Counts lie around every boundary of pages; hostile pages have one fault, which a walk of them meets."""

from __future__ import annotations

from typing import Any

import pytest
from tests.strategies.drawing import draws, reached, same, simplest, some

from jobmock.engine.pagination import cut, order
from jobmock.errors import UsageError
from jobmock.models import Pages, Step
from jobmock.strategies import Paging, pagination
from jobmock.strategies.pages import HOSTILE


def walked(paging: Paging) -> list[list[int]]:
    """Return the people on each page of a walk over every page there is."""
    people = order(range(paging.count), paging.pages)
    number = -(-paging.count // paging.page_size)
    pages = [cut(paging.count, page + 1, paging.page_size, paging.pages) for page in range(number)]
    return [list(people[page.start : page.stop]) for page in pages]


def kind_of(paging: Paging) -> str:
    """Tell how a paging is hostile."""
    if paging.pages is None:
        return "growing" if paging.growing else "honest"
    (kind,) = (name for name in HOSTILE if getattr(paging.pages, name, None) not in (None, (), {}, frozenset()))
    return kind


@pytest.mark.parametrize("count", [0, 1, 6, 7, 8, 13, 14, 15, 20, 21, 22])
def test_every_boundary_is_reached(count: int) -> None:
    """None, one, a page and its multiples, one fewer and one more."""
    reached(pagination(page_size=7), lambda paging: paging.count == count)


def test_sizes_are_reached() -> None:
    """Pages have from one person to as many as allowed."""
    for size in (1, 2, 25, 100):
        reached(pagination().map(lambda paging: paging.page_size), same(size))
    few = draws(pagination(max_page_size=9, max_pages=2))
    assert all(paging.page_size <= 9 and paging.count <= 19 for paging in few)


@pytest.mark.parametrize("kind", HOSTILE)
def test_every_hostility_is_reached_alone(kind: str) -> None:
    """Each fault of pages is reached, `kinds` selects it alone, and each draw has exactly one."""
    reached(pagination(hostile=True), lambda paging: kind_of(paging) == kind)
    assert {kind_of(paging) for paging in some(pagination(hostile=True, kinds=[kind]))} == {kind}


def test_honest_pages_are_honest() -> None:
    """Without `hostile`, no pages are hostile."""
    assert {kind_of(paging) for paging in some(pagination())} == {"honest"}


@pytest.mark.parametrize(("kind", "lost", "twice"), [("empty", True, False), ("repeat", True, True)])
def test_a_walk_meets_the_fault(kind: str, lost: bool, twice: bool) -> None:
    """An empty page loses people although more follow; a repeated one shows some twice and others never."""
    for paging in some(pagination(hostile=True, kinds=[kind])):
        pages = walked(paging)
        seen = [person for page in pages for person in page]
        assert (len({*seen}) < paging.count) is lost
        assert (len(seen) > len({*seen})) is twice
        assert pages[-1] or kind != "empty"


def test_swapped_people_are_on_each_others_page() -> None:
    """Everybody is seen once, and two of them not where they belong."""
    for paging in some(pagination(hostile=True, kinds=["swap"])):
        honest = walked(Paging(count=paging.count, page_size=paging.page_size))
        pages = walked(paging)
        assert sorted(person for page in pages for person in page) == [*range(paging.count)]
        assert sum({*page} != {*other} for page, other in zip(pages, honest, strict=True)) == 2


def test_a_wrong_total_is_wrong() -> None:
    """The total that is claimed is above or below the true one, or none."""
    drawn = draws(pagination(hostile=True, kinds=["total"]))
    totals = [(paging.pages.total, paging.count) for paging in drawn if paging.pages]
    assert all(claimed is not None and claimed != count for claimed, count in totals)
    assert any((claimed or 0) > count for claimed, count in totals)
    assert any(0 < (claimed or 0) < count for claimed, count in totals)
    assert any(claimed == 0 for claimed, _ in totals)


def test_a_growing_list_is_a_status_that_is_repeated() -> None:
    """At each poll some more people are there, at last everybody."""
    paging = simplest(pagination(hostile=True, kinds=["growing"], page_size=2))
    assert (paging.count, paging.growing) == (3, (2,))
    first, last = paging.steps("completed")
    assert (first.status, first.results, first.after and first.after.polls) == ("completed", 2, 1)
    assert last == Step(status="completed")
    longer = reached(pagination(hostile=True, kinds=["growing"]), lambda drawn: len(drawn.growing) == 2)
    assert len(longer.steps("completed")) == 3


def test_hostile_steps_say_so() -> None:
    """A step with hostile pages declares it; without any there is nothing to declare."""
    pages = Pages(total=5)
    assert Paging(count=3, page_size=2, pages=pages).steps("completed") == (
        Step(status="completed", pages=pages, violates=frozenset({"pagination"})),
    )
    assert Paging(count=3, page_size=2).steps("completed") == (Step(status="completed"),)


def test_shrinking() -> None:
    """The simplest has nobody; the simplest hostile one has two people on two pages."""
    assert simplest(pagination()) == Paging(count=0, page_size=1)
    assert simplest(pagination(hostile=True)) == Paging(count=2, page_size=1, pages=Pages(empty=frozenset({1})))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"page_size": 0}, "'page_size' is a whole number from 1 to 1000, not 0."),
        ({"max_page_size": "9"}, "'max_page_size' is a whole number from 1 to 1000, not '9'."),
        ({"max_pages": 1, "hostile": True}, "'max_pages' is a whole number from 2 to 100, not 1."),
        ({"kinds": ["repeats"], "hostile": True}, "Unknown name in 'kinds': 'repeats'. Allowed: empty, repeat, "),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], message: str) -> None:
    """A wrong argument is named at once, with what is allowed."""
    with pytest.raises(UsageError) as caught:
        pagination(**arguments)
    assert message in str(caught.value)
