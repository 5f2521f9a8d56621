"""Exchanges as a proxy sees them, for tests."""

from __future__ import annotations

import json
from typing import Any

from tests.support import EPOCH, JOBS, KEYS

from jobmock.checking.exchange import LiveExchange
from jobmock.clock import SECOND
from jobmock.models import Request
from jobmock.recording.raw_exchange import RawExchange

JSON = {"content-type": "application/json"}


def poll(
    at: float, body: Any = None, *, api: str = "clado", job: str = "j", query: str = "", **more: Any
) -> RawExchange:
    """Return a poll of a job, `at` seconds after EPOCH, answered with a body and 200 unless `more` changes that."""
    bearer = (b"authorization", f"Bearer {KEYS[api]}".encode())
    request = Request("GET", f"{JOBS[api]}/{job}".encode(), query.encode(), (bearer,))
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return RawExchange(**{
        "at": EPOCH + round(at * SECOND), "request": request, "status": 200, "headers": JSON, "body": raw, **more,
    })  # fmt: skip


def status(word: str, **more: Any) -> dict[str, Any]:
    """Return the body of a status answer of Clado."""
    return {"job_id": "j", "status": word, "message": "Hush.", **more}


def raw(one: LiveExchange) -> RawExchange:
    """Return an exchange as a proxy sees it."""
    key = KEYS["orbit" if one.path.startswith("/v2") else "clado"]
    headers = ((b"authorization", f"Bearer {key}".encode()),)
    request = Request(one.method, one.path.encode(), one.query.encode(), headers, one.sent)
    took = one.answered_at - one.at
    return RawExchange(at=one.at, request=request, took=took, status=one.status, headers=one.headers, body=one.body)
