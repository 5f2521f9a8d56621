"""Starts a job in the usual way, for an API whose start has no rules of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine.jobs import Job
from ..models import NOTHING
from .answers import Refused
from .request_context import RequestContext

_MAX_ID = 200


def start_job(
    call: RequestContext, job_id: str | None = None, kind: str = "job", *,
    count: int | None = None, facts: Mapping[str, Any] = NOTHING,
) -> Job:  # fmt: skip
    """Start a job of a kind that plays the key's scenario. It has the id that the client chose, else a new one.

    It ends with `count` results, else with those of its scenario. Its views have the `facts`, which never change.
    Raises Refused as for an unknown job if that id is too long to be kept.
    """
    if job_id is not None and len(job_id) > _MAX_ID:
        raise Refused(call.api.not_found_error, f"An id has at most {_MAX_ID} characters.")
    plan = call.plan_for(kind)
    results = plan.scenario.results.count if count is None else count
    return call.start_job(job_id or call.namespace.unique("job"), plan, results, facts)
