"""Infers the scenario with which a mock gives a recorded job's answers again, and notes what it can't reproduce.

The mock plays the scenario. Wherever it answers in another way than was recorded, the scenario gets a member, a fault
or a switch for that.
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
from .declared_violations import declare_violations
from .differences import difference, notes, same_kind_of_answer
from .infer_changes import infer_changes
from .infer_faults import FaultSeen, RefusalInference, merge_faults
from .infer_steps import StepInference
from .page_people import PagePeople
from .recorded_jobs import RecordedJob, is_poll
from .replay import Replay, ReplayedExchange
from .sanitized_exchange import SanitizedExchange
from .sanitizer import Sanitizer
from .score import Score, score
from .switch_choices import switch_choices


@dataclass(frozen=True, slots=True)
class InferredScenario:
    """A scenario, the replay of its job on a mock, and notes on the differences. `switches` may hold a run shape.

    `faults` are those of single requests.
    """

    scenario: Scenario
    faults: tuple[FaultSeen, ...]
    replay: Replay
    notes: tuple[str, ...]
    score: Score
    switches: Mapping[str, Any]
    people: PagePeople
    """The people on the pages of the replay."""

    def reproduces(self, exchange: SanitizedExchange) -> bool:
        """Replay the job's next exchange; return whether the scenario needs nothing more for it."""
        again = self.replay.play(exchange)
        others = self.people.changes(exchange, again)
        return not (exchange.fault or others or difference(exchange, again.sanitized))


