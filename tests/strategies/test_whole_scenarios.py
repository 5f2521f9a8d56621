"""Whole scenarios compile without a warning, hold everything the language can say, and shrink to the least of runs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st
from tests.strategies.drawing import draws, reached

from jobmock import apis
from jobmock.errors import UsageError
from jobmock.models import Scenario
from jobmock.strategies import scenarios

APIS = apis.names()
PAGED = ("clado",)


@pytest.mark.parametrize("api", PAGED)
def test_counts_lie_around_pages(api: str) -> None:
    """There are as many people as make an empty page, one person, a page, one fewer, one more, and so on."""
    counts = {drawn.results.count for drawn in draws(scenarios(api, max_steps=1, max_faults=0), 300)}
    assert counts == {0, 1, 24, 25, 26, 49, 50, 51}


def test_the_same_seed_draws_the_same() -> None:
    """Hypothesis' seed alone decides the draws."""
    first, again, other = (draws(scenarios("clado"), 30, by=seed) for seed in (7, 7, 8))
    assert first == again
    assert first != other


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"api": "cladoo"}, "Did you mean 'clado'?"),
        ({"api": "orbit", "hostile": True}, "The answers of 'orbit' have no pages"),
        ({"hostile": True, "ends": ["error"]}, "Unknown name in 'ends': 'error'. Allowed: completed."),
        ({"page_size": 0}, "'page_size' is a whole number from 1 to 1000, not 0."),
        ({"run_shapes": ["partial_only"]}, "Unknown name in 'run_shapes': 'partial_only'."),
        ({"api": "orbit", "run_shapes": ["partial_ony"]}, "Did you mean 'partial_only'?"),
        ({"api": "orbit", "run_shapes": ["candidate_discovery"], "ends": ["generating_sections"]}, "Allowed: "),
        ({"max_faults": 2.5}, "'max_faults' is a whole number from 0 to 1000, not 2.5."),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], message: str) -> None:
    """A wrong argument is named at once, with what is allowed."""
    with pytest.raises(UsageError) as caught:
        scenarios(**{"api": "clado", **arguments})
    assert message in str(caught.value)


def test_from_type() -> None:
    """`st.from_type(Scenario)` draws the scenarios of every API."""
    every = st.from_type(Scenario)
    assert {drawn.api for drawn in draws(every)} == {*APIS}
    assert reached(every, lambda drawn: drawn.faults)
