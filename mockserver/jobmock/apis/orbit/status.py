"""GET /v2/developer/deep-search/{requestId}, and the removed events route.

Source: schemas/orbit/README.md#1,#11.33,#11.40.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...dialect.answers import Answer
from ...dialect.job_views import JobView
from ...dialect.request_context import RequestContext
from .run_body import run_body

_TERMINAL = frozenset({"completed", "failed"})
TRANSITIONS = {
    "running": _TERMINAL | {"generating_sections"},
    "generating_sections": _TERMINAL,
    **dict.fromkeys(_TERMINAL, frozenset[str]()),
}
"""Source: schemas/orbit/README.md#5."""

SHOWS = {"running": "kept", "generating_sections": "all", "completed": "all", "failed": "kept"}

COUNTERS = (
    ("result", "candidate_count"),
    ("result", "dispatched_candidate_count"),
    ("result", "persisted_candidate_count"),
    ("result", "failed_candidate_count"),
    ("result", "skipped_candidate_count"),
    ("result", "section_generation", "materialized_section_count"),
)


def render_status(view: JobView) -> Answer:
    """Answer one poll; query parameters are ignored."""
    return Answer(200, run_body(view))


def events(call: RequestContext) -> Answer:
    """Answer the removed event stream: 404, or 410."""
    gone = call.switch("events_route") == "gone"
    return call.api.other_error(410 if gone else 404, "The events route was removed. Poll the status route.", call)


def partial(body: Mapping[str, Any], shown: int) -> str | None:
    """Return the member of a completed run that says that sections are missing, or None.

    Source: schemas/orbit/README.md#4.4.
    """
    result = body.get("result")
    sections = result.get("section_generation") if isinstance(result, Mapping) else None
    missing = isinstance(sections, Mapping) and sections.get("sections_ready") is False
    return "sections_ready" if missing else None
