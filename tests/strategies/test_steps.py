"""Progressions are legal by construction, can be anything legal, and shrink towards one step that ends well."""

from __future__ import annotations

from typing import Any

import pytest
from tests.strategies.drawing import draws, reached, same, simplest, some

from jobmock import apis
from jobmock.catalogue.scenario_validation import check_scenario
from jobmock.clock import SECOND
from jobmock.engine.progression import ABSENT, plan, shrinking
from jobmock.engine.transitions import illegal_steps
from jobmock.errors import UsageError
from jobmock.models import After, Results, Scenario, Step
from jobmock.strategies import progressions
from jobmock.strategies.vocabulary import statuses, statuses_before, terminal_statuses

APIS = apis.names()
TRANSITIONS = [
    (api.name, status, following)
    for api in apis.all_apis()
    for status, every in api.transitions.items()
    for following in sorted({*every, *({status} if every else ())})
]


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
    """One step and as many as allowed, the most polls and the most seconds, and people who show early."""
    steps = progressions(api, max_steps=3, max_polls=2, max_seconds=60)
    reached(steps, lambda drawn: len(drawn) == 1)
    reached(steps, lambda drawn: len(drawn) == 3)
    for after in (After(polls=1), After(polls=2), After(time=SECOND), After(time=60 * SECOND)):
        reached(steps.map(lambda drawn: drawn[0].after), same(after))
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


def test_a_run_shape_has_its_own_statuses() -> None:
    """A run that can't be in a status, by the contract, isn't."""
    kinds = {
        shape: {step.status for steps in draws(progressions("orbit", run_shape=shape)) for step in steps}
        for shape in ("partial_only", "candidate_discovery")
    }
    assert kinds["partial_only"] - kinds["candidate_discovery"] == {"generating_sections"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"api": "clados"}, "Unknown api 'clados'. Allowed: clado, orbit. Did you mean 'clado'?"),
        ({"api": 3}, "Unknown api 3."),
        ({"max_steps": 0}, "'max_steps' is a whole number from 1 to 1000, not 0."),
        ({"max_steps": True}, "not True."),
        ({"max_polls": 1.0}, "'max_polls' is a whole number from 0 to 1000000, not 1.0."),
        ({"max_seconds": -1}, "'max_seconds' is a whole number from 0 to 31536000, not -1."),
        ({"max_polls": 0, "max_seconds": 0}, "'max_polls' and 'max_seconds' can't both be 0."),
        ({"results": 10_001}, "'results' is a whole number from 0 to 10000, not 10001."),
        ({"ends": ["complete"]}, "Unknown name in 'ends': 'complete'. Allowed: completed, error"),
        ({"ends": "completed"}, "'ends' holds one or more names, not 'completed'."),
        ({"ends": []}, "'ends' holds one or more names, not []."),
        ({"run_shape": "partial_only"}, "Unknown run_shape 'partial_only'."),
        ({"api": "orbit", "ends": ["generating_sections"], "run_shape": "candidate_discovery"}, "generating_sections"),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], message: str) -> None:
    """A wrong argument is named when the strategy is made, with what is allowed and the nearest name."""
    with pytest.raises(UsageError) as caught:
        progressions(**{"api": "clado", **arguments})
    assert message in str(caught.value)


def test_one_step_needs_no_end() -> None:
    """Where there is one step only, nothing has to end it."""
    assert len(simplest(progressions("clado", max_steps=1, max_polls=0, max_seconds=0))) == 1
