"""POST …/cancel, POST …/more and its earlier form …/continue (schemas/clado/README.md#3.3,#3.4,#4.7,#4.8,#5)."""

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
_AGAIN = (Step(status="pending", after=After(polls=1)), Step(status="completed"))
"""How a reopened job goes on where the scenario doesn't say it."""


def cancel(call: RequestContext) -> Answer:
    """Cancel a job that isn't terminal; it is charged for what it found (schemas/clado/README.md#10.7,#6)."""
    job = call.known_job()
    stage = _present(job, call)
    if stage.status in call.api.terminal:
        text = f"The job is already {stage.status}."
        if call.switch("cancel_finished") == "success_false":
            return Answer(200, {"success": False, "message": text})
        raise Refused("conflict", text)
    held = job.shows(stage) if stage.visible is not None else job.kept or None
    _play(job, (Step(status="cancelled"),), call, held, before=stage.status)
    return Answer(200, {"success": True, "message": "Cancelled."})


def more(call: RequestContext) -> Answer:
    """Reopen a completed job to add people, as many as are left of what the scenario allows."""
    return _more(call, "additional_limit")


def continue_(call: RequestContext) -> Answer:
    """Answer the earlier path of `more`, which reads `additionalLimit` (schemas/clado/README.md#11.26)."""
    if not call.switch("continue_alias"):
        return call.api.other_error(404, "There is no such route.", call)
    return _more(call, "additionalLimit")


def _more(call: RequestContext, field: str) -> Answer:
    body = read(call.request.body, {field: COUNT})
    job = call.known_job()
    stage, scenario = _present(job, call), job.plan.scenario
    left = (scenario.more.count if scenario.more else 0) - job.added
    if stage.status != "completed":
        raise Refused("conflict", f"The job is {stage.status}, not completed.")
    if left <= 0:
        raise Refused("conflict", "There are no more matches to add.")
    added = min(int(body.get(field, _MORE_DEFAULT)), left)
    if job.billed:
        afford(call, added)
    held = job.kept = job.shows(stage)
    job.count, job.added = held + added, job.added + added
    _play(job, scenario.more.progression if scenario.more and scenario.more.progression else _AGAIN, call, held)
    if job.billed:
        call.namespace.open_charges[job.id] = job
    return Answer(200, {"job_id": job.id, "status": "pending", "message": "More results requested."})


def _present(job: Job, call: RequestContext) -> Stage:
    """Return the stage that holds now. Raises Refused where the scenario says that the job can't be found."""
    stage = job.stage(call.now)
    if stage.status == ABSENT:
        raise Refused("not_found")
    return stage


def _play(job: Job, steps: tuple[Step, ...], call: RequestContext, held: int | None, before: str | None = None) -> None:
    """Let the job go on with other steps from now on; `held` people are visible already."""
    placed = stages(steps, call.api.shows, held=held, before=before)
    job.plan = replace(job.plan, stages=placed)
    job.state = State(0, call.now)
    call.namespace.open_charges.mark_changed(job.id)
