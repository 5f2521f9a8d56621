"""What a step breaks must be declared: found by asking the judge with and without each word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from dataclasses import replace

from ..catalogue.validation import judge
from ..models import Scenario, Step

_WORDS = ("schema", "transition", "pagination")
_ROWS = ("/progression", "/more/progression")


def declared(scenario: Scenario) -> Scenario:
    """Return the scenario with `violates` where its steps leave the contract, so that it may be played."""
    errors = _errors(scenario)
    for word in _WORDS:
        if not errors:
            break
        fewer = _errors(_with(scenario, word, errors.keys()))
        scenario = _with(scenario, word, {place for place, number in errors.items() if fewer[place] < number})
        errors = _errors(scenario)
    return scenario


def _errors(scenario: Scenario) -> Counter[str]:
    """Return how many errors each step has, by its place: all steps are judged at once, for that takes its time."""
    pointers = (problem.pointer for problem in judge(scenario)[1] if problem.severity == "error")
    return Counter(place for pointer in pointers if (place := _place(pointer)))


def _place(pointer: str) -> str:
    """Return the JSON Pointer of the step that something is about."""
    row = next((row for row in _ROWS if pointer.startswith(f"{row}/")), None)
    return f"{row}/{pointer.removeprefix(f'{row}/').partition('/')[0]}" if row else ""


def _with(scenario: Scenario, word: str, places: Set[str]) -> Scenario:
    """Return the scenario in which the steps at some places declare a word."""
    row, further = _ROWS
    if scenario.more:
        progression = _declaring(scenario.more.progression, word, places, further)
        scenario = replace(scenario, more=replace(scenario.more, progression=progression))
    return replace(scenario, progression=_declaring(scenario.progression, word, places, row))


def _declaring(steps: tuple[Step, ...], word: str, places: Set[str], row: str) -> tuple[Step, ...]:
    return tuple(
        replace(step, violates=step.violates | {word}) if f"{row}/{number}" in places else step
        for number, step in enumerate(steps)
    )
