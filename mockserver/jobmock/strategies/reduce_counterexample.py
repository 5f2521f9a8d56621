"""Makes a counterexample smaller where Hypothesis can't, because two changes are needed at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ..models import Scenario, When

_MAX_REQUESTS = 6


def reduce_scenario(scenario: Scenario, fails: Callable[[Scenario], bool]) -> Scenario:
    """Return a smaller scenario that fails too: one fault instead of several, and no step that isn't needed."""
    for smaller in _with_one_fault(scenario):
        if fails(smaller):
            scenario = smaller
            break
    for smaller in _without_a_step(scenario):
        if fails(smaller):
            return reduce_scenario(smaller, fails)
    return scenario


def _with_one_fault(scenario: Scenario) -> Iterator[Scenario]:
    """Yield the scenario with a single fault: unchanged, for the first request, for the first two, and so on."""
    if len(scenario.faults) < 2:
        return
    yield from (replace(scenario, faults=(fault,)) for fault in scenario.faults)
    for last in range(1, _MAX_REQUESTS + 1):
        for fault in scenario.faults:
            yield replace(scenario, faults=(replace(fault, when=When(requests=(1, last))),))


def _without_a_step(scenario: Scenario) -> Iterator[Scenario]:
    steps = scenario.progression
    for index in range(len(steps) - 1):
        yield replace(scenario, progression=(*steps[:index], *steps[index + 1 :]))