class ScenarioInference:
    """Infers the scenarios of one API's recorded jobs."""

    def __init__(self, catalogue: Catalogue, sanitizer: Sanitizer) -> None:
        self._catalogue, self._sanitizer = catalogue, sanitizer
        self._api: Api = sanitizer.api

    def infer(self, job: RecordedJob, previous: InferredScenario | None = None) -> InferredScenario:
        """Return the scenario that reproduces a job best, with the switches that spare it members and faults.

        `previous` was inferred before the latest exchanges. Its switches are kept if the scenario need not state
        anything of a new kind.
        """
        if previous is not None:
            same = self._infer_with(job, previous.switches)
            if same.score.is_as_good_as(previous.score):
                return self._finished(job, same)
        best, choices = self._infer_with(job, {}), switch_choices(self._api, with_run_shapes=not job.has_start)
        while best.score.distance or best.score.statements:
            tried = [self._infer_with(job, {**best.switches, name: value}) for name, value in choices]
            better = min(tried, key=lambda inferred: inferred.score, default=best)
            if better.score >= best.score:
                break
            best = better
        return self._finished(job, best)

    def _finished(self, job: RecordedJob, inferred: InferredScenario) -> InferredScenario:
        """Return the scenario with the changes of single answers, and with what it violates."""
        replayed = self._replay(inferred.scenario, job)[1]
        seen, always = infer_changes(self._api, job, replayed, inferred.faults)
        scenario = declare_violations(replace(inferred.scenario, faults=(*merge_faults(seen), *always)))
        replay, replayed = self._replay(scenario, job, judges=True)
        differences = tuple(notes(job, replayed, people := PagePeople(self._api)))
        return replace(inferred, scenario=scenario, replay=replay, notes=differences, people=people)

    def _infer_with(self, job: RecordedJob, switches: Mapping[str, Any]) -> InferredScenario:
        """Return the scenario that reproduces a job with these switches."""
        frame = self._without_faults(job, dict(switches))
        refusals = self._refusals(frame)
        faults = list(self._certain_faults(job, refusals))
        scenario = replace(frame, faults=merge_faults(faults))
        replay, replayed = self._replay(scenario, job)
        # A refused call changes the answers after it, so each is reproduced before the next is looked at.
        while (fault := self._missing_refusal(job, replayed, faults, refusals)) is not None:
            faults.append(fault)
            scenario = replace(frame, faults=merge_faults(faults))
            replay, replayed = self._replay(scenario, job)
        return InferredScenario(
            scenario, tuple(faults), replay, tuple(notes(job, replayed)), score(job, replayed, scenario), switches,
            PagePeople(self._api),
        )  # fmt: skip

    def _without_faults(self, job: RecordedJob, switches: dict[str, Any]) -> Scenario:
        """Return the scenario of a job with these switches, but without its faults."""
        phases = list(job.phases(self._api))
        most_people = [phase.most_people for phase in phases]
        has_results = any(one.people.visible is not None for one in job.exchanges)
        more_phase = next((number for number, phase in enumerate(phases) if phase.after == "more"), None)
        more = None if more_phase is None else More(count=max(max(most_people) - most_people[0], 1))
        frame = Scenario(
            name=f"{self._api.name}/job-{job.number}", api=self._api.name, summary="",
            progression=_first_step(self._api),
            results=Results(count=most_people[0], seed=job.number) if has_results else Results(seed=job.number),
            run_shape=_unless_default(self._api, switches.pop("run_shape", None) or _run_shape(job)),
            switches=switches, more=more,
        )  # fmt: skip
        allow_list = self._sanitizer.allow_list
        steps = StepInference(self._api, allow_list, frame).infer(phases[0])
        if more is not None and more_phase is not None:
            first_more = More(count=max(most_people[more_phase] - most_people[0], 1))
            inference = StepInference(self._api, allow_list, replace(frame, more=first_more), most_people[0])
            frame = replace(frame, more=replace(more, progression=inference.infer(phases[more_phase])))
        return replace(frame, progression=steps or frame.progression, summary=_summary(steps or frame.progression))

    def _refusals(self, frame: Scenario) -> RefusalInference:
        plain = replace(frame, progression=_first_step(self._api))
        return RefusalInference(self._api, self._sanitizer.allow_list, plain)

    def _certain_faults(self, job: RecordedJob, refusals: RefusalInference) -> Iterator[FaultSeen]:
        """Yield the faults of the network, and refused polls that the mock wouldn't refuse."""
        for number, exchange in job.numbered():
            name = exchange.operation.name
            if name == "status" and self._is_refusal(exchange) and not refusals.is_given_by_mock(exchange):
                yield FaultSeen(name, number, refusals.fault_members(exchange))
            elif exchange.fault:
                yield FaultSeen(name, number, exchange.fault)

    def _missing_refusal(
        self, job: RecordedJob, replayed: Sequence[ReplayedExchange], faults: list[FaultSeen],
        refusals: RefusalInference,
    ) -> FaultSeen | None:  # fmt: skip
        """Return the first refusal that the mock doesn't give without a fault, and that has none yet."""
        known = {(fault.operation, fault.number) for fault in faults}
        for (number, exchange), again in zip(job.numbered(), replayed, strict=True):
            name = exchange.operation.name
            differs = self._is_refusal(exchange) and not same_kind_of_answer(exchange, again.sanitized)
            if differs and (name, number) not in known:
                return FaultSeen(name, number, refusals.fault_members(exchange))
        return None

    def _is_refusal(self, exchange: SanitizedExchange) -> bool:
        polled = exchange.operation.name == "status" and is_poll(exchange, self._api)
        return not exchange.answer_lost and not polled and (exchange.status >= 300 or not exchange.has_object)

    def _replay(
        self, scenario: Scenario, job: RecordedJob, *, judges: bool = False
    ) -> tuple[Replay, list[ReplayedExchange]]:
        replay = Replay(self._catalogue, self._sanitizer, scenario, job, judges=judges)
        if not job.has_start:
            replay.create_job()
        return replay, [replay.play(exchange) for exchange in job.exchanges]


def _first_step(api: Api) -> tuple[Step, ...]:
    """Return the only step of a job about which nothing is known."""
    return (Step(status=next(iter(api.transitions))),)


def _summary(steps: Sequence[Step]) -> str:
    statuses = [status for status, _ in groupby(step.status for step in steps)]
    return f"A recorded job - {', '.join(statuses)}."


def _run_shape(job: RecordedJob) -> str | None:
    """Return the run shape of the start that created the job, else of the first start."""
    starts = [one for one in job.exchanges if one.operation.name == "start"]
    successful = [one for one in starts if one.created_job is not None] or starts
    return successful[0].run_shape if successful else None


def _unless_default(api: Api, run_shape: str | None) -> str | None:
    """Return a run shape, or None if it is the default of scenarios."""
    default = documents.definitions(api.name).get("run_shape", {}).get("default")
    return None if run_shape == default else run_shape
