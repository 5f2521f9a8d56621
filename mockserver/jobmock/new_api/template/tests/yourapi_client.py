"""A small client that starts a job and waits for its end. Put your own client in its place."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from jobmock_yourapi import API

START = API.operation_named("start")
BODY = API.reference_client().start(None)


def retry_after(answer: httpx.Response | None) -> float:
    """Return the seconds that Retry-After says, 0 without one."""
    value = "0" if answer is None else answer.headers.get("retry-after", "0")
    if value.isdigit():
        return int(value)
    return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())


def poll(client: httpx.Client, job: str) -> tuple[httpx.Response | None, Any]:
    """Return an answer and its body, or nothing where the answer was lost."""
    try:
        answer = client.get(API.path_of("status", job))
        return answer, answer.json() if answer.is_success else None
    except (httpx.TransportError, ValueError):
        return None, None


def wait_for(url: str, key: str, job: str) -> Any:
    """Poll a job until it is over. Return its last body."""
    errors, deadline = 0, time.monotonic() + 3600
    with httpx.Client(base_url=url, headers=[*API.credential.headers(key)], timeout=30) as client:
        while time.monotonic() < deadline:
            answer, body = poll(client, job)
            if API.status_in(body) in API.terminal:
                return body
            if answer is not None and 400 <= answer.status_code < 500 and answer.status_code not in (408, 429):
                answer.raise_for_status()
            errors = 0 if body else errors + 1
            time.sleep(retry_after(answer) or min(5 * 2**errors, 300))
    raise TimeoutError(f"The job {job} takes too long.")


def start(url: str, key: str) -> str:
    """Start a job and return its id."""
    with httpx.Client(base_url=url, headers=[*API.credential.headers(key)], timeout=30) as client:
        answer = client.request(START.method, START.path, json=BODY).raise_for_status()
        job = API.job_id_in(answer.json() if answer.content else None, answer.headers)
    assert job is not None, f"The answer names no job: {answer.text}"
    return job
