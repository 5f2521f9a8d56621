"""What the jobs of a namespace went through, over the time of its clock."""

from __future__ import annotations

from itertools import islice
from typing import Any

from ...clock import SECOND
from ...engine.jobs import Job
from ...engine.namespace import Namespace
from ...models import Exchange
from ...timelines.status_spans import exchanges_by_job, status_spans
from .fields import Body, Problem, fields
from .long_calls import LongCall
from .selection import NAMESPACE, is_without_key

MOST = 1_000
"""So many of the newest jobs are shown."""


def of(namespace: Namespace | None, body: Body) -> LongCall | dict[str, Any]:
    """Return the statuses of the newest jobs, oldest first. Raises Problem."""
    fields(body, {}, NAMESPACE)
    if is_without_key(body):
        return {"jobs": [], "more": 0}
    if namespace is None:
        raise Problem(400, "A timeline belongs to a key: send it as a bearer token, or name its namespace.")
    jobs, journal, now = list(islice(reversed(namespace.jobs.values()), MOST)), namespace.journal, namespace.clock.now()
    more = len(namespace.jobs) - len(jobs)

    def make() -> dict[str, Any]:
        about = exchanges_by_job(journal)
        return {"jobs": [_row(job, about.get(job.redacted, []), now) for job in reversed(jobs)], "more": more}

    return LongCall(make, size=len(jobs) + len(journal))


def _row(job: Job, exchanges: list[Exchange], now: int) -> dict[str, Any]:
    """Return a job with the spans of its statuses. Times are in seconds since 1970."""
    spans = [
        {"status": span.status, "from": span.begin / SECOND, "to": None if span.end is None else span.end / SECOND}
        for span in status_spans(job, exchanges, now)
    ]
    return {
        "id": job.redacted, "scenario": job.plan.name, "made": job.created / SECOND, "status": job.stage(now).status,
        "spans": spans,
    }  # fmt: skip
