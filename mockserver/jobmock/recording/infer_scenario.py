"""A story → the scenario with which a mock tells it again, and what of it no scenario can say.

Nothing is guessed that can be asked: the mock plays the scenario, and wherever it says something else than was seen,
the scenario gets a member, a fault or a switch that makes it say so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from ..catalogue import Catalogue
from ..contract import documents
from ..dialect.api import Api
from ..models import More, Results, Scenario, Step
from .body_diff import Change, change
from .declared_violations import declared
from .infer_faults import Met, Refusals, faults, with_harm
from .infer_steps import Steps
from .recorded_jobs import Story, is_poll, runs
from .replay import Shadow, Told
from .sanitizer import LONGEST, Distiller, Sighting
from .score import Score, about_people, score


@dataclass(frozen=True, slots=True)
class Fitted:
    """A scenario, the mock that has told its story again, and notes on what differs.

    `chosen` are its switches.
    """

    scenario: Scenario
    shadow: Shadow
    notes: tuple[str, ...]
    score: Score
    chosen: Mapping[str, Any]


class Fitter:
    """Fits scenarios to the stories of one API."""

    def __init__(self, catalogue: Catalogue, distiller: Distiller) -> None:
        self._catalogue, self._distiller = catalogue, distiller
        self._api: Api = distiller.api

    def fit(self, story: Story, before: Fitted | None = None) -> Fitted:
        """Return the scenario that tells a story best, with the switches that spare it members and faults.

        `before` is what was fitted to the story so far: until something new must be said, no other switches are tried.
        """
        if before is not None and (same := self._tried(story, before.chosen)).score.nothing_new(before.score):
            return replace(same, scenario=declared(same.scenario))
        best, others = self._tried(story, {}), switched(self._api, asked=story.started)
        while best.score.far or best.score.said:
            tried = [self._tried(story, {**best.chosen, name: value}) for name, value in others]
            better = min(tried, key=lambda fitted: fitted.score, default=best)
            if better.score >= best.score:
                break
            best = better
        return replace(best, scenario=declared(best.scenario))

    def _tried(self, story: Story, chosen: Mapping[str, Any]) -> Fitted:
        """Return the scenario that tells a story, given the switches (and the run shape, where no start asked)."""
        frame = self._framed(story, dict(chosen))
        met = list(self._met(story, frame))
        scenario = replace(frame, faults=faults(met))
        shadow, told = self._told(scenario, story)
        # A refused call changes what comes after it, so each is put right before the next is looked at.
        while (other := self._refused(story, told, {place[:2] for place in met}, frame)) is not None:
            met.append(other)
            scenario = replace(frame, faults=faults(met))
            shadow, told = self._told(scenario, story)
        notes = tuple(_notes(story, told))
        return Fitted(scenario, shadow, notes, score(story, told, scenario), chosen)

    def _framed(self, story: Story, chosen: dict[str, Any]) -> Scenario:
        """Return the scenario without its faults."""
        chapters = list(story.chapters(self._api))
        most = [max((one.heard.visible or 0 for one in polls), default=0) for _, _, polls in chapters]
        counted = any(one.heard.visible is not None for one in story.sightings)
        added = max(most) - most[0] if any(after == "more" for _, after, _ in chapters) else None
        frame = Scenario(
            name=f"{self._api.name}/job-{story.number}", api=self._api.name, summary="",
            progression=_first(self._api),
            results=Results(count=most[0], seed=story.number) if counted else Results(seed=story.number),
            run_shape=_unusual(self._api, chosen.pop("run_shape", None) or _asked_shape(story)), switches=chosen,
            more=None if added is None else More(count=max(added, 1)),
        )  # fmt: skip
        allowed = self._distiller.allowed
        steps = Steps(self._api, allowed, frame).made(*_part(chapters[0]))
        reopened = next((number for number, chapter in enumerate(chapters) if chapter[1] == "more"), None)
        if reopened is not None and frame.more:
            once = replace(frame, more=More(count=max(most[reopened] - most[0], 1)))
            again = Steps(self._api, allowed, once, held=most[0]).made(*_part(chapters[reopened]))
            frame = replace(frame, more=replace(frame.more, progression=again))
        return replace(frame, progression=steps or frame.progression, summary=_summary(steps or frame.progression))

    def _met(self, story: Story, frame: Scenario) -> Iterator[Met]:
        """Yield what befell requests for sure: what the network did, and refusals of polls that are the mock's own."""
        refusals = Refusals(self._api, self._distiller.allowed, replace(frame, progression=_first(self._api)))
        for number, one in story.numbered():
            if self._refuses(one) and one.operation.name == "status" and not refusals.by_itself(one):
                yield one.operation.name, number, with_harm(refusals.members(one), one)
            elif one.harm:
                yield one.operation.name, number, one.harm

    def _refuses(self, one: Sighting) -> bool:
        polled = one.operation.name == "status" and is_poll(one, self._api)
        return not one.spoilt and not polled and (one.status >= 300 or not one.readable)

    def _refused(self, story: Story, told: Sequence[Told], known: set[tuple[str, int]], frame: Scenario) -> Met | None:
        """Return the first refusal that the mock doesn't give by itself."""
        refusals = Refusals(self._api, self._distiller.allowed, replace(frame, progression=_first(self._api)))
        for (number, one), again in zip(story.numbered(), told, strict=True):
            place = (one.operation.name, number)
            if self._refuses(one) and not _refuses_alike(one, again.own) and place not in known:
                return *place, with_harm(refusals.members(one), one)
        return None

    def _told(self, scenario: Scenario, story: Story) -> tuple[Shadow, list[Told]]:
        shadow = Shadow(self._catalogue, self._distiller, scenario, story)
        if not story.started:
            shadow.place()
        return shadow, [shadow.tell(one) for one in story.sightings]


