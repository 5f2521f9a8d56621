"""A client of long operations: it starts one, polls it as it is told, and reads the result."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from jobmock.conformance import Task

ENDS = ("Succeeded", "Defeated", "Revoked")
DEADLINE = 7_200.0
PAUSE, LONGEST_PAUSE = 5.0, 300.0


class OperationRefused(Exception):
    """A request was refused for good."""


def connect(url: str, api_key: str, transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """Return an HTTP client with the key."""
    return httpx.Client(base_url=url, headers={"api-key": api_key}, timeout=30, transport=transport)


def start(client: httpx.Client) -> str:
    """Start an operation, and return its id."""
    answer = client.post("/long-operations", json={"kind": "render"}).raise_for_status()
    return answer.headers["operation-location"].rpartition("/")[2]


def wait_for(
    url: str, api_key: str, job_id: str, transport: httpx.BaseTransport | None = None, deadline: float = DEADLINE
) -> dict[str, Any]:  # fmt: skip
    """Return an operation that has ended, with its items if it has succeeded."""
    deadline += time.monotonic()
    with connect(url, api_key, transport) as client:
        body = read(client, f"/long-operations/{job_id}", lambda body: body.get("status") in ENDS, deadline)
        if body["status"] != "Succeeded":
            return body
        result = read(client, f"/long-operations/{job_id}/rendering", lambda body: "renderedItems" in body, deadline)
        return {**body, **result}


def conform(task: Task) -> dict[str, Any] | None:
    """Do what a conformance case asks for. Raises an exception for an operation that has no result."""
    with connect(task.url, task.api_key) as client:
        if task.action == "cancel":
            client.delete(f"/long-operations/{task.job_id}").raise_for_status()
            return None
        job_id = task.job_id if task.action == "poll" else start(client)
    assert job_id is not None
    ended = wait_for(task.url, task.api_key, job_id, deadline=task.deadline)
    if ended["status"] != "Succeeded":
        raise OperationRefused(f"The operation is {ended['status']}.")
    return ended


def read(
    client: httpx.Client, path: str, is_done: Callable[[dict[str, Any]], bool], deadline: float
) -> dict[str, Any]:  # fmt: skip
    """Read a path until its body is what is waited for. Raises OperationRefused and TimeoutError."""
    errors = 0
    while time.monotonic() < deadline:
        answer, body = ask(client, path)
        if is_done(body):
            return body
        if answer is not None and 400 <= answer.status_code < 500 and answer.status_code not in (408, 429):
            raise OperationRefused(f"{path} was answered with {answer.status_code}.")
        errors = 0 if body else errors + 1
        time.sleep(retry_after(answer) or min(PAUSE * 2**errors, LONGEST_PAUSE))
    raise TimeoutError(f"{path} takes too long.")


def ask(client: httpx.Client, path: str) -> tuple[httpx.Response | None, dict[str, Any]]:
    """Return an answer and its body, or nothing where the answer was lost."""
    try:
        answer = client.get(path)
        return answer, answer.json() if answer.status_code == 200 else {}
    except (httpx.TransportError, ValueError):
        return None, {}


def retry_after(answer: httpx.Response | None) -> float:
    """Return the seconds that Retry-After says, 0 without one."""
    value = "0" if answer is None else answer.headers.get("retry-after", "0")
    if value.isdigit():
        return int(value)
    return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())


if __name__ == "__main__":
    url, api_key = os.environ["LONG_OPERATIONS_BASE_URL"], os.environ["LONG_OPERATIONS_API_KEY"]
    with connect(url, api_key) as started:
        job_id = os.environ.get("LONG_OPERATIONS_JOB_ID") or start(started)
    sys.stdout.write(json.dumps(wait_for(url, api_key, job_id)))
