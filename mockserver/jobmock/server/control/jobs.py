"""Jobs as JSON. Those of several keys come in pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...clock import SECOND
from ...engine.jobs import Job
from ...engine.namespace import Namespace
from .fields import Body, fields
from .long_calls import LongCall, page_of

PAGE = 2_000
"""A page ends with the namespace that completes so many jobs."""


def of(namespaces: Iterable[Namespace], body: Body) -> LongCall:
    """Return a page of the jobs of namespaces. Raises Problem."""
    after = fields(body, {}, {"after": (str,)}).get("after", "0")
    page, following = page_of(namespaces, after, lambda one: len(one.jobs), PAGE)
    more = {"next": following} if following else {}
    jobs = [(namespace, job) for namespace in page for job in namespace.jobs.values()]
    return LongCall(lambda: {"jobs": [_job(*one) for one in jobs], **more}, size=len(jobs))


def _job(namespace: Namespace, shown: Job) -> dict[str, Any]:
    """Return the present state of a job; `elapsed` is in seconds."""
    now = namespace.clock.now()
    return {
        "id": shown.redacted, "api": namespace.api, "namespace": namespace.name, "scenario": shown.plan.name,
        "status": shown.stage(now).status, "polls": shown.polls, "elapsed": (now - shown.created) / SECOND,
    }  # fmt: skip
