"""How far a scenario is from what was seen, and how much it needs to say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .. import apis
from ..models import Fault, Scenario
from .body_diff import Change, change, gap
from .recorded_jobs import Story
from .replay import Told
from .sanitizer import Sighting

_FAR = 10
"""What an answer of another status weighs against one with a member more or less."""


@dataclass(frozen=True, slots=True, order=True)
class Score:
    """How far what was told is from what was seen, and how much must be said. The lesser the better.

    `kinds` are the kinds of things that must be said: a counter that grows is one, however many polls it is told in.
    """

    far: int
    said: int
    kinds: frozenset[tuple[str, str]] = field(compare=False)

    def nothing_new(self, before: Score) -> bool:
        """Say whether it is no farther than before, and needs no other kinds of things."""
        return self.far <= before.far and self.kinds <= before.kinds


def score(story: Story, told: Sequence[Told], scenario: Scenario) -> Score:
    """Return the score of a scenario that told a story so."""
    # What goes on being told otherwise, poll after poll, counts once.
    pairs = zip(story.sightings, told, strict=True)
    gaps = {(one.operation.name, one.status, distance(one, again.own)) for one, again in pairs}
    steps = (*scenario.progression, *(scenario.more.progression if scenario.more else ()))
    said = [(step.status, member) for step in steps for member in Change(step.body, step.omit).members]
    spoken = [kind for fault in scenario.faults for kind in _spoken(fault, scenario)]
    return Score(sum(gap for _, _, gap in gaps), len(said) + len(spoken), frozenset([*said, *spoken]))


def about_people(one: Sighting) -> bool:
    """Say whether a call is about a person and not about a job: people are others, and so are their bodies."""
    return one.item is not None


def distance(one: Sighting, own: Sighting) -> int:
    """Return how far an answer that was told is from the one that was seen; 0 for the same."""
    if one.status != own.status:
        return _FAR
    if not one.readable or about_people(one):
        return 0
    return gap(one.shape, own.shape) + len(change(one.data, own.data).members)


def _spoken(fault: Fault, scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Yield what a fault says that a switch could spare: a body of its own (it weighs two), an unusual name."""
    respond = fault.respond
    if respond is None:
        return
    if respond.has_body:
        yield from ((fault.operation, f"{respond.status} {part}") for part in ("status", "body"))
    if respond.name is not None and respond.name not in apis.load(scenario.api).by_status.values():
        yield fault.operation, respond.name