def _refuses_alike(one: Sighting, own: Sighting) -> bool:
    """Say whether the mock's answer is of the same kind; one to a call that was done is an object, or else it isn't."""
    return own.status == one.status and (one.status >= 300 or one.readable or not own.readable)


def _first(api: Api) -> tuple[Step, ...]:
    """Return the one step of a job of which nothing is known."""
    return (Step(status=next(iter(api.transitions))),)


def _summary(steps: Sequence[Step]) -> str:
    row = [status for status, _ in groupby(step.status for step in steps)]
    return f"A recorded job - {', '.join(row)}."


def _part(chapter: tuple[int, str, list[Sighting]]) -> tuple[int, list[Sighting]]:
    return chapter[0], chapter[2]


def _asked_shape(story: Story) -> str | None:
    starts = [one for one in story.sightings if one.operation.name == "start"]
    made = [one for one in starts if one.made is not None] or starts
    return made[0].run_shape if made else None


def _unusual(api: Api, run_shape: str | None) -> str | None:
    """Return a run shape, unless it is the one of a scenario that names none."""
    usual = documents.definitions(api.name).get("run_shape", {}).get("default")
    return None if run_shape == usual else run_shape


def switched(api: Api, *, asked: bool) -> list[tuple[str, Any]]:
    """Return the values other than the default of the switches that have few; of run shapes where no start asked."""
    words = documents.definitions(api.name)
    found = list(words["switches"]["properties"].items())
    if not asked and "run_shape" in words:
        found.append(("run_shape", words["run_shape"]))
    return [
        (name, value)
        for name, switch in found
        for value in (switch.get("enum") or ([True, False] if switch.get("type") == "boolean" else []))
        if value != switch["default"]
    ]


def _notes(story: Story, told: Sequence[Told]) -> Iterator[str]:
    """Yield where the mock tells another story than was seen. The members named are those that the documents list."""
    found: dict[tuple[str, str], list[int]] = {}
    for (number, one), again in zip(story.numbered(), told, strict=True):
        for text in filter(None, (differs(one, again.own), _shortened(one), _at_once(one, again.own))):
            found.setdefault((one.operation.name, text), []).append(number)
    for (operation, text), numbers in found.items():
        spans = (str(first) if first == last else f"{first} to {last}" for first, last in runs(numbers))
        yield f"{operation} {', '.join(spans)}: {text}"


def differs(one: Sighting, own: Sighting) -> str:
    """Say what a mock told otherwise than it was seen, in words; nothing where it is the same."""
    if one.status != own.status:
        return f"seen with {_outcome(one)}, played with {_outcome(own)}."
    if not _refuses_alike(one, own):
        return "seen with a body that is no object, played with one."
    if about_people(one):
        return ""
    if one.readable and (found := change(one.data, own.data)) != Change():
        return f"played with another {', '.join(sorted({*found.body, *found.omit, *found.lost}))}."
    if one.operation.name == "status" and len(one.heard.shown) != len(own.heard.shown):
        return f"seen with {len(one.heard.shown)} people, played with {len(own.heard.shown)}."
    return ""


def _shortened(one: Sighting) -> str:
    """Say that a scenario can't ask for as long a wait."""
    longest = one.retry is not None and one.retry.seconds == LONGEST
    return f"seen with a Retry-After of {LONGEST} seconds or more, played with {LONGEST}." if longest else ""


def _at_once(one: Sighting, own: Sighting) -> str:
    """Say that a body that came in pieces doesn't, for its fault does something else already."""
    return "seen in pieces, played at once." if one.dripped and not own.dripped and one.status == own.status else ""


def _outcome(one: Sighting) -> str:
    return f"HTTP status {one.status}" if one.status else "no whole answer"
