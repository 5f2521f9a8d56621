"""Journals written by hand: exchanges in short words, and what is found in them."""

from __future__ import annotations

from typing import Any

from tests.support import put

from jobmock import apis
from jobmock.clock import SECOND
from jobmock.engine.journal import Journal
from jobmock.etiquette import Verdict, judge
from jobmock.models import Exchange, PageInfo

JOBS = "/api/search/deep_research"
DOUBT: dict[str, Any] = {"lost": True, "fault": "corrupt wrong_content_type"}
Row = dict[str, Any]


def start(at: float, status: int = 200, job: str | None = "j1", **more: Any) -> Row:
    """A start; one that is refused makes no job."""
    made = job if status < 300 else None
    return {"at": at, "operation": "start", "method": "POST", "path": JOBS, "status": status, "job": made,
            "intent": "i1", **more}  # fmt: skip


def poll(at: float, said: str | int, query: str = "", job: str | None = "j1", **more: Any) -> Row:
    """A poll answered with a job status, or with an HTTP status."""
    path = more.pop("path", f"{JOBS}/{job}")
    answer = {"status": said} if isinstance(said, int) else {"status": 200, "state": said}
    return {"at": at, "operation": "status", "path": path, "query": query, "job": job, **answer, **more}


def page(at: float, number: int, said: str | int = "completed", *, size: int = 10, last: int = 3, **more: Any) -> Row:
    """A page read of a job that has so many pages."""
    pages = None if isinstance(said, int) else PageInfo(number, size, number < last)
    return poll(at, said, f"page={number}&page_size={size}", page=pages, **more)


def change(at: float, operation: str, status: int = 200, **more: Any) -> Row:
    """A `more` or a `cancel`."""
    path = f"{JOBS}/j1/{operation}"
    return {"at": at, "operation": operation, "method": "POST", "path": path, "status": status, "job": "j1", **more}


def journal(*rows: Row, dropped: int = 0) -> Journal:
    """Return a journal of these exchanges, numbered from 1; a row that is `lost` didn't arrive."""
    noted = Journal()
    noted.dropped = dropped
    for number, row in enumerate(rows, 1):
        row = {"api": "clado", "method": "GET", "query": "", **row}
        if row.pop("lost", False):
            noted.lost.add(number)
        for reading in ("retry", "held", "arrived"):
            if row.get(reading) is not None:
                row[reading] = round(row[reading] * SECOND)
        put(noted, Exchange(**{**row, "number": number, "at": round(row["at"] * SECOND)}))
    return noted


def verdict(*rows: Row, api: str = "clado", dropped: int = 0, **more: Any) -> Verdict:
    """Judge a journal; `now` is in seconds. The client lives by the clock, unless another `time` is given."""
    more.setdefault("time", "virtual")
    if more.get("now") is not None:
        more["now"] = round(more["now"] * SECOND)
    named = [{"api": api, **row} for row in rows]
    return judge(journal(*named, dropped=dropped), apis.load(api), **more)


def found(*rows: Row, **more: Any) -> dict[str, tuple[int, ...]]:
    """Return the exchanges of each rule that was broken."""
    findings = verdict(*rows, **more).findings
    rules = {finding.rule: finding.exchanges for finding in findings}
    assert len(rules) == len(findings), "More than one finding of a rule."
    return rules
