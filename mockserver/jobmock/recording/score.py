"""The score of a scenario: how far its answers are from the recorded ones, and how much it has to state for that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .. import apis
from ..models import Fault, Scenario
from .body_diff import BodyDiff, diff_bodies
from .outline import outline_distance
from .recorded_jobs import RecordedJob
from .replay import ReplayedExchange
from .sanitized_exchange import SanitizedExchange

_OTHER_STATUS = 10
"""The distance of two answers of different status; one member more or less counts as 1."""
_NO_PEOPLE = 10
"""The distance of an answer that shows people from one that shows none."""


@dataclass(frozen=True, slots=True, order=True)
class Score:
    """The distance from what was recorded, and the number of members and faults that are stated. Less is better.

    `statement_kinds` are the different kinds of statements: a growing counter is one, even if every step states it.
    """

    distance: int
    statements: int
    statement_kinds: frozenset[tuple[str, str]] = field(compare=False)

    def is_as_good_as(self, other: Score) -> bool:
        """Return whether this is no farther than the other, and states nothing of another kind."""
        return self.distance <= other.distance and self.statement_kinds <= other.statement_kinds


def score(job: RecordedJob, replayed: Sequence[ReplayedExchange], scenario: Scenario) -> Score:
    """Return the score of a scenario, given the recorded job as the mock has replayed it."""
    pairs = zip(job.exchanges, replayed, strict=True)
    # The same distance in poll after poll counts once.
    gaps = {(one.operation.name, one.status, distance(one, again.sanitized)) for one, again in pairs}
    steps = (*scenario.progression, *(scenario.more.progression if scenario.more else ()))
    members = [(step.status, pointer) for step in steps for pointer in BodyDiff(step.body, step.omit).pointers]
    faults = [kind for fault in scenario.faults for kind in _avoidable_statements(fault, scenario)]
    total = sum(gap for _, _, gap in gaps)
    return Score(total, len(members) + len(faults), frozenset([*members, *faults]))


def distance(recorded: SanitizedExchange, mock: SanitizedExchange) -> int:
    """Return the distance of the mock's answer from the recorded one; 0 if they are the same."""
    if recorded.status != mock.status:
        return _OTHER_STATUS
    if not recorded.has_object or recorded.about_person:
        return 0
    members = len(diff_bodies(recorded.body, mock.body).pointers)
    others = _NO_PEOPLE * (bool(recorded.people.shown) != bool(mock.people.shown))
    return outline_distance(recorded.outline, mock.outline) + members + others


def _avoidable_statements(fault: Fault, scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Yield what a fault states that a switch could make needless: an own body (two statements), an unusual error."""
    respond = fault.respond
    if respond is None:
        return
    if respond.has_body:
        yield from ((fault.operation, f"{respond.status} {part}") for part in ("status", "body"))
    if respond.name is not None and respond.name not in apis.load(scenario.api).by_status.values():
        yield fault.operation, respond.name
