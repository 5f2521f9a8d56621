"""The polls of a job → its steps: one begins where the mock, still at the last one, would have said something else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from ..catalogue.validation import sample, without_people
from ..clock import SECOND
from ..dialect.api import Api, Operation
from ..engine.progression import Plan, plan, stages
from ..models import After, Pages, Scenario, Step
from .allow_list import Allowed
from .body_diff import Change, change
from .recorded_jobs import is_poll, status_of
from .sanitizer import Sighting

_GRAINS = (SECOND // 1000, SECOND // 1_000_000, 1)
_OTHER_PEOPLE = ("/results",)


@dataclass(slots=True)
class _Row:
    """A step in the making: when it is entered (nanoseconds), the polls it has answered, when it was last told."""

    step: Step
    entered: int
    polls: int = 0
    told: int = 0
    sightings: list[Sighting] = field(default_factory=list)


class Steps:
    """Makes the steps of one chapter. `frame` has the scenario's choices; `held` people were there before it."""

    def __init__(self, api: Api, allowed: Allowed, frame: Scenario, held: int | None = None) -> None:
        self._api, self._allowed, self._frame, self._held = api, allowed, frame, held
        self._operation: Operation = next(one for one in api.operations if one.name == "status")
        self._rows: list[_Row] = []
        self._untold: list[int] = []
        """When polls came whose answers were lost, since a status was told."""
        self._asked: dict[str, dict[str, Any]] = {}
        """What the present step answers, by what was asked."""
        self._planned: Plan | None = None
        """The plan of all steps as they are now."""

    def made(self, began: int, polls: Sequence[Sighting]) -> tuple[Step, ...]:
        """Return the steps that a job took which began at `began`, as its polls tell."""
        for one in polls:
            status = status_of(one, self._api)
            if status is not None and not self._goes_on(one):
                self._begin(one, status, began)
            if self._rows and is_poll(one, self._api):
                self._rows[-1].polls += 1
            if one.spoilt:
                self._untold.append(one.at)
        return tuple(_paged(row) for row in self._rows)

    def _goes_on(self, one: Sighting) -> bool:
        """Say whether the present step tells what was seen; if so, note that it did."""
        if not self._rows:
            return False
        row = self._rows[-1]
        if row.step.status != status_of(one, self._api) or self._change(one) != Change():
            return False
        row.told = one.at
        row.sightings.append(one)
        self._untold.clear()
        return True

    def _begin(self, one: Sighting, status: str, began: int) -> None:
        by_polls = bool(self._rows) and self._rows[-1].told == one.at
        entered = self._end(one.at, began)
        # A lost answer that came no sooner than this step does was one of its own.
        own = 0 if by_polls else sum(at >= entered for at in self._untold)
        self._changed()
        self._untold.clear()
        self._rows.append(_Row(Step(status=status), entered, polls=own, told=one.at, sightings=[one]))
        seen = one.heard.visible
        stage = self._plan().stages[-1]
        if seen is not None and (stage.visible is None or stage.shows(self._total) != seen):
            self._amend(results=seen)
        found = self._change(one)
        self._amend(body=found.body, omit=found.omit)

    def _end(self, now: int, began: int) -> int:
        """Give the last step its end, and return when the next is entered: as late as its own first telling allows.

        Where the last step was told at the very same moment, it is polls that ended it and not time.
        """
        if not self._rows:
            return began
        last = self._rows[-1]
        if last.told == now:
            last.step = replace(last.step, after=After(polls=last.polls))
            return now
        entered = next(at for grain in _GRAINS if (at := now - (now - began) % grain) > max(last.told, last.entered))
        last.step = replace(last.step, after=After(time=entered - last.entered))
        return entered

    def _amend(self, **members: Any) -> None:
        self._changed()
        self._rows[-1].step = replace(self._rows[-1].step, **members)

    def _changed(self) -> None:
        self._asked.clear()
        self._planned = None

    def _plan(self) -> Plan:
        if self._planned is None:
            steps = tuple(row.step for row in self._rows)
            placed = stages(steps, self._api.shows, held=self._held)
            self._planned = replace(plan(self._frame, self._api.shows), stages=placed)
        return self._planned

    def _change(self, one: Sighting) -> Change:
        """Return what the present step's own answer lacks to be the one that was seen."""
        planned = self._plan()
        own, plain = (self._own(planned, query) for query in (one.query, ""))
        beside = {"status", *(own.keys() - plain.keys())}
        found = change(_without(one.data, beside), _without(own, beside))
        shown = planned.stages[-1].shows(self._total)
        differs = one.heard.visible is not None and one.heard.visible != shown
        return replace(found, lost=_OTHER_PEOPLE if differs else ())

    @property
    def _total(self) -> int:
        more = self._frame.more.count if self._frame.more and self._held is not None else 0
        return self._frame.results.count + more

    def _own(self, planned: Plan, query: str) -> dict[str, Any]:
        """Return the mock's own answer, as far as the allow-list lets it be compared."""
        if query not in self._asked:
            self._asked[query] = self._answered(planned, query)
        return self._asked[query]

    def _answered(self, planned: Plan, query: str) -> dict[str, Any]:
        number = len(planned.stages) - 1
        answer = sample(self._api, self._operation, planned, number, query.encode(), self._held)
        if answer.status not in (200, 404):  # the live host takes a query that the mock refuses
            answer = sample(self._api, self._operation, planned, number, b"", self._held)
        body = orjson.loads(orjson.dumps(without_people(answer.body)))
        known: dict[str, Any] = self._allowed.body(self._operation, answer.status, body)
        return known


def _without(data: Any, members: set[str]) -> dict[str, Any]:
    """Leave out the status, which is the step's, and what only a page has: a step's body goes over every answer."""
    return {key: value for key, value in data.items() if key not in members}


def _paged(row: _Row) -> Step:
    """Return the step with the hostile pages that its answers show: empty ones, and repeated ones."""
    empty: set[int] = set()
    repeat: dict[int, int] = {}
    known: dict[tuple[str, ...], int] = {}
    for one in row.sightings:
        page, size, shown = one.heard.page, one.heard.size, one.heard.shown
        expected = min(size, (one.heard.visible or 0) - (page - 1) * size) if page else 0
        if expected > 0 and not shown:
            empty.add(page)
        elif page and shown and known.setdefault(shown, page) < page:
            repeat[page] = known[shown]
    return replace(row.step, pages=Pages(empty=frozenset(empty), repeat=repeat)) if empty or repeat else row.step
