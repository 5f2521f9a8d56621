"""Starts a job in the usual way, for an API whose start has no rules of its own."""

from __future__ import annotations

from ..engine.jobs import Job
from .answers import Refused
from .request_context import RequestContext

_MAX_ID = 200


def start_job(call: RequestContext, job_id: str | None = None, kind: str = "job") -> Job:
    """Start a job of a kind that plays the key's scenario. It has the id that the client chose, else a new one.

    Raises Refused as for an unknown job if that id is too long to be kept.
    """
    if job_id is not None and len(job_id) > _MAX_ID:
        raise Refused(call.api.not_found_error, f"An id has at most {_MAX_ID} characters.")
    plan = call.plan_for(kind)
    return call.start_job(job_id or call.namespace.unique("job"), plan, plan.scenario.results.count, {})
