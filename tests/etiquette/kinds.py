"""Clients of every kind, by the exchanges that they leave in a journal: for what grows with their number."""

from __future__ import annotations

from collections.abc import Callable

from tests.etiquette.journals import Row, change, journal, page, poll, start

from jobmock.engine.journal import Journal

CLIENTS: dict[str, Callable[[int], Row]] = {
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
"""Kind → the exchange of a number."""


def journal_of(kind: str, count: int) -> Journal:
    """Return the journal of a client of a kind, with so many exchanges."""
    return journal(*(CLIENTS[kind](number) for number in range(count)))
