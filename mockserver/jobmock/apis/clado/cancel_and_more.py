"""POST …/cancel, POST …/more and its older path …/continue (schemas/clado/README.md#3.3,#3.4,#4.7,#4.8,#5)."""

from __future__ import annotations

from ...dialect.answers import Answer, Refused
from ...dialect.job_changes import cancel_job, continue_job, results_left
from ...dialect.job_views import current_view
from ...dialect.request_context import RequestContext
from ...models import After, Step
from .billing import afford
from .request_bodies import COUNT, read

_MORE_DEFAULT = 30
CONTINUATION = (Step(status="pending", after=After(polls=1)), Step(status="completed"))
"""The progression of a reopened job whose scenario has none for it."""


def cancel(call: RequestContext) -> Answer:
    """Cancel a job that isn't terminal. It is charged for its results (schemas/clado/README.md#10.7,#6)."""
    stage = cancel_job(call, Step(status="cancelled"))
    if stage.status not in call.api.terminal:
        return Answer(200, {"success": True, "message": "Cancelled."})
    text = f"The job is already {stage.status}."
    if call.switch("cancel_finished") == "success_false":
        return Answer(200, {"success": False, "message": text})
    raise Refused("conflict", text)


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
    job, status, left = call.known_job(), current_view(call).stage.status, results_left(call.known_job())
    if status != "completed":
        raise Refused("conflict", f"The job is {status}, not completed.")
    if left <= 0:
        raise Refused("conflict", "There are no more matches to add.")
    added = min(int(body.get(field, _MORE_DEFAULT)), left)
    if job.billed:
        afford(call, added)
    continue_job(call, added)
    if job.billed:
        call.namespace.open_charges[job.id] = job
    return Answer(200, {"job_id": job.id, "status": "pending", "message": "More results requested."})
