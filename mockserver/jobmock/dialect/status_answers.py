"""Answers to polls. An answer depends only on the `JobView` of its job, so it is cached until that changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..engine.jobs import Job
from ..engine.progression import ABSENT, Plan, Stage, poll
from .answers import Answer, CachedBody, Refused
from .api import RequestContext
from .settings import ResolvedSettings

_LONG_QUERY = 1_000


class JobView(NamedTuple):
    """All that the answer to a poll may depend on: equal views have equal answers.

    `created` is in nanoseconds, and `people` is the job's `count`. The first three are constant for a job.
    """

    job_id: str
    created: int
    facts: Mapping[str, Any]
    plan: Plan
    people: int
    kept: int
    stage: Stage
    settings: ResolvedSettings
    query: bytes

    @property
    def seed(self) -> int:
        return self.plan.scenario.results.seed

    @property
    def shown(self) -> int:
        """The number of visible people; 0 where the answer has no results at all."""
        return self.stage.shows(self.people)

    def switch(self, name: str) -> Any:
        """Return the value of a switch."""
        return self.settings.switches[name]


def view(job: Job, stage: Stage, settings: ResolvedSettings, query: bytes = b"") -> JobView:
    """Return the view of a job at a stage."""
    return JobView(job.id, job.created, job.facts, job.plan, job.count, job.kept, stage, settings, query)


def status_operation(render_status: Callable[[JobView], Answer]) -> Callable[[RequestContext], Answer]:
    """Return the `answer` of a status operation: it advances the job, and caches the rendered answer.

    A poll that `render_status` refuses doesn't advance the job. A poll of a job that can't be found does.
    """

    def answer(call: RequestContext) -> Answer:
        job = call.job
        assert job is not None
        stage, state = poll(job.plan.stages, job.state, call.now)
        inputs = job.plan, job.count, job.kept, stage, call.chosen or call.settings(), call.request.query
        last = job.last_answer
        if last is None or last[0] != inputs:
            status, body, headers, page, _ = render_status(JobView(job.id, job.created, job.facts, *inputs))
            last = (inputs, Answer(status, CachedBody(body, job), headers, page))
            job.last_answer = last if len(inputs[-1]) < _LONG_QUERY else None
        if state[0] != job.state[0]:
            call.namespace.mark_changed(job.id)
        job.state = state
        job.polls += 1
        call.stage = stage
        if stage.step.status == ABSENT:
            raise Refused(call.api.not_found_error)
        cached: Answer = last[1]
        return cached

    return answer
