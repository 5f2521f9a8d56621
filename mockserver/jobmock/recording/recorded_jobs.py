"""Which job an exchange belongs to. A story is one job's exchanges, with the starts that came before it was made."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from ..dialect.api import Api
from ..engine.progression import ABSENT
from .sanitizer import Sighting


@dataclass(slots=True, eq=False)
class Story:
    """One job as it was seen; `number` counts the stories of a recording from 1."""

    number: int
    sightings: list[Sighting] = field(default_factory=list)
    made: str | None = None

    @property
    def born(self) -> int:
        """When the job's time begins: at the start that made it, else at its first request."""
        made = next((one for one in self.sightings if one.made is not None), None)
        if made is None or not self.started:
            own = (one.at for one in self.sightings if one.job is not None)
            return next(own, self.sightings[0].at)
        # A start under the same idempotency key, whose answer was lost, may have made the job already.
        again = (one.at for one in self.sightings if one.once is not None and one.once == made.once and one.spoilt)
        return min(made.at, next(again, made.at))

    @property
    def started(self) -> bool:
        """Whether the start that made the job was seen, before anything else asked for it."""
        first = next((one for one in self.sightings if one.made is not None or one.job is not None), None)
        return first is not None and first.made is not None

    def chapters(self, api: Api) -> Iterator[tuple[int, str, list[Sighting]]]:
        """Yield the job's time from one change by its client to the next: when it begins, after what, and the polls."""
        began, after, told = self.born, "", ""
        polls: list[Sighting] = []
        for one in self.sightings:
            if one.operation.name == "status":
                polls.append(one)
                told = status_of(one, api) or told
            elif _changes(one, told, api):
                yield began, after, polls
                began, after, polls = one.at, one.operation.name, []
        yield began, after, polls

    def numbered(self) -> Iterator[tuple[int, Sighting]]:
        """Yield each exchange with its number among those of its operation, as a mock counts them."""
        counts: dict[str, int] = {}
        for one in self.sightings:
            counts[one.operation.name] = number = counts.get(one.operation.name, 0) + 1
            yield number, one


def _changes(one: Sighting, told: str, api: Api) -> bool:
    """Say whether a call lets the job go on otherwise; what was cancelled when it had ended goes on as it was."""
    done = 200 <= one.status < 300 and not one.spoilt
    return done and (one.operation.name == "more" or (one.operation.name == "cancel" and told not in api.terminal))


def status_of(one: Sighting, api: Api) -> str | None:
    """Return the status that a poll was told, `not_found` where there was no such job; None where it wasn't told."""
    if one.spoilt or not one.readable or one.operation.name != "status":
        return None
    if one.status == api.errors[api.absent][0]:
        return ABSENT
    status = one.data.get("status") if 200 <= one.status < 300 else None
    return status if isinstance(status, str) else None


def is_poll(one: Sighting, api: Api) -> bool:
    """Say whether a status request moved the job: one that was answered, or whose answer was spoilt on its way."""
    return one.spoilt or status_of(one, api) is not None


class Stories:
    """The stories of one recording, told apart by the digests of the jobs' ids."""

    def __init__(self) -> None:
        self.all: list[Story] = []
        self._by_job: dict[str, Story] = {}
        self._by_shown: dict[str, Story] = {}
        """Whose answers told of a person, by the person's digest."""
        self._open: Story | None = None
        self._latest: Story | None = None

    def take(self, one: Sighting) -> Story:
        """Put a sighting where it belongs, and return its story."""
        story = self._of(one)
        if one.made is not None and story.made is None:
            story.made, self._by_job[one.made], self._open = one.made, story, None
        # Numbers count arrivals: an answer that took its time comes here after those to later requests.
        insort(story.sightings, one, key=lambda sighting: sighting.at)
        self._latest = story
        self._by_shown.update(dict.fromkeys(one.heard.shown, story))
        return story

    def _of(self, one: Sighting) -> Story:
        if one.operation.name == "start":
            known = self._by_job.get(one.made or "")
            return known or self._unmade()
        if one.job is not None:
            if one.job not in self._by_job:
                self._by_job[one.job] = self._new()
            return self._by_job[one.job]
        return self._by_shown.get(one.item or "") or self._latest or self._unmade()

    def _unmade(self) -> Story:
        """Return the story of a job that isn't made yet: refused and lost starts are its beginning."""
        if self._open is None:
            self._open = self._new()
        return self._open

    def _new(self) -> Story:
        self.all.append(Story(len(self.all) + 1))
        return self.all[-1]


def runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last of each row of numbers that follow each other."""
    for _, row in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        found = [number for _, number in row]
        yield found[0], found[-1]
