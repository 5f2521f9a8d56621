"""Infers a scenario's steps from a job's polls: a step begins where the mock's answer would no longer be the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from .. import json_pointer
from ..catalogue.scenario_validation import without_people
from ..clock import SECOND, YEAR
from ..dialect.api import Api
from ..dialect.sample_answers import sample_answer
from ..engine.progression import ABSENT, Plan, plan, stages
from ..models import After, Pages, Scenario, Step
from .allow_list import AllowList
from .body_diff import BodyDiff, diff_bodies
from .recorded_jobs import Phase, is_poll, is_success, present_status, status_of
from .sanitized_exchange import SanitizedExchange

_GRAINS = (SECOND // 1000, SECOND // 1_000_000, 1)
"""To what a step's length is rounded, if that is exact enough: milliseconds, microseconds, nanoseconds."""
_OTHER_PEOPLE = ("/results",)


@dataclass(slots=True)
class _OpenStep:
    """A step that may still grow: when it began, how many polls it answered, and when it was seen last."""

    step: Step
    begins_at: int
    polls: int = 0
    last_seen: int = 0
    exchanges: list[SanitizedExchange] = field(default_factory=list)


class StepInference:
    """Infers the steps of one phase. `frame` has the scenario's switches and limits.

    `people_before` is the number of people that were visible before a `more` began the phase.
    """

    def __init__(self, api: Api, allow_list: AllowList, frame: Scenario, people_before: int | None = None) -> None:
        self._api, self._allow_list, self._frame, self._people_before = api, allow_list, frame, people_before
        self._operation = api.operation_named("status")
        self._steps: list[_OpenStep] = []
        self._lost_polls: list[SanitizedExchange] = []
        """The polls whose answers showed no status, since one was last seen."""
        self._mock_bodies: dict[str, dict[str, Any]] = {}
        """The mock's answers in the present step, by query."""
        self._plan: Plan | None = None
        """The plan of all steps, until they change."""

    def infer(self, phase: Phase) -> tuple[Step, ...]:
        """Return the steps that a phase's polls show."""
        shown = [status for poll in phase.polls if (status := status_of(poll, self._api))]
        statuses = [next((one for one in shown if one != ABSENT), next(iter(self._api.transitions))), *shown[:1]]
        for poll in phase.polls:
            status = present_status(poll, self._api, statuses)
            statuses += [status] if status else []
            if status is not None and not self._continues(poll, status):
                self._begin_step(poll, status, phase.begins_at)
            counts = is_poll(poll, self._api)
            if self._steps and counts:
                self._steps[-1].polls += 1
            if poll.answer_lost or (counts and not self._steps):
                self._lost_polls.append(poll)
        return tuple(part for step in self._steps for part in _in_parts(_with_pages(step)))

    def _continues(self, poll: SanitizedExchange, status: str) -> bool:
        """Return whether the present step gives the recorded answer; if so, extend the step."""
        if not self._steps:
            return False
        present = self._steps[-1]
        if present.step.status != status or self._diff(poll) != BodyDiff():
            return False
        present.last_seen = poll.at
        present.exchanges.append(poll)
        self._lost_polls.clear()
        return True

    def _begin_step(self, poll: SanitizedExchange, status: str, phase_begins_at: int) -> None:
        if status == ABSENT and self._steps:  # a success whose answer was lost came before that
            successes = (lost.at for lost in self._lost_polls if is_success(lost))
            self._steps[-1].last_seen = max([self._steps[-1].last_seen, *successes])
        by_polls = bool(self._steps) and self._steps[-1].last_seen == poll.at
        begins_at = self._end_step(poll.at, phase_begins_at)
        # A lost answer since this step began was one of this step.
        lost = 0 if by_polls else sum(lost.at >= begins_at for lost in self._lost_polls)
        self._forget_answers()
        self._lost_polls.clear()
        self._steps.append(_OpenStep(Step(status=status), begins_at, polls=lost, last_seen=poll.at, exchanges=[poll]))
        visible = poll.people.visible
        stage = self._current_plan().stages[-1]
        if visible is not None and (stage.visible is None or stage.shows(self._total_people) != visible):
            self._amend(results=visible)
        if not poll.answer_lost:
            diff = self._diff(poll)
            self._amend(body=diff.body, omit=diff.omit)

    def _end_step(self, now: int, phase_begins_at: int) -> int:
        """End the present step, and return when the next begins: as late as its first answer allows.

        If the present step was seen at this very moment, the polls ended it and not the time.
        """
        if not self._steps:
            return phase_begins_at
        last = self._steps[-1]
        if last.last_seen == now:
            last.step = replace(last.step, after=After(polls=last.polls))
            return now
        earliest = max(last.last_seen, last.begins_at)
        begins_at = next(at for grain in _GRAINS if (at := now - (now - phase_begins_at) % grain) > earliest)
        last.step = replace(last.step, after=After(time=begins_at - last.begins_at))
        return begins_at

    def _amend(self, **members: Any) -> None:
        self._forget_answers()
        self._steps[-1].step = replace(self._steps[-1].step, **members)

    def _forget_answers(self) -> None:
        self._mock_bodies.clear()
        self._plan = None

    def _current_plan(self) -> Plan:
        if self._plan is None:
            steps = tuple(open_step.step for open_step in self._steps)
            inferred = stages(steps, self._api.shows, people=self._people_before)
            self._plan = replace(plan(self._frame, self._api.shows), stages=inferred)
        return self._plan

    def _diff(self, poll: SanitizedExchange) -> BodyDiff:
        """Return what turns the present step's own answer into the recorded one.

        The status is left out, because the step has it; so is what only pages have, because a step's body is merged
        into every answer.
        """
        mock, without_query = (self._mock_body(query) for query in (poll.query, ""))
        left_out = mock.keys() - without_query.keys()
        bodies = (json_pointer.without(body, self._api.status_path) for body in (poll.body, mock))
        diff = diff_bodies(*(_without(body, left_out) for body in bodies))
        shown = self._current_plan().stages[-1].shows(self._total_people)
        other_people = poll.people.visible is not None and poll.people.visible != shown
        return replace(diff, not_expressible=_OTHER_PEOPLE if other_people else ())

    @property
    def _total_people(self) -> int:
        more = self._frame.more.count if self._frame.more and self._people_before is not None else 0
        return self._frame.results.count + more

    def _mock_body(self, query: str) -> dict[str, Any]:
        """Return the body of the mock's own answer in the present step, sanitized like a recorded one."""
        if query not in self._mock_bodies:
            self._mock_bodies[query] = self._sample_body(query)
        return self._mock_bodies[query]

    def _sample_body(self, query: str) -> dict[str, Any]:
        planned = self._current_plan()
        number, before = len(planned.stages) - 1, self._people_before
        answer = sample_answer(self._api, self._operation, planned, number, query.encode(), before)
        if answer.status not in (200, 404):  # the live host accepts a query that the mock refuses
            answer = sample_answer(self._api, self._operation, planned, number, b"", before)
        body = orjson.loads(orjson.dumps(without_people(answer.body)))
        sanitized: dict[str, Any] = self._allow_list.answer_body(self._operation, answer.status, body)
        return sanitized


def _in_parts(step: Step) -> Iterator[Step]:
    """Yield a step, or several in its place if it is longer than a step can be: a year."""
    left = step.after.time if step.after and step.after.time else 0
    while left > YEAR:
        yield replace(step, after=After(time=YEAR))
        left -= YEAR
    yield replace(step, after=After(time=left)) if left else step


def _without(body: Any, members: set[str]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key not in members}


def _with_pages(open_step: _OpenStep) -> Step:
    """Return the step with the hostile pages that its answers show: empty ones, and repeated ones."""
    empty: set[int] = set()
    repeat: dict[int, int] = {}
    first_pages: dict[tuple[str, ...], int] = {}
    for exchange in open_step.exchanges:
        page, size, shown = exchange.people.page, exchange.people.size, exchange.people.shown
        expected = min(size, (exchange.people.visible or 0) - (page - 1) * size) if page else 0
        if expected > 0 and not shown:
            empty.add(page)
        elif page and shown and first_pages.setdefault(shown, page) < page:
            repeat[page] = first_pages[shown]
    if not empty and not repeat:
        return open_step.step
    return replace(open_step.step, pages=Pages(empty=frozenset(empty), repeat=repeat))
