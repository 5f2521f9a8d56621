"""Drawn progressions and scenarios of each API are legal, can be anything legal, and shrink to the least."""

from __future__ import annotations

import pytest
from tests.campaigns.shrinking import has_all_three, is_least
from tests.strategies.drawing import draws, reached, same, simplest, some

from jobmock import apis, catalogue, scenario
from jobmock.catalogue import compile_scenario
from jobmock.catalogue.scenario_validation import check_scenario
from jobmock.clock import SECOND
from jobmock.engine.progression import ABSENT, plan, shrinking
from jobmock.engine.transitions import illegal_steps
from jobmock.models import After, Results, Scenario, Step
from jobmock.strategies import behaviours, progressions, rate_limit_storms, scenarios
from jobmock.strategies.vocabulary import (
    has_pages,
    has_scenario_key,
    operation_names,
    run_shapes,
    statuses,
    statuses_before,
    switch_values,
    terminal_statuses,
)  # fmt: skip

APIS = apis.names()
PAGED = [api.name for api in apis.all_apis() if has_pages(api)]
SEEDS = (3, 2, *range(20))
"""Of searches; those that find the least soon, with the Hypothesis of today, come first."""
TRANSITIONS = [
    (api.name, status, following)
    for api in apis.all_apis()
    for status, every in api.transitions.items()
    for following in sorted({*every, *({status} if every else ())})
]


def flawless(drawn: Scenario) -> bool:
    """Say whether a scenario may be played, and is read back from its own text."""
    catalogue.compile_scenario(drawn)
    return check_scenario(drawn)[1] == [] and scenario.from_text(scenario.to_text(drawn), name=drawn.name) == drawn


@pytest.mark.parametrize("api", APIS)
def test_every_progression_is_legal(api: str) -> None:
    """No transition is against the table, no counter goes back, and every step but the last ends."""
    known = apis.load(api)
    for steps in some(progressions(api, results=5, max_steps=7, absent=True, ends=statuses(known)), 200):
        assert not [*illegal_steps(steps, known.transitions)]
        scenario = Scenario(name="x", api=api, summary="", progression=steps, results=Results(count=5))
        assert not [*shrinking(plan(scenario, known.shows).stages)]
        assert [step.after is None for step in steps] == [False] * (len(steps) - 1) + [True]


@pytest.mark.parametrize("api", APIS)
def test_every_progression_compiles(api: str) -> None:
    """Each progression passes the validation of scenarios."""
    for steps in some(progressions(api, absent=True), 40):
        assert check_scenario(Scenario(name="x", api=api, summary="", progression=steps))[1] == []


@pytest.mark.parametrize(("api", "status", "following"), TRANSITIONS)
def test_every_transition_is_reached(api: str, status: str, following: str) -> None:
    """Each transition of the table is reached, and each status that may last is repeated."""
    steps = progressions(api, ends=[following])
    reached(steps, lambda drawn: [step.status for step in drawn[-2:]] == [status, following])


@pytest.mark.parametrize("api", APIS)
def test_lengths_and_ends_of_steps_are_reached(api: str) -> None:
    """One step and as many as allowed, the most polls and the most seconds, and results that show early if any can."""
    steps = progressions(api, max_steps=3, max_polls=2, max_seconds=60)
    reached(steps, lambda drawn: len(drawn) == 1)
    reached(steps, lambda drawn: len(drawn) == 3)
    for after in (After(polls=1), After(polls=2), After(time=SECOND), After(time=60 * SECOND)):
        reached(steps.map(lambda drawn: drawn[0].after), same(after))
    known = apis.load(api)
    if any(known.shows[status] not in ("nobody", "all") for status in known.transitions if known.transitions[status]):
        reached(steps, lambda drawn: any(step.results == 3 for step in drawn))


@pytest.mark.parametrize("api", APIS)
def test_ends(api: str) -> None:
    """A progression ends in a terminal status, or in one of `ends`: a job may be stuck, or not be found."""
    known = apis.load(api)
    assert {steps[-1].status for steps in draws(progressions(api))} == known.terminal
    for status in statuses(known):
        assert {steps[-1].status for steps in some(progressions(api, ends=(status,)), 20)} == {status}


@pytest.mark.parametrize("api", APIS)
def test_a_job_is_only_absent_on_request(api: str) -> None:
    """A step in which the job can't be found comes with `absent` alone."""
    assert not any(step.status == ABSENT for steps in some(progressions(api)) for step in steps)
    reached(progressions(api, absent=True), lambda steps: steps[0].status == ABSENT)


@pytest.mark.parametrize("api", APIS)
def test_shrinks_to_one_step_that_ends_well(api: str) -> None:
    """The simplest progression is the ordinary end; the simplest longer one answers one poll before it."""
    ending = terminal_statuses(apis.load(api))[0]
    assert apis.load(api).shows[ending] == "all"
    assert simplest(progressions(api)) == (Step(status=ending),)
    first, last = simplest(progressions(api), lambda steps: len(steps) > 1)
    assert (first.after, first.results, last) == (After(polls=1), None, Step(status=ending))
    assert first.status == statuses_before(apis.load(api), ending, None)[0]
    timed, _ = simplest(progressions(api), lambda steps: any(step.after and step.after.time for step in steps))
    assert timed.after == After(time=SECOND)


@pytest.mark.parametrize("api", APIS)
def test_every_scenario_compiles_without_a_warning(api: str) -> None:
    """Of any shape, with any end, absences and continuations; and the language can write it."""
    every = scenarios(api, ends=statuses(apis.load(api)), absent=True)
    assert all(flawless(drawn) for drawn in some(every, 60))


@pytest.mark.parametrize("api", APIS)
def test_every_choice_of_the_language_is_reached(api: str) -> None:
    """Each switch's value, run shape, limited operation and continuation is drawn."""
    known = apis.load(api)
    met = draws(scenarios(api, max_steps=1, max_faults=0), 500)
    assert {(name, value) for drawn in met for name, value in drawn.switches.items()} == {*switch_values(known)}
    assert {drawn.run_shape for drawn in met} == {None, *run_shapes(known)}
    assert {name for drawn in met for name in drawn.limits} == {*operation_names(known)}
    assert {limit is None for drawn in met for limit in drawn.limits.values()} == {True, False}
    assert any(drawn.more and drawn.more.progression for drawn in met) is has_scenario_key(known, "more")


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


@pytest.mark.parametrize("api", PAGED)
def test_hostile_scenarios_compile_and_say_so(api: str) -> None:
    """Hostile pages are declared; a list that grows ends in a status that is repeated."""
    for drawn in some(scenarios(api, hostile=True), 40):
        assert flawless(drawn)
        last = drawn.progression[-1]
        assert last.pages or [step.status for step in drawn.progression[-2:]] == [last.status] * 2


@pytest.mark.parametrize("api", apis.names())
def test_all_of_them_may_be_played(api: str) -> None:
    """The catalogue accepts each draw as it is."""
    for drawn in some(behaviours(api), 60):
        compile_scenario(drawn)


@pytest.mark.parametrize("api", apis.names())
def test_the_simplest_is_a_job_that_is_over(api: str) -> None:
    """One step, the end that means success, nobody, no fault."""
    drawn: Scenario = simplest(behaviours(api))
    assert [step.status for step in drawn.progression] == [terminal_statuses(apis.load(api))[0]]
    assert (drawn.results.count, drawn.faults) == (0, ())
