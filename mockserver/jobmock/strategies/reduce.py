"""Makes a counterexample smaller where shrinking can't, because two things would have to change at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ..models import Scenario, When

_MOST_ROW = 6


def condensed(scenario: Scenario, fails: Callable[[Scenario], bool]) -> Scenario:
    """Return the smallest scenario that fails too: with one fault for several, and without steps that don't matter."""
    for smaller in _with_one_fault(scenario):
        if fails(smaller):
            scenario = smaller
            break
    for smaller in _without_a_step(scenario):
        if fails(smaller):
            return condensed(smaller, fails)
    return scenario


def _with_one_fault(scenario: Scenario) -> Iterator[Scenario]:
    """Yield the scenario with one of its faults alone: as it is, for the first request, the first two, and so on."""
    if len(scenario.faults) < 2:
        return
    yield from (replace(scenario, faults=(fault,)) for fault in scenario.faults)
    for last in range(1, _MOST_ROW + 1):
        for fault in scenario.faults:
            yield replace(scenario, faults=(replace(fault, when=When(requests=(1, last))),))


def _without_a_step(scenario: Scenario) -> Iterator[Scenario]:
    steps = scenario.progression
    for index in range(len(steps) - 1):
        yield replace(scenario, progression=(*steps[:index], *steps[index + 1 :]))
