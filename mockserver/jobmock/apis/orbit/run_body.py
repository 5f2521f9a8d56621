"""The body of a run's status answer: its status, its profile or candidates, its failure.

Source: schemas/orbit/README.md#4.3-#4.6.
"""

from __future__ import annotations

from typing import Any

from ...dialect.job_views import JobView
from .profile_ids import profile_ids

PARTIAL_SECTIONS = 5
ALL_SECTIONS = 12
"""The number of sections that a full run writes: all standard ones but `basic`. A partial run writes fewer.

Source: schemas/orbit/README.md#4.7.
"""


def run_body(view: JobView) -> dict[str, Any]:
    """Return the status body of a run, without the step's own members."""
    candidates = view.facts["run_shape"] == "candidate_discovery"
    body: dict[str, Any] = {
        "request_id": view.job_id,
        "run_id": view.facts["run_id"],
        "status": view.stage.status,
        "result": (_candidates if candidates else _profile)(view),
    }
    if view.stage.status == "failed":
        body["failure"] = _failure(view)
    return body


def _profile(view: JobView) -> dict[str, Any] | None:
    """Return the result of a single-profile run: null until there is an id (schemas/orbit/README.md#4.4)."""
    stage = view.stage
    shown = stage.status if stage.status in ("generating_sections", "completed") else stage.before
    if shown not in ("generating_sections", "completed"):
        return None
    result: dict[str, Any] = {"id": view.facts.get("profile_id") or profile_ids(view.seed, 1)[0]}
    if stage.status == shown:
        result["section_generation"] = _sections(view)
    return result


def _sections(view: JobView) -> dict[str, Any]:
    """Return the section counts. They grow, and are ready only at the end (schemas/orbit/README.md#11.20)."""
    total = PARTIAL_SECTIONS if view.facts["run_shape"] == "partial_only" else ALL_SECTIONS
    done = view.stage.status == "completed"
    counts = {
        "sections_ready": done,
        "materialized_section_count": total if done else min(view.stage.nth, total),
        "failed_count": 0,
    }
    return {**counts, "status": "ready" if done else "queued"} if view.switch("section_status") else counts


def _candidates(view: JobView) -> dict[str, Any] | None:
    """Return the candidates; None before the first step that shows any.

    Source: schemas/orbit/README.md#4.5,#11.27-#11.29.
    """
    stage, count = view.stage, view.shown
    if stage.visible is None:
        return None
    ids = profile_ids(view.seed, count)
    found = view.people if ids or stage.status == "completed" else 0
    phase = "candidate_profile_persistence" if ids else "candidate_source_discovery"
    return {
        "candidate_profile_ids": ids,
        "profile_ids": ids,
        "candidate_count": found,
        "dispatched_candidate_count": found,
        "persisted_candidate_count": count,
        "failed_candidate_count": 0,
        "skipped_candidate_count": 0,
        "current_phase": "completed" if stage.status == "completed" else phase,
        "metrics": {
            "source_discovery_elapsed_ms": 4200, "clustering_elapsed_ms": 900 if found else 0,
            "child_search_engine_query_count": 0,
        },
    }  # fmt: skip


def _failure(view: JobView) -> dict[str, Any]:
    """Return the default failure, which a scenario's `body` may replace (schemas/orbit/README.md#4.6,#11.22,#11.24)."""
    failure = {"code": "deep_search_failed", "message": "The run could not be completed.", "retryable": True}
    return {**failure, "suggested_inputs": []} if view.switch("empty_suggested_inputs") else failure
