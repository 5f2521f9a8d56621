"""Starts a job in the usual way, for an API whose start has no rules of its own."""

from __future__ import annotations

from ..engine.jobs import Job
from .api import RequestContext


def start_job(call: RequestContext, job_id: str | None = None, kind: str = "job") -> Job:
    """Start a job of a kind that plays the key's scenario. It has the id that the client chose, else a new one."""
    plan = call.plan_for(kind)
    return call.start_job(job_id or call.namespace.unique("job"), plan, plan.scenario.results.count, {})
