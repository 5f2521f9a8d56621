"""Adds `violates` to the steps of a scenario that break the contract, so that it may be played."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from dataclasses import replace

from ..catalogue.scenario_validation import check_scenario
from ..models import Scenario, Step

_KINDS = ("schema", "transition", "pagination")
_PROGRESSIONS = ("/progression", "/more/progression")


def declare_violations(scenario: Scenario) -> Scenario:
    """Return the scenario with each kind of violation declared at the steps where that spares errors."""
    errors = _errors_by_step(scenario)
    for kind in _KINDS:
        if not errors:
            break
        remaining = _errors_by_step(_declare(scenario, kind, errors.keys()))
        scenario = _declare(scenario, kind, {step for step, count in errors.items() if remaining[step] < count})
        errors = _errors_by_step(scenario)
    return scenario


def _errors_by_step(scenario: Scenario) -> Counter[str]:
    """Return the number of errors of each step, by its JSON Pointer. All steps are validated at once: that is slow."""
    pointers = (problem.pointer for problem in check_scenario(scenario)[1] if problem.severity == "error")
    return Counter(step for pointer in pointers if (step := _step_pointer(pointer)))


def _step_pointer(pointer: str) -> str:
    """Return the JSON Pointer of the step that a pointer leads into; empty if it leads elsewhere."""
    parent = next((parent for parent in _PROGRESSIONS if pointer.startswith(f"{parent}/")), None)
    return f"{parent}/{pointer.removeprefix(f'{parent}/').partition('/')[0]}" if parent else ""


def _declare(scenario: Scenario, kind: str, pointers: Set[str]) -> Scenario:
    """Return the scenario in which the steps at the pointers declare a kind of violation."""
    first, second = _PROGRESSIONS
    if scenario.more:
        progression = _declare_in_steps(scenario.more.progression, kind, pointers, second)
        scenario = replace(scenario, more=replace(scenario.more, progression=progression))
    return replace(scenario, progression=_declare_in_steps(scenario.progression, kind, pointers, first))


def _declare_in_steps(steps: tuple[Step, ...], kind: str, pointers: Set[str], parent: str) -> tuple[Step, ...]:
    return tuple(
        replace(step, violates=step.violates | {kind}) if f"{parent}/{number}" in pointers else step
        for number, step in enumerate(steps)
    )
