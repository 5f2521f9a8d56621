"""The smallest correct client of Orbit: it starts a run of a shape, and counts the profiles at its end."""

from __future__ import annotations

from typing import Any

from ...dialect.reference_client import ReferenceClient


def _start(run_shape: str | None) -> dict[str, Any]:
    intent = {"version": "v1", "names": ["Example Person"]}
    return {"runShape": run_shape or "partial_plus_full", "structuredIntent": intent}


def _collect(client: Any, job: str) -> tuple[int, int]:
    """Return the number of profiles; there are no pages (schemas/orbit/README.md#4.4,#4.5)."""
    answer = client.get(f"/v2/developer/deep-search/{job}")
    result = (answer.json().get("result") if answer.is_success else None) or {}
    return 0, len(result.get("profile_ids", [result["id"]] if "id" in result else []))


REFERENCE_CLIENT = ReferenceClient(start=_start, more=None, collect=_collect)
