"""Calls that change how a job goes on: those that cancel it, and those that continue it after its end."""

from __future__ import annotations

from dataclasses import replace

from ..engine.jobs import Job
from ..engine.progression import Stage, State, stages
from ..models import Step
from .job_views import current_view
from .request_context import RequestContext


def cancel_job(call: RequestContext, *steps: Step) -> Stage:
    """Let the job of a request go on with other steps, such as `Step(status="cancelled")`; return where it was.

    A job that has ended keeps its steps. Raises Refused for a job that can't be found.
    """
    stage, job = current_view(call).stage, call.known_job()
    if stage.status not in call.api.terminal:
        results = job.shows(stage) if stage.visible is not None else job.kept or None
        _play(call, job, steps, results, before=stage.status)
    return stage


def results_left(job: Job) -> int:
    """Return how many results a job can still get by being continued: as many as its scenario has for that."""
    more = job.plan.scenario.more
    return (more.count if more else 0) - job.added


def continue_job(call: RequestContext, added: int) -> None:
    """Let the job of a request run again and get more results.

    It plays the steps that its scenario has for that, else those of the API. Raises Refused for a job that can't be
    found.
    """
    stage, job = current_view(call).stage, call.known_job()
    job.kept = job.shows(stage)
    job.count, job.added = job.kept + added, job.added + added
    more = job.plan.scenario.more
    _play(call, job, (more and more.progression) or call.api.continuation, job.kept)


def _play(
    call: RequestContext, job: Job, steps: tuple[Step, ...], results: int | None, before: str | None = None
) -> None:
    """Replace the job's steps from now on. `results` are visible already."""
    following = replace(job.plan, stages=stages(steps, call.api.shows, people=results, before=before))
    job.state = State(0, call.now)
    call.namespace.change_plan(job, following)
