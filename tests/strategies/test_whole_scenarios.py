"""Whole scenarios compile without a warning, hold everything the language can say, and shrink to the least of runs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st
from tests.campaigns.shrinking import has_all_three, is_least
from tests.strategies.drawing import draws, reached, simplest, some

from jobmock import apis, catalogue, scenario
from jobmock.catalogue.scenario_validation import check_scenario
from jobmock.errors import UsageError
from jobmock.models import Results, Scenario, Step
from jobmock.strategies import rate_limit_storms, scenarios
from jobmock.strategies.vocabulary import operation_names, run_shapes, statuses, switch_values, terminal_statuses

APIS = apis.names()
PAGED = ("clado",)
SEEDS = (3, 2, *range(20))
"""Of searches; those that find the least soon, with the Hypothesis of today, come first."""


def flawless(drawn: Scenario) -> bool:
    """Say whether a scenario may be played, and is read back from its own text."""
    catalogue.compile_scenario(drawn)
    return check_scenario(drawn)[1] == [] and scenario.from_text(scenario.to_text(drawn), name=drawn.name) == drawn


@pytest.mark.parametrize("api", APIS)
def test_every_scenario_compiles_without_a_warning(api: str) -> None:
    """Of any shape, with any end, absences and continuations; and the language can write it."""
    every = scenarios(api, ends=statuses(apis.load(api)), absent=True)
    assert all(flawless(drawn) for drawn in some(every, 60))


@pytest.mark.parametrize("api", PAGED)
def test_hostile_scenarios_compile_and_say_so(api: str) -> None:
    """Hostile pages are declared; a list that grows ends in a status that is repeated."""
    for drawn in some(scenarios(api, hostile=True), 40):
        assert flawless(drawn)
        last = drawn.progression[-1]
        assert last.pages or [step.status for step in drawn.progression[-2:]] == [last.status] * 2


@pytest.mark.parametrize("api", APIS)
def test_every_choice_of_the_language_is_reached(api: str) -> None:
    """Each switch's value, run shape, limited operation and continuation is drawn."""
    known = apis.load(api)
    met = draws(scenarios(api, max_steps=1, max_faults=0), 500)
    assert {(name, value) for drawn in met for name, value in drawn.switches.items()} == {*switch_values(known)}
    assert {drawn.run_shape for drawn in met} == {None, *run_shapes(known)}
    assert {name for drawn in met for name in drawn.limits} == {*operation_names(known)}
    assert {limit is None for drawn in met for limit in drawn.limits.values()} == {True, False}
    assert any(drawn.more and drawn.more.progression for drawn in met) is (api in PAGED)


@pytest.mark.parametrize("api", PAGED)
def test_counts_lie_around_pages(api: str) -> None:
    """There are as many people as make an empty page, one person, a page, one fewer, one more, and so on."""
    counts = {drawn.results.count for drawn in draws(scenarios(api, max_steps=1, max_faults=0), 300)}
    assert counts == {0, 1, 24, 25, 26, 49, 50, 51}


@pytest.mark.parametrize("api", APIS)
def test_parts_can_be_left_out_and_given(api: str) -> None:
    """Without the choices there are none; faults come from the strategy that is given."""
    few = scenarios(api, more=False, switches=False, limits=False, faults=rate_limit_storms(api))
    for drawn in some(few, 30):
        assert (drawn.more, drawn.switches, drawn.limits) == (None, {}, {})
        assert all(fault.respond and fault.respond.name == apis.load(api).rate_limit_error for fault in drawn.faults)
        assert drawn.faults


@pytest.mark.parametrize("api", APIS)
def test_the_simplest_is_one_step_with_nobody_and_no_fault(api: str) -> None:
    """It ends well at once: the ordinary end, nobody, no faults, no choices."""
    least = Scenario(
        name=f"{api}/drawn", api=api, summary="", progression=(Step(status=terminal_statuses(apis.load(api))[0]),),
        results=Results(count=0, seed=1),
    )  # fmt: skip
    assert simplest(scenarios(api)) == least


@pytest.mark.parametrize("api", APIS)
def test_what_does_not_matter_shrinks_away(api: str) -> None:
    """A scenario that needs a hanging request, people and a step before the end has one of each, and nothing else.

    A search may stop a step earlier; the campaign `shrinking` counts how often.
    """
    every = scenarios(api, more=False, switches=False, limits=False)
    assert any(is_least(simplest(every, has_all_three, by=seed)) for seed in SEEDS)


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
