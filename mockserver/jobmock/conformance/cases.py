"""A case of a conformance suite: what is played to a client, what it is asked to do, and what must come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ..engine.progression import Plan

ACTIONS = ("poll", "start", "pages", "cancel", "more", "profile", "credits")
"""What a client can be asked to do."""
WITHOUT_JOB = ("start", "credits")
"""The actions for which there is no job yet."""
DEADLINE = 3_600.0
"""The seconds after which a client must give up, where a case doesn't say it."""
GRACE_SECONDS, MOST_REQUESTS = 7_200.0, 2_500
"""A client that still runs so many seconds of the mock's clock after its deadline, or sends more requests, is ended."""


class Range(NamedTuple):
    """The least and the largest allowed value; None for no bound."""

    least: float | None = None
    most: float | None = None

    def has(self, value: float) -> bool:
        """Return whether a value is in the range."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def __str__(self) -> str:
        if self.least == self.most and self.least is not None:
            return f"exactly {self.least:g}"
        bounds = (("at least", self.least), ("at most", self.most))
        return " and ".join(f"{words} {bound:g}" for words, bound in bounds if bound is not None)


ANY_NUMBER = Range()


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What must come of a case.

    `outcome` is `returns`, `fails` or `either`. A returned value must have the `status`, if it has one, and so many
    `people`. The rules in `silent` must not be broken. `requests` has a range for each operation, `credits` and
    `seconds` (of the mock's clock) are ranges.
    """

    outcome: str
    status: str | None = None
    people: int | None = None
    silent: tuple[str, ...] = ()
    requests: Mapping[str, Range] = field(default_factory=dict)
    credits: Range = ANY_NUMBER
    seconds: Range = ANY_NUMBER


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case. `title` says in a sentence what a correct client does."""

    api: str
    id: str
    group: str
    severity: str
    title: str
    action: str
    plan: Plan
    query: str
    expect: Expectation
    limit: int | None = None
    deadline: float = DEADLINE
    source: str | None = None

    @property
    def has_job(self) -> bool:
        """Whether the client gets a job that exists already."""
        return self.action not in WITHOUT_JOB
