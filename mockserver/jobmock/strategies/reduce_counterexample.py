"""Makes a counterexample smaller where Hypothesis stops: until no single part of it can be left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from itertools import chain, pairwise
from typing import Any

from ..errors import ScenarioError
from ..models import After, Scenario, When

_MAX_REQUESTS = 9
_KEPT = frozenset({"name", "api", "summary", "origin"})
"""Members that aren't left out."""
_SIMPLEST: Mapping[type, Any] = {When: When(requests=(1, 1)), After: After(polls=1)}
"""The simplest value of members that have exactly one of several keys."""


def reduce_scenario(scenario: Scenario, fails: Callable[[Scenario], bool]) -> Scenario:
    """Return a smaller scenario that fails too, of which no single step, fault or member can be left out.

    Each change leaves fewer parts or a simpler one, so it ends.
    """
    while smaller := next((one for one in _smaller_scenarios(scenario) if _is_legal(one) and fails(one)), None):
        scenario = smaller
    return scenario


def _is_legal(scenario: Scenario) -> bool:
    """Return whether the language can express a scenario, and its API allows it."""
    from .. import scenario as language
    from ..catalogue.scenario_validation import check_scenario

    try:
        language.to_mapping(scenario)
    except ScenarioError:
        return False
    return all(problem.severity != "error" for problem in check_scenario(scenario)[1])


def _smaller_scenarios(scenario: Scenario) -> Iterator[Scenario]:
    changes = (_with_one_fault, _without_the_end, _smaller, _with_joined_steps)
    yield from chain.from_iterable(change(scenario) for change in changes)


def _with_one_fault(scenario: Scenario) -> Iterator[Scenario]:
    """Yield the scenario with a single fault: unchanged, for the first request, for the first two, and so on."""
    faults = scenario.faults
    if len(faults) > 1:
        yield from (replace(scenario, faults=(fault,)) for fault in faults)
    for last in range(1, _MAX_REQUESTS + 1):
        for fault in faults:
            if len(faults) > 1 or _is_simpler(last, fault.when):
                yield replace(scenario, faults=(replace(fault, when=When(requests=(1, last))),))


def _is_simpler(last: int, when: When) -> bool:
    """Return whether the first requests up to `last` are fewer, or easier to read, than those of a condition."""
    return when.requests is None or (last, 1) < (when.requests[1] - when.requests[0] + 1, when.requests[0])


def _with_joined_steps(scenario: Scenario) -> Iterator[Scenario]:
    """Yield the scenario with one step instead of two neighbours, which lasts for the polls of both."""
    steps = scenario.progression
    for index, (first, second) in enumerate(pairwise(steps[:-1])):
        polls = sum((step.after and step.after.polls) or 1 for step in (first, second))
        for step in (first, second):
            joined = replace(step, after=After(polls=polls))
            yield replace(scenario, progression=(*steps[:index], joined, *steps[index + 2 :]))


def _without_the_end(scenario: Scenario) -> Iterator[Scenario]:
    """Yield the scenario without its last step: the step before it never ends then."""
    if len(scenario.progression) > 1:
        *steps, before, _ = scenario.progression
        yield replace(scenario, progression=(*steps, replace(before, after=None)))


def _smaller(value: Any) -> Iterator[Any]:
    """Yield each value that is made of another one by leaving out one part, or by making one part simpler."""
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        items = list(value)
        yield from (tuple(items[:index] + items[index + 1 :]) for index in range(len(items)))
        for index, item in enumerate(items):
            yield from ((*items[:index], one, *items[index + 1 :]) for one in _smaller(item))
    elif isinstance(value, list):
        yield from map(list, _smaller(tuple(value)))
    elif isinstance(value, frozenset):
        yield from (value - {item} for item in sorted(value, key=repr))
    elif isinstance(value, Mapping):
        yield from ({name: one for name, one in value.items() if name != left_out} for left_out in value)
        for name, member in value.items():
            yield from ({**value, name: one} for one in _smaller(member))
    elif type(value) in _SIMPLEST:
        yield from [_SIMPLEST[type(value)]] if value != _SIMPLEST[type(value)] else []
    elif is_dataclass(value) and not isinstance(value, type):
        yield from _smaller_members(value)


def _smaller_members(value: Any) -> Iterator[Any]:
    for field in fields(value):
        if field.name in _KEPT:
            continue
        member = getattr(value, field.name)
        default = _default(field)
        if default is not MISSING and member != default:
            yield replace(value, **{field.name: default})
        yield from (replace(value, **{field.name: one}) for one in _smaller(member))


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()
