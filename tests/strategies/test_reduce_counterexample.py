"""A counterexample is made smaller until no part of it can be left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from jobmock import scenario as language
from jobmock.catalogue.scenario_validation import check_scenario
from jobmock.clock import SECOND
from jobmock.errors import ScenarioError
from jobmock.models import After, Delay, Fault, Pages, Respond, Results, Scenario, Step, When
from jobmock.strategies import behaviours, scenarios
from jobmock.strategies.reduce_counterexample import reduce_scenario


def without_one_part(value: Any) -> Iterator[Any]:
    """Yield a document without each of its keys and list entries, at any depth."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        rest = dict(value) if isinstance(value, dict) else list(value)
        del rest[key]
        yield rest
        for smaller in without_one_part(value[key]):
            rest = dict(value) if isinstance(value, dict) else list(value)
            rest[key] = smaller
            yield rest


def legal_parts(scenario: Scenario) -> Iterator[Scenario]:
    """Yield each scenario that may be played, and whose text lacks one part of the other one's."""
    document = language.to_mapping(scenario)
    for smaller in without_one_part(document):
        try:
            read = language.from_mapping(smaller, name=scenario.name)
        except ScenarioError:
            continue
        if all(problem.severity != "error" for problem in check_scenario(read)[1]):
            yield read


def hangs(scenario: Scenario) -> bool:
    return any(fault.hang for fault in scenario.faults)


def fails_late(scenario: Scenario) -> bool:
    return len(scenario.progression) > 1 and any(fault.respond is not None for fault in scenario.faults)


def has_two_kinds_of_fault(scenario: Scenario) -> bool:
    return hangs(scenario) and any(fault.delay for fault in scenario.faults)


@pytest.mark.parametrize("fails", [hangs, fails_late, has_two_kinds_of_fault, lambda scenario: True])
@settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
@given(scenario=scenarios("clado", max_faults=4) | behaviours("clado"))
def test_no_part_can_be_left_out(scenario: Scenario, fails: Callable[[Scenario], bool]) -> None:
    """What is left fails, and would not fail without any one step, fault or key of its text."""
    if fails(scenario):
        least = reduce_scenario(scenario, fails)
        assert fails(least)
        assert [language.to_text(smaller) for smaller in legal_parts(least) if fails(smaller)] == []


LARGE = Scenario(
    name="x", api="clado", summary="", results=Results(count=5, seed=9), switches={"cancel_finished": "success_false"},
    progression=(
        Step(status="pending", after=After(time=9 * SECOND), body={"message": "x"}),
        Step(status="searching", after=After(polls=7)),
        Step(status="completed", pages=Pages(empty=frozenset({1, 2})), violates=frozenset({"pagination"})),
    ),
    faults=(
        Fault(when=When(every=3), hang=True, delay=Delay(kind="constant", a=SECOND)),
        Fault(when=When(requests=(2, 5)), respond=Respond(status=503, body={"a": 1}, has_body=True)),
    ),
)  # fmt: skip


def test_a_large_scenario_of_which_one_thing_matters() -> None:
    """Steps, faults, conditions and members go as far as the failure allows."""
    assert reduce_scenario(LARGE, hangs).faults == (Fault(when=When(requests=(1, 1)), hang=True),)
    least = reduce_scenario(LARGE, lambda one: any(step.pages and step.pages.empty for step in one.progression))
    assert least.progression == (
        Step(status="completed", pages=Pages(empty=frozenset({2})), violates=frozenset({"pagination"})),
    )
    assert (least.faults, least.switches, least.results) == ((), {}, Results())


@pytest.mark.parametrize("when", [When(every=1), When(chance=0.9), When(requests=(4, 9)), When(during=(0, SECOND))])
def test_the_simplest_requests(when: When) -> None:
    """Where a failure needs three requests in a row, these are the first three."""

    def fails_thrice(scenario: Scenario) -> bool:
        return any(
            fault.when == when or (fault.when.requests and fault.when.requests[1] - fault.when.requests[0] >= 2)
            for fault in scenario.faults
        )

    long = replace(LARGE, faults=(Fault(when=when, hang=True),))
    assert reduce_scenario(long, fails_thrice).faults[0].when == When(requests=(1, 3))


def test_two_steps_are_joined() -> None:
    """Steps of which only the number of polls matters become one step with as many polls."""

    def has_nine_polls(scenario: Scenario) -> bool:
        return sum((step.after and step.after.polls) or 0 for step in scenario.progression) >= 9

    steps = [Step(status=status, after=After(polls=3)) for status in ("pending", "searching", "processing")]
    long = replace(LARGE, progression=(*steps, Step(status="completed")))
    assert [step.after for step in reduce_scenario(long, has_nine_polls).progression] == [After(polls=9), None]


def test_it_ends_when_nothing_fails_any_more() -> None:
    """A limit of time makes each further scenario count as passing; the last one that failed is returned."""
    tries = iter([True, True, *[False] * 1_000])
    least = reduce_scenario(LARGE, lambda scenario: next(tries))
    assert language.to_text(least) != language.to_text(LARGE) and next(tries) is False
