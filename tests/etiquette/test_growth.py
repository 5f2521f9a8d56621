"""The time of a verdict is in proportion to the number of exchanges, for clients of every kind."""

from __future__ import annotations

from functools import partial

import pytest
from tests.checking.readers.hostile_inputs import steps
from tests.etiquette.journals import Row, change, journal, page, poll, start

from jobmock import apis
from jobmock.etiquette import ReturnedValue, judge

SMALL, LARGE = 60, 240
CLIENTS = {
    "polls": lambda number: poll(number * 5, "pending"),
    "hammers": lambda number: poll(number / 100, "pending", f"_={number}"),
    "fails": lambda number: poll(number, 503),
    "reads the end": lambda number: poll(number * 5, "completed"),
    "walks": lambda number: page(number, number + 1, last=100_000),
    "changes the size": lambda number: page(number, number + 1, size=number % 7 + 1, last=100_000),
    "reads pages while it runs": lambda number: page(number, number + 1, "processing", last=100_000),
    "is refused": lambda number: poll(number * 5, 403),
    "ignores Retry-After": lambda number: poll(number, 429, retry=number + 9),
    "starts over": lambda number: start(number, job=f"j{number}"),
    "leaves jobs": lambda number: (
        poll(number, 503, job=f"j{number // 2}") if number % 2 else start(number, job=f"j{number // 2}")
    ),
    "reopens": lambda number: change(number, "more") if number % 2 else poll(number, "completed"),
    "cancels": lambda number: change(number, "cancel"),
    "many jobs": lambda number: poll(number, "pending", job=f"j{number % 100}"),
    "a job each": lambda number: poll(number, "completed", job=f"j{number}"),
    "many workers": lambda number: poll(number, "pending", agent=f"a{number % 100}", connection=number % 300),
    "a worker each": lambda number: poll(number, "pending", agent=f"a{number}"),
    "shows a key": lambda number: poll(number, "pending", "k=lk_…"),
    "loses answers": lambda number: poll(number, "pending", lost=True, fault="disconnect reset"),
    "takes ends back": lambda number: poll(number, "completed" if number % 2 else "processing"),
}


def rows(name: str, count: int) -> list[Row]:
    return [CLIENTS[name](number) for number in range(count)]


@pytest.mark.parametrize("name", CLIENTS)
def test_steps(name: str) -> None:
    """Four times the exchanges take about four times the steps; sixteen times would be a square."""
    api, value = apis.load("clado"), ReturnedValue(count=3)
    counts = []
    for count in (LARGE, SMALL, LARGE):  # the first time fills caches
        entries = journal(*({"api": "clado", **row} for row in rows(name, count)))
        counts.append(steps(partial(judge, entries, api, outcome="returned", returned=value)))
    assert counts[2] <= 4.8 * counts[1] + 2_000
