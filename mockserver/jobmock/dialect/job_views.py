"""What the answer to a read of a job may depend on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ..engine.jobs import Job
from ..engine.progression import ABSENT, Plan, Stage, settle
from .answers import Refused
from .request_context import RequestContext
from .settings import ResolvedSettings


class JobView(NamedTuple):
    """All that the answer to a poll may depend on: equal views have equal answers.

    `created`, and `entered`, when its stage began, are in nanoseconds. `people` is the job's `count`. The first three
    are constant for a job. `url` returns the whole URL of a path, as the client of the request knows the server.
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
    entered: int
    url: Callable[[str], str]

    @property
    def seed(self) -> int:
        return self.plan.scenario.results.seed

    @property
    def shown(self) -> int:
        """The number of visible people; 0 where the answer has no results at all."""
        return self.stage.shows(self.people)

    def switch(self, name: str) -> Any:
        """Return the value of a switch. Raises UnknownName."""
        return self.settings.switch(name)


def current_view(call: RequestContext) -> JobView:
    """Return the view of a request's job, without counting a poll. Raises Refused if a step says that there is none."""
    shown = view(call, call.known_job(), call.settings(), call.request.query)
    if shown.stage.status == ABSENT:
        raise Refused(call.api.not_found_error)
    return shown


def views_of_key(call: RequestContext) -> Iterator[JobView]:
    """Yield the view of each job of a request's key, the newest first, but for those that can't be found now."""
    for job in reversed(call.namespace.jobs.values()):
        shown = view(call, job, call.settings_of(job.plan), call.request.query)
        if shown.stage.status != ABSENT:
            yield shown


def view(call: RequestContext, job: Job, settings: ResolvedSettings, query: bytes = b"") -> JobView:
    """Return the view of a job at the time of a request."""
    plan, state = job.plan, settle(job.plan.stages, job.state, call.now)
    return JobView(
        job.id, job.created, job.facts, plan, job.count, job.kept, plan.stages[state.step], settings, query,
        state.entered, call.url,
    )  # fmt: skip
