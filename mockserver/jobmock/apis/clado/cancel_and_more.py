"""POST …/cancel, POST …/more and its older path …/continue (schemas/clado/README.md#3.3,#3.4,#4.7,#4.8,#5)."""

from __future__ import annotations

from dataclasses import replace

from ...dialect.answers import Answer, Refused
from ...dialect.api import RequestContext
from ...engine.jobs import Job
from ...engine.progression import ABSENT, Stage, State, stages
from ...models import After, Step
from .billing import afford
from .request_bodies import COUNT, read

_MORE_DEFAULT = 30
CONTINUATION = (Step(status="pending", after=After(polls=1)), Step(status="completed"))
"""The progression of a reopened job whose scenario has none for it."""


def cancel(call: RequestContext) -> Answer:
    """Cancel a job that isn't terminal. It is charged for its results (schemas/clado/README.md#10.7,#6)."""
    job = call.known_job()
    stage = _current_stage(job, call)
    if stage.status in call.api.terminal:
        text = f"The job is already {stage.status}."
        if call.switch("cancel_finished") == "success_false":
            return Answer(200, {"success": False, "message": text})
        raise Refused("conflict", text)
    people = job.shows(stage) if stage.visible is not None else job.kept or None
    _play(job, (Step(status="cancelled"),), call, people, before=stage.status)
    return Answer(200, {"success": True, "message": "Cancelled."})


def more(call: RequestContext) -> Answer:
    """Reopen a completed job to add people. The scenario limits how many."""
    return _more(call, "additional_limit")


def continue_(call: RequestContext) -> Answer:
    """Answer the older path of `more`, which reads `additionalLimit` (schemas/clado/README.md#11.26)."""
    if not call.switch("continue_alias"):
        return call.api.other_error(404, "There is no such route.", call)
    return _more(call, "additionalLimit")


def _more(call: RequestContext, field: str) -> Answer:
    body = read(call, {field: COUNT})
    job = call.known_job()
    stage, scenario = _current_stage(job, call), job.plan.scenario
    left = (scenario.more.count if scenario.more else 0) - job.added
    if stage.status != "completed":
        raise Refused("conflict", f"The job is {stage.status}, not completed.")
    if left <= 0:
        raise Refused("conflict", "There are no more matches to add.")
    added = min(int(body.get(field, _MORE_DEFAULT)), left)
    if job.billed:
        afford(call, added)
    job.kept = job.shows(stage)
    job.count, job.added = job.kept + added, job.added + added
    steps = (scenario.more and scenario.more.progression) or CONTINUATION
    _play(job, steps, call, job.kept)
    if job.billed:
        call.namespace.open_charges[job.id] = job
    return Answer(200, {"job_id": job.id, "status": "pending", "message": "More results requested."})


def _current_stage(job: Job, call: RequestContext) -> Stage:
    """Return the current stage. Raises Refused where the scenario says that the job can't be found."""
    stage = job.stage(call.now)
    if stage.status == ABSENT:
        raise Refused("not_found")
    return stage


def _play(
    job: Job, steps: tuple[Step, ...], call: RequestContext, people: int | None, before: str | None = None
) -> None:
    """Replace the job's steps from now on. `people` are visible already."""
    following = replace(job.plan, stages=stages(steps, call.api.shows, people=people, before=before))
    job.state = State(0, call.now)
    call.namespace.change_plan(job, following)
