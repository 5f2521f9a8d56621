"""A stand-in for the live host: for each recorded exchange, at once, an answer of the same form with synthetic data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..catalogue import Catalogue
from ..dialect.api import Api
from ..dialect.sample_answers import isolated_request
from ..engine.progression import State, plan
from ..models import Fault, Pages, Respond, Results, Scenario, Step, When
from .recorded_jobs import RecordedJob, present_status, status_of
from .replay import Replay, ReplayedExchange
from .sanitized_exchange import SanitizedExchange
from .sanitizer import Sanitizer
from .score import distance
from .switch_choices import switch_choices

_CREDITS = 10**9
_ENOUGH_PEOPLE = 50
"""So many people are enough to find the closest switches; more of them only take longer to generate."""


class SyntheticHost(Replay):
    """A mock that is put into the state that each recorded answer shows. Its ids and people stay the same."""

    def __init__(self, catalogue: Catalogue, sanitizer: Sanitizer, job: RecordedJob) -> None:
        api: Api = sanitizer.api
        self._scenario = Scenario(
            name=f"{api.name}/job-{job.number}", api=api.name, summary="",
            progression=(Step(status=next(iter(api.transitions))),), results=Results(count=0, seed=job.number),
            limits={operation.name: None for operation in api.operations},
        )  # fmt: skip
        self._first_pages: dict[tuple[str, ...], int] = {}
        """The first page on which the same people were shown."""
        self._switches: Mapping[str, Any] = {}
        self._facts: Mapping[str, Any] = {}
        """The facts with which the job was made, if its start wasn't recorded."""
        self._known_distances: set[tuple[str, int, int]] = set()
        """Distances of answers for which the switches were already tried."""
        super().__init__(catalogue, sanitizer, self._scenario, job)
        self._service.namespaces.opening[api.name] = _CREDITS

    def play(self, exchange: SanitizedExchange) -> ReplayedExchange:
        """Answer an exchange as it was recorded; a refusal that the mock doesn't give is scripted."""
        before, few = self._switches, exchange.people.page == 0 and (exchange.people.visible or 0) > _ENOUGH_PEOPLE
        played = self._play_with(exchange, before, few=few)
        gap = distance(exchange, played.sanitized)
        kind = exchange.operation.name, exchange.status, gap
        if exchange.operation.method == "GET" and kind not in self._known_distances:
            self._known_distances.add(kind)
            self._switches = self._closest_switches(exchange, gap, few=few)
        if few or self._switches != before:
            played = self._play_with(exchange, self._switches)
        if exchange.query and exchange.status < 300 <= played.sanitized.status:
            # The live host accepts a query that the mock refuses.
            plain = self._play_with(replace(exchange, query=""), self._switches)
            return plain._replace(request=played.request)
        if exchange.status >= 300 and played.sanitized.status != exchange.status:
            respond = Respond(status=exchange.status)
            fault = Fault(operation=exchange.operation.name, when=When(every=1), respond=respond)
            return self._play_with(exchange, self._switches, fault)
        return played

    def _closest_switches(self, exchange: SanitizedExchange, least: int, *, few: bool) -> Mapping[str, Any]:
        """Return the switches with the answer closest to the recorded one; `least` is the distance without a change."""
        best = self._switches
        refused = exchange.operation.name == "status" and status_of(exchange, self._api) is None
        choices = switch_choices(self._api, with_run_shapes=not self._job.has_start)
        for name, value in () if refused or not least else choices:
            switches = {**best, name: value}
            gap = distance(exchange, self._play_with(exchange, switches, few=few).sanitized)
            if gap < least:
                best, least = switches, gap
        return best

    def _play_with(
        self, exchange: SanitizedExchange, switches: Mapping[str, Any], *faults: Fault, few: bool = False
    ) -> ReplayedExchange:
        """Put the mock into the recorded state and play the exchange; `few` limits the people to as many as needed."""
        self._scenario, chosen = self._scenario_for(exchange), dict(switches)
        run_shape = chosen.pop("run_shape", None)
        played = _with_fewer_people(self._scenario) if few else self._scenario
        planned = plan(replace(played, switches=chosen, faults=faults), self._api.shows)
        namespace = self._service.namespace(self._api, self._key)
        namespace.use(planned)
        if exchange.job is not None and not self._job_id:
            self.create_job()
        if job := namespace.jobs.get(self._job_id):
            namespace.change_plan(job, planned)
            job.count = played.results.count
            job.state = State(len(planned.stages) - 1, namespace.clock.now())
            job.requests.clear()
            if not self._job.has_start:
                self._facts = self._facts or job.facts
                job.facts = {**self._facts, **self._facts_of_shape(run_shape)}
                job.drop_answer()
        return super().play(exchange)

    def _facts_of_shape(self, run_shape: str | None) -> Mapping[str, Any]:
        """Return the facts of a job that its run shape decides."""
        calls = [isolated_request(self._api, self._api.operations[0]) for _ in range(2)]
        usual, shaped = (self._api.facts(calls[at].namespace, shape) for at, shape in enumerate((None, run_shape)))
        return {name: value for name, value in shaped.items() if value != usual[name]}

    def _scenario_for(self, exchange: SanitizedExchange) -> Scenario:
        """Return a scenario with all statuses seen until now, this exchange's last, and with the most people seen."""
        before, steps = self._scenario, self._scenario.progression
        status = present_status(exchange, self._api, [step.status for step in steps])
        if status is not None:
            others = [step for step in steps if step.status != status]
            steps = (*others, self._step(status, exchange))
        return replace(
            before, run_shape=exchange.run_shape or before.run_shape, progression=steps,
            results=replace(before.results, count=max(before.results.count, exchange.people.visible or 0)),
        )  # fmt: skip

    def _step(self, status: str, exchange: SanitizedExchange) -> Step:
        page, shown = exchange.people.page, exchange.people.shown
        first = self._first_pages.setdefault(shown, page) if page and shown else page
        pages = Pages(repeat={page: first}) if first < page else None
        return Step(status=status, results=exchange.people.visible, pages=pages)


def _with_fewer_people(scenario: Scenario) -> Scenario:
    count = min(scenario.results.count, _ENOUGH_PEOPLE)
    steps = tuple(
        replace(step, results=min(step.results, _ENOUGH_PEOPLE)) if isinstance(step.results, int) else step
        for step in scenario.progression
    )
    return replace(scenario, progression=steps, results=replace(scenario.results, count=count))
