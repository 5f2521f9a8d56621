"""GET /api/search/deep_research/{job_id}: status, counters, and the people, page by page or all at once.

Source: schemas/clado/README.md#4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from ...clock import SECOND
from ...dialect.answers import Answer, Refused
from ...dialect.job_views import JobView
from ...engine.pagination import Page, cut, order
from ...models import PageInfo
from .request_bodies import entry, invalid
from .serialized_people import people_part

_TERMINAL = frozenset({"completed", "error", "cancelled"})
TRANSITIONS = {
    "pending": _TERMINAL | {"searching", "processing"},
    "searching": _TERMINAL | {"processing"},
    "processing": _TERMINAL,
    **dict.fromkeys(_TERMINAL, frozenset[str]()),
}
"""Statuses may be skipped, because a poller can miss them (schemas/clado/README.md#5)."""

SHOWS = {
    "pending": "nobody", "searching": "none", "processing": "kept or none",
    "completed": "all", "error": "nobody", "cancelled": "kept",
}  # fmt: skip

COUNTERS = (("opensearch_results",), ("final_results_count",), ("total_filtered",), ("search_chunk_done",))

Window = tuple[int, int]
"""The number and the size of the requested page."""

_NUMBER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}

_MESSAGES = {
    "pending": "Waiting for a worker.",
    "searching": "Looking for profiles.",
    "processing": "Checking the profiles that were found.",
    "completed": "Finished.",
    "error": "The job failed.",
    "cancelled": "The job was cancelled.",
}
_CHUNKS = 5
_CHUNKS_DONE = {"searching": 2, "processing": 4, "completed": _CHUNKS}


def render_status(view: JobView) -> Answer:
    """Answer one poll. A bad query is refused."""
    window, legacy = _read_query(view.query)
    shape, body, page = _shape(_read_legacy(legacy, view), view), _body(view), None
    if view.stage.visible is not None:
        page = _add_people(body, shape, window, view)
    elif window:
        body["pagination"], page = _pagination(cut(0, *window))
    return Answer(200, body, page=page)


def _read_query(query: bytes) -> tuple[Window | None, str | None]:
    """Return the requested page, and the value of `legacy`."""
    members = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True))
    return _window(members), members.get("legacy")


def _window(query: dict[str, str]) -> Window | None:
    """Return (page, page_size), or None without `page`: then `page_size` isn't read either.

    Source: schemas/clado/README.md#11.13,#11.14.
    """
    if "page" not in query:
        return None
    page, size = _number(query, "page"), _number(query, "page_size") if "page_size" in query else 25
    if page < 1:
        raise Refused("bad_request", f"page must be at least 1, not {page}.")
    if not 1 <= size <= 100:
        raise Refused("bad_request", f"page_size must be from 1 to 100, not {size}.")
    return page, size


def _number(query: dict[str, str], name: str) -> int:
    if not _NUMBER.fullmatch(query[name]):
        raise invalid([entry(["query", name], "Input should be a whole number.", "int_parsing")])
    return int(query[name])


def _read_legacy(text: str | None, view: JobView) -> bool | None:
    """Return `legacy` as a boolean; None where the request doesn't have it, or the parameter was removed."""
    if text is None or view.switch("after_removal"):
        return None
    if text.lower() not in _BOOLEANS:
        raise invalid([entry(["query", "legacy"], "Input should be true or false.", "bool_parsing")])
    return _BOOLEANS[text.lower()]


def _shape(legacy: bool | None, view: JobView) -> str:
    """Return the shape of the records, by `legacy` and its switches (schemas/clado/README.md#10.1,#11.15)."""
    if view.switch("after_removal") or not (view.switch("legacy_default") if legacy is None else legacy):
        return "modern"
    return str(view.switch("legacy_shape"))


def _body(view: JobView) -> dict[str, Any]:
    """Return the body without people (schemas/clado/README.md#4.2,#4.3,#11.6-#11.9)."""
    status = view.stage.status
    body: dict[str, Any] = {
        "job_id": view.job_id, "status": status, "message": _MESSAGES.get(status, f"The job is {status}."),
    }  # fmt: skip
    if status == "pending":
        return body
    done = _CHUNKS_DONE.get(status, _CHUNKS_DONE.get(view.stage.before or "", 0))
    shown, hits = view.shown, _hits(view.people) * done // _CHUNKS
    body |= {
        "created_at": view.created // SECOND,
        "opensearch_results": max(hits, _hits(view.kept) if view.kept else 0, shown),
        "final_results_count": shown,
        "total_filtered": shown,
        "search_chunk_done": done,
        "search_chunk_total": _CHUNKS,
    }
    if view.switch("search_incomplete"):
        body["search_incomplete"] = False
    if status == "error":
        text = "The search failed."
        body["error"] = {"message": text} if view.switch("error_as") == "object" else text
    return body


def _hits(people: int) -> int:
    """Return the number of raw hits for so many people. The sample in the documents has 150 for 47."""
    return 3 * people + 9


def _pagination(page: Page) -> tuple[dict[str, Any], PageInfo]:
    page_info = PageInfo(page.page, page.page_size, page.has_next, page.total_results)
    return dict(zip(page._fields[:6], page[:6], strict=True)), page_info


def _add_people(body: dict[str, Any], shape: str, window: Window | None, view: JobView) -> PageInfo | None:
    """Add the visible people: all of them, or those of the requested page with its `pagination`.

    Source: schemas/clado/README.md#11.10.
    """
    pages = view.stage.step.pages
    people = order(range(view.shown), pages)
    if window is None:
        body["results"] = people_part(shape, view.seed, people)
        return None
    page = cut(view.shown, *window, pages)
    body["results"] = people_part(shape, view.seed, people[page.start : page.stop])
    body["pagination"], page_info = _pagination(page)
    return page_info


def partial(body: Mapping[str, Any], shown: int) -> str | None:
    """Return the counter of a completed job that says that people are missing, or None.

    Source: schemas/clado/README.md#4.3.
    """
    found, done, planned = map(body.get, ("final_results_count", "search_chunk_done", "search_chunk_total"))
    if isinstance(found, int) and found > shown:
        return "final_results_count"
    if isinstance(done, int) and isinstance(planned, int) and done < planned:
        return "search_chunk_done"
    return "search_incomplete" if body.get("search_incomplete") is True else None
