"""What a step breaks must be declared: found by asking the judge with and without each word."""

from __future__ import annotations

from dataclasses import replace

from ...legality import judge
from ...models import Scenario, Step

_WORDS = ("schema", "transition", "pagination")


def declared(scenario: Scenario) -> Scenario:
    """Return the scenario with `violates` where its steps leave the contract, so that it may be played."""
    for number in range(len(scenario.progression)):
        scenario = _declare(scenario, f"/progression/{number}")
    for number in range(len(scenario.more.progression) if scenario.more else 0):
        scenario = _declare(scenario, f"/more/progression/{number}")
    return scenario


def _declare(scenario: Scenario, place: str) -> Scenario:
    """Add to one step the words that make its errors fewer."""
    for word in _WORDS:
        errors = _errors(scenario, place)
        if not errors:
            break
        tried = _with(scenario, place, word)
        if _errors(tried, place) < errors:
            scenario = tried
    return scenario


def _errors(scenario: Scenario, place: str) -> int:
    return sum(_within(problem.pointer, place) for problem in judge(scenario)[1] if problem.severity == "error")


def _within(pointer: str, place: str) -> bool:
    return pointer == place or pointer.startswith(f"{place}/")


def _with(scenario: Scenario, place: str, word: str) -> Scenario:
    row, _, number = place.rpartition("/")
    if row == "/progression":
        return replace(scenario, progression=_changed(scenario.progression, int(number), word))
    assert scenario.more is not None
    more = replace(scenario.more, progression=_changed(scenario.more.progression, int(number), word))
    return replace(scenario, more=more)


def _changed(steps: tuple[Step, ...], number: int, word: str) -> tuple[Step, ...]:
    step = replace(steps[number], violates=steps[number].violates | {word})
    return (*steps[:number], step, *steps[number + 1 :])
