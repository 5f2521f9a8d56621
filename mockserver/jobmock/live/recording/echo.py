"""Tells each exchange again at once, whatever comes later: the mock is put where the live host was seen to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...catalogue import Catalogue
from ...dialect import Api
from ...models import Fault, Pages, Respond, Results, Scenario, Step, When
from ...progression import State, plan
from .distilling import Distiller, Sighting
from .fitting import switched
from .scoring import distance
from .shadow import Shadow, Told
from .story import Story, status_of

_RICH = 10**9


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
        told = self._told_with(one, self._switches)
        place = one.operation.name, one.status, distance(one, told.own)
        if one.operation.method == "GET" and place not in self._known:
            self._known.add(place)
            told = self._closest(one, told)
        if one.status >= 300 and told.own.status != one.status:
            fault = Fault(operation=one.operation.name, when=When(every=1), respond=Respond(status=one.status))
            return self._told_with(one, self._switches, fault)
        return told

    def _closest(self, one: Sighting, told: Told) -> Told:
        """Tell it with the switches that come closest to what was seen, and keep them for what comes."""
        refused = one.operation.name == "status" and status_of(one, self._api) is None
        for name, value in () if refused else switched(self._api, asked=True):
            switches = {**self._switches, name: value}
            other = self._told_with(one, switches)
            if distance(one, other.own) < distance(one, told.own):
                self._switches, told = switches, other
        return told

    def _told_with(self, one: Sighting, switches: Mapping[str, Any], *faults: Fault) -> Told:
        """Put the mock where the live host was, and tell the exchange."""
        self._scenario = self._seen(one)
        planned = plan(replace(self._scenario, switches=switches, faults=faults), self._api.shows)
        namespace = self._service.namespace(self._api, self._key)
        namespace.use(planned)
        if one.job is not None and not self._job:
            self.place()
        if job := namespace.jobs.get(self._job):
            job.plan, job.count = planned, self._scenario.results.count
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
