"""What the answer to a read of a job may depend on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..engine.jobs import Job
from ..engine.progression import ABSENT, Plan, Stage
from .answers import Refused
from .request_context import RequestContext
from .settings import ResolvedSettings


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
    origin: str = ""
    """How the client of the request knows the server, such as `https://host`."""

    @property
    def seed(self) -> int:
        return self.plan.scenario.results.seed

    @property
    def shown(self) -> int:
        """The number of visible people; 0 where the answer has no results at all."""
        return self.stage.shows(self.people)

    def url(self, path: str) -> str:
        """Return the whole URL of a path, as the client of the request knows the server."""
        return self.origin + path

    def switch(self, name: str) -> Any:
        """Return the value of a switch."""
        return self.settings.switches[name]


def current_view(call: RequestContext) -> JobView:
    """Return the view of a request's job, without counting a poll. Raises Refused if a step says that there is none."""
    job = call.known_job()
    stage = job.stage(call.now)
    if stage.status == ABSENT:
        raise Refused(call.api.not_found_error)
    return view(job, stage, call.settings(), call.request.query, call.url(""))


def views_of_key(call: RequestContext) -> Iterator[JobView]:
    """Yield the view of each job of a request's key, the newest first, but for those that can't be found now."""
    for job in reversed(call.namespace.jobs.values()):
        stage = job.stage(call.now)
        if stage.status != ABSENT:
            yield view(job, stage, call.settings_of(job.plan), call.request.query, call.url(""))


def view(job: Job, stage: Stage, settings: ResolvedSettings, query: bytes = b"", origin: str = "") -> JobView:
    """Return the view of a job at a stage."""
    return JobView(job.id, job.created, job.facts, job.plan, job.count, job.kept, stage, settings, query, origin)
