"""A small client that starts a job and waits for its end. Put your own client in its place."""

from __future__ import annotations

import time
from collections.abc import Callable
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


def read(client: httpx.Client, operation: str, job: str) -> tuple[httpx.Response | None, Any]:
    """Return an answer about a job and its body, or nothing where the answer was lost."""
    try:
        answer = client.get(API.path_of(operation, job))
        return answer, answer.json() if answer.is_success else None
    except (httpx.TransportError, ValueError):
        return None, None


def read_until(client: httpx.Client, operation: str, job: str, is_good: Callable[[Any], bool]) -> Any:
    """Ask about a job until a body is good, and return it."""
    errors, deadline = 0, time.monotonic() + 3600
    while time.monotonic() < deadline:
        answer, body = read(client, operation, job)
        if body is not None and is_good(body):
            return body
        if answer is not None and 400 <= answer.status_code < 500 and answer.status_code not in (408, 429):
            answer.raise_for_status()
        errors = 0 if body else errors + 1
        time.sleep(retry_after(answer) or min(5 * 2**errors, 300))
    raise TimeoutError(f"The job {job} takes too long.")


def wait_for(url: str, key: str, job: str) -> Any:
    """Poll a job until it is over. Return its last body, with its results if another operation has them."""
    with httpx.Client(base_url=url, headers=[*API.credential.headers(key)], timeout=30) as client:
        body = read_until(client, "status", job, lambda body: API.status_in(body) in API.terminal)
        if API.results_operation == "status" or not API.is_success(API.status_in(body)):
            return body
        return {**body, "results": read_until(client, API.results_operation, job, lambda body: True)}


def start(url: str, key: str) -> str:
    """Start a job and return its id."""
    with httpx.Client(base_url=url, headers=[*API.credential.headers(key)], timeout=30) as client:
        answer = client.request(START.method, START.path, json=BODY).raise_for_status()
        job = API.job_id_in(answer.json() if answer.content else None, answer.headers)
    assert job is not None, f"The answer names no job: {answer.text}"
    return job
