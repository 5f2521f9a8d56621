"""Finds what a strategy can draw, and the simplest of it; the same on every run."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, find, given, seed, settings
from hypothesis.strategies import SearchStrategy
from tests.support import examples

Drawn = TypeVar("Drawn")
_SETTINGS = settings(
    database=None, deadline=None, max_examples=3_000, suppress_health_check=list(HealthCheck), derandomize=True
)


def reached(strategy: SearchStrategy[Drawn], condition: Callable[[Drawn], Any]) -> Drawn:
    """Return something that the strategy draws and that fits; Hypothesis raises NoSuchExample where there is none."""
    return find(strategy, condition, settings=settings(_SETTINGS, phases=(Phase.generate,)), random=Random(0))


_SMALLEST = settings(_SETTINGS, phases=(Phase.generate, Phase.shrink))
"""Explaining comes after shrinking, takes ten times as long, and finds something smaller by chance alone."""


def simplest(
    strategy: SearchStrategy[Drawn], condition: Callable[[Drawn], Any] = lambda drawn: True, by: int = 0
) -> Drawn:
    """Return the simplest thing that the strategy draws and that fits, as a search under a seed finds it."""
    return find(strategy, condition, settings=_SMALLEST, random=Random(by))


def draws(strategy: SearchStrategy[Drawn], number: int = 100, by: int = 0) -> list[Drawn]:
    """Return so many draws under a seed."""
    row: list[Drawn] = []

    def body(drawn: Drawn) -> None:
        row.append(drawn)

    chosen = settings(_SETTINGS, max_examples=number, phases=(Phase.generate,), derandomize=False)
    seed(by)(chosen(given(strategy)(body)))()
    return row


def some(strategy: SearchStrategy[Drawn], number: int = 100) -> list[Drawn]:
    """Return draws of which each is to obey a rule: an eighth of so many, or all in the campaign `properties`."""
    return draws(strategy, examples(number))


def same(wanted: object) -> Callable[[object], bool]:
    """Return the condition that something equals what is wanted."""
    return lambda drawn: drawn == wanted
