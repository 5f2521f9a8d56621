"""Tells each exchange again at once, whatever comes later: the mock is put where the live host was seen to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..catalogue import Catalogue
from ..dialect.api import Api
from ..engine.progression import State, plan
from ..models import Fault, Pages, Respond, Results, Scenario, Step, When
from .infer_scenario import switched
from .recorded_jobs import Story, status_of
from .replay import Shadow, Told
from .sanitizer import Distiller, Sighting
from .score import distance

_RICH = 10**9
_MANY = 50
"""As many people are enough to tell which switches come closest; more of them only take longer to draw."""


class Echo(Shadow):
    """A mock that plays a step of its own for each exchange; its ids and people stay the same."""

    def __init__(self, catalogue: Catalogue, distiller: Distiller, story: Story) -> None:
        api: Api = distiller.api
        self._scenario = Scenario(
            name=f"{api.name}/job-{story.number}", api=api.name, summary="",
            progression=(Step(status=next(iter(api.transitions))),), results=Results(count=0, seed=story.number),
            limits={operation.name: None for operation in api.operations},
        )  # fmt: skip
        self._pages: dict[tuple[str, ...], int] = {}
        self._switches: Mapping[str, Any] = {}
        self._known: set[tuple[str, int, int]] = set()
        """How far told answers were from those seen: what goes on like that isn't looked into again."""
        super().__init__(catalogue, distiller, self._scenario, story)
        self._service.namespaces.opening[api.name] = _RICH

    def tell(self, one: Sighting) -> Told:
        """Tell an exchange as it was seen: refused only where the mock doesn't refuse by itself."""
        before, few = self._switches, one.heard.page == 0 and (one.heard.visible or 0) > _MANY
        told = self._told_with(one, before, few=few)
        place = one.operation.name, one.status, distance(one, told.own)
        if one.operation.method == "GET" and place not in self._known:
            self._known.add(place)
            self._switches = self._closest(one, place[2], few=few)
        if few or self._switches != before:
            told = self._told_with(one, self._switches)
        if one.status >= 300 and told.own.status != one.status:
            fault = Fault(operation=one.operation.name, when=When(every=1), respond=Respond(status=one.status))
            return self._told_with(one, self._switches, fault)
        return told

    def _closest(self, one: Sighting, nearest: int, *, few: bool) -> Mapping[str, Any]:
        """Return the switches with which what is told comes closest to what was seen; now it comes as `nearest`."""
        best = self._switches
        refused = one.operation.name == "status" and status_of(one, self._api) is None
        for name, value in () if refused or not nearest else switched(self._api, asked=True):
            switches = {**best, name: value}
            far = distance(one, self._told_with(one, switches, few=few).own)
            if far < nearest:
                best, nearest = switches, far
        return best

    def _told_with(self, one: Sighting, switches: Mapping[str, Any], *faults: Fault, few: bool = False) -> Told:
        """Put the mock where the live host was, and tell the exchange; with no more people than are enough if `few`."""
        self._scenario = self._seen(one)
        played = _thinned(self._scenario) if few else self._scenario
        planned = plan(replace(played, switches=switches, faults=faults), self._api.shows)
        namespace = self._service.namespace(self._api, self._key)
        namespace.use(planned)
        if one.job is not None and not self._job:
            self.place()
        if job := namespace.jobs.get(self._job):
            job.plan, job.count = planned, played.results.count
            job.state = State(len(planned.stages) - 1, namespace.clock.now())
            job.requests.clear()
        return super().tell(one)

    def _seen(self, one: Sighting) -> Scenario:
        """Return what is played for one exchange: the statuses that were told, and as many people as ever were."""
        status, before, steps = status_of(one, self._api), self._scenario, self._scenario.progression
        if status is not None:
            others = [step for step in steps if step.status != status]
            steps = (*others, self._step(status, one))
        return replace(
            before, run_shape=one.run_shape or before.run_shape, progression=steps,
            results=replace(before.results, count=max(before.results.count, one.heard.visible or 0)),
        )  # fmt: skip

    def _step(self, status: str, one: Sighting) -> Step:
        page, shown = one.heard.page, one.heard.shown
        first = self._pages.setdefault(shown, page) if page and shown else page
        pages = Pages(repeat={page: first}) if first < page else None
        return Step(status=status, results=one.heard.visible, pages=pages)


def _thinned(scenario: Scenario) -> Scenario:
    """Return a scenario with as many people as are enough."""
    most = min(scenario.results.count, _MANY)
    steps = tuple(
        replace(step, results=min(step.results, _MANY)) if isinstance(step.results, int) else step
        for step in scenario.progression
    )
    return replace(scenario, progression=steps, results=replace(scenario.results, count=most))
