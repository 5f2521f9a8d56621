"""What the HAR files of a mock share: the head of a log, and an entry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from ..clock import SECOND
from ..version import __version__

_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def log_head(harfile: Any, comment: str) -> dict[str, Any]:
    """Return the members of a log that come before its entries."""
    creator = {"name": "jobmock", "version": __version__}
    return {"version": harfile.HAR_VERSION, "creator": creator, "comment": comment}


def entry(
    harfile: Any, at: int, due: int, request: Any, response: Any, *, comment: str | None, namespace: str | None
) -> dict[str, Any]:
    """Return an entry: when the request came, and when its answer was due, in nanoseconds.

    `harfile` has no member for the public name of a namespace, so it only makes the parts.
    """
    waited = max(0, due - at) / SECOND * 1000
    return {
        "startedDateTime": (_UNIX_EPOCH + timedelta(microseconds=at // 1000)).isoformat(),
        "time": waited,
        "request": request.asdict(),
        "response": response.asdict(),
        "cache": {},
        "timings": harfile.Timings(send=0, wait=waited, receive=0).asdict(),
        **({} if comment is None else {"comment": comment}),
        "_namespace": namespace,
    }


def phrase(status: int) -> str:
    """Return the phrase of an HTTP status, empty for an unknown one."""
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else ""
