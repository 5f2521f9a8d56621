"""The smallest correct client of Clado: it starts and continues jobs, and collects the people page by page."""

from __future__ import annotations

from typing import Any

from ...dialect.reference_client import ReferenceClient

_JOBS = "/api/search/deep_research"
_PAGE_SIZE = 25


def _start(run_shape: str | None) -> dict[str, Any]:
    return {"query": "chemists in Graz"}


def _more(client: Any, job: str) -> None:
    client.post(f"{_JOBS}/{job}/more", json={"additional_limit": 30}).raise_for_status()


def _collect(client: Any, job: str) -> tuple[int, int]:
    """Read all pages, and return the numbers of pages and of people (schemas/clado/README.md#4.5)."""
    pages = people = 0
    more = True
    while more:
        answer = client.get(f"{_JOBS}/{job}", params={"page": pages + 1, "page_size": _PAGE_SIZE})
        body = answer.json() if answer.is_success else {}
        found = body.get("results", [])
        pages, people = pages + bool(found), people + len(found)
        more = bool(found) and body["pagination"]["has_next"]
    return pages, people


REFERENCE_CLIENT = ReferenceClient(start=_start, more=_more, collect=_collect)
