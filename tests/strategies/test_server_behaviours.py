"""Everything that a server may do to a polling client can be played, and each kind can be left out."""

from __future__ import annotations

from typing import Any

import pytest
from tests.strategies.drawing import draws, reached, some

from jobmock import apis
from jobmock.engine.progression import ABSENT
from jobmock.errors import UsageError
from jobmock.strategies import behaviours
from jobmock.strategies.vocabulary import UNKNOWN_STATUS

KINDS: dict[str, Any] = {
    "absent": lambda drawn: any(step.status == ABSENT for step in drawn.progression),
    "stuck": lambda drawn: drawn.progression[-1].status not in apis.load(drawn.api).terminal,
    "unknown": lambda drawn: any(step.status == UNKNOWN_STATUS for step in drawn.progression),
    "hostile": lambda drawn: any(step.pages for step in drawn.progression),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_can_be_drawn_and_left_out(kind: str) -> None:
    """Each kind is reached by default, and is left out when its flag is False."""
    assert reached(behaviours("clado"), KINDS[kind])
    assert not any(KINDS[kind](drawn) for drawn in some(behaviours("clado", **{kind: False}), 150))


def test_people_lie_around_the_boundaries_of_the_clients_pages() -> None:
    """With pages of 7 there are 0, 1, 6, 7, 8, 13, 14 or 15 people, unless pages are hostile."""
    counts = {drawn.results.count for drawn in draws(behaviours("clado", page_size=7, hostile=False), 200)}
    assert counts == {0, 1, 6, 7, 8, 13, 14, 15}


@pytest.mark.parametrize("wrong", [{"page_size": 0}, {"max_faults": -1}, {"max_steps": 0}])
def test_wrong_arguments(wrong: dict[str, int]) -> None:
    """An argument out of its bounds is named with them."""
    ((name, value),) = wrong.items()
    with pytest.raises(UsageError, match=f"'{name}' is a whole number from .* to .*, not {value}"):
        behaviours("clado", **wrong)  # type: ignore[arg-type]
