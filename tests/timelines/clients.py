"""Clients of a mock without a socket, and what they did."""

from __future__ import annotations

from typing import Any

from tests.support import KEYS, Mock

from jobmock.client_reports.activity import ClientActivity, client_activity
from jobmock.etiquette import RuleSettings
from jobmock.timelines.client_timeline import ClientTimeline, timelines_of

FAULTY: dict[str, Any] = {
    "version": 1, "api": "clado", "results": {"count": 47},
    "progression": [
        {"status": "pending", "after": {"polls": 2}}, {"status": "searching", "after": {"seconds": 30}},
        {"status": "completed"},
    ],
    "faults": [
        {"when": {"request": 3}, "respond": "rate_limited", "retry_after": 12},
        {"when": {"request": 5}, "corrupt": "short_body"},
        {"when": {"request": 6}, "delay": "4s"},
    ],
}  # fmt: skip
"""A scenario in which polls are refused, broken and held."""


def poll_every(mock: Mock, job: str, seconds: float, times: int, query: str = "") -> None:
    """Poll a job of Clado so often, with a pause after each poll."""
    for _ in range(times):
        mock.poll("clado", job, query=query)
        mock.advance(seconds)


def impatient(mock: Mock) -> str:
    """Play a client that doesn't wait as long as Retry-After says, and then reads two pages. Returns its job."""
    job = mock.play("clado", FAULTY)
    poll_every(mock, job, 5, 9)
    for page in (1, 2, 3):
        mock.poll("clado", job, query=f"page={page}&page_size=20")
    mock.send("GET", "/api/credits", key=KEYS["clado"])
    return job


def activity_of(mock: Mock, api: str = "clado") -> ClientActivity:
    """Return what the client of a mock did with an API."""
    own = mock.namespace(api)
    return client_activity(mock.service.namespaces, own, settings=RuleSettings(), time="virtual")


def timeline_of(mock: Mock, api: str = "clado") -> ClientTimeline:
    """Return what the client of a mock did with one key."""
    (timeline,) = timelines_of(activity_of(mock, api))
    return timeline
