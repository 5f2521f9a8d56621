"""GET /api/search/deep_research/{job_id}: the status, the counters, the people and their pages (apis/clado §4)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from ...clock import SECOND
from ...dialect import Answer, Call, Part, Refused
from ...models import Pages, Told
from ...namespace import Job
from ...pagination import Page, cut, order
from ...patch import patched
from ...progression import ABSENT, Stage
from .requests import entry, invalid
from .roster import people_part

Window = tuple[int, int]
"""The page that is asked for, and its size."""

_NUMBER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_WORDS = {"true": True, "1": True, "false": False, "0": False}

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


def answer(call: Call) -> Answer:
    """Answer one poll; a bad query is refused before the job moves."""
    window, word = _asked(call.request.query)
    legacy = _legacy(word, call)
    stage, job = call.poll(), call.known_job()
    if stage.step.status == ABSENT:
        raise Refused("not_found")
    body = _body(job, stage, call)
    if stage.visible is not None:
        _add_people(body, job, stage, _shape(legacy, call), window, call)
    elif window:
        body["pagination"], call.page = _pagination(cut(0, *window))
    return Answer(200, patched(body, stage.step))


@lru_cache(maxsize=256)
def _asked(query: bytes) -> tuple[Window | None, str | None]:
    """Return the window of a query, and the word after `legacy`. A refusal isn't remembered."""
    members = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True))
    return _window(members), members.get("legacy")


def _window(query: dict[str, str]) -> Window | None:
    """Return (page, page_size), or None without `page`: then `page_size` is not even read (apis/clado §11 #13, #14)."""
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


def _legacy(word: str | None, call: Call) -> bool | None:
    """Return what the request says of `legacy`, None where it says nothing or isn't asked any more."""
    if word is None or call.switch("after_removal"):
        return None
    if word.lower() not in _WORDS:
        raise invalid([entry(["query", "legacy"], "Input should be true or false.", "bool_parsing")])
    return _WORDS[word.lower()]


def _shape(legacy: bool | None, call: Call) -> str:
    """Choose the record shape: `legacy` and its switches (apis/clado §10 #1, §11 #15)."""
    if call.switch("after_removal") or not (call.switch("legacy_default") if legacy is None else legacy):
        return "modern"
    return str(call.switch("legacy_shape"))


def _body(job: Job, stage: Stage, call: Call) -> dict[str, Any]:
    """Return what the answer says beside its people (apis/clado §4.2, §4.3, §11 #6–#9)."""
    status = stage.step.status
    body: dict[str, Any] = {
        "job_id": job.id, "status": status, "message": _MESSAGES.get(status, f"The job is {status}."),
    }  # fmt: skip
    if status == "pending":
        return body
    done = _CHUNKS_DONE.get(status, _CHUNKS_DONE.get(stage.before or "", 0))
    seen = job.shows(stage)
    body |= {
        "created_at": job.created // SECOND,
        "opensearch_results": max(_hits(job.count) * done // _CHUNKS, _hits(job.kept) if job.kept else 0, seen),
        "final_results_count": seen,
        "total_filtered": seen,
        "search_chunk_done": done,
        "search_chunk_total": _CHUNKS,
    }
    if call.switch("search_incomplete"):
        body["search_incomplete"] = False
    if status == "error":
        text = "The search failed."
        body["error"] = {"message": text} if call.switch("error_as") == "object" else text
    return body


def _hits(people: int) -> int:
    """Return how many raw hits there are for so many people; the documents' sample has 150 for 47."""
    return 3 * people + 9


class Listed(NamedTuple):
    """The people of an answer, and where the request had `page` the pagination and what it tells."""

    people: Part
    pagination: dict[str, Any] | None = None
    told: Told | None = None


def _listed(shape: str, seed: int, visible: int, window: Window | None, pages: Pages | None = None) -> Listed:
    """List the people that exist so far, all or those of a page (apis/clado §11 #10)."""
    shown = order(range(visible), pages)
    if window is None:
        return Listed(people_part(shape, seed, shown))
    page = cut(visible, *window, pages)
    return Listed(people_part(shape, seed, shown[page.start : page.stop]), *_pagination(page))


_honestly_listed = lru_cache(maxsize=1024)(_listed)


def _pagination(page: Page) -> tuple[dict[str, Any], Told]:
    return dict(zip(page._fields[:6], page[:6], strict=True)), Told(page.page, page.page_size, page.has_next)


def _add_people(body: dict[str, Any], job: Job, stage: Stage, shape: str, window: Window | None, call: Call) -> None:
    """Add `results`, and `pagination` where the request had `page`."""
    pages, wanted = stage.step.pages, (shape, job.seed, job.shows(stage), window)
    body["results"], pagination, call.page = _listed(*wanted, pages) if pages else _honestly_listed(*wanted)
    if pagination is not None:
        body["pagination"] = pagination
