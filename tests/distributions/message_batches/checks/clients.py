"""A correct client of each API. Each takes URL, key and the id of a job; without an id it starts one."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

BATCHES, EXPORTS = "/v1/message_batches", "/v1/exports"
START = {"entries": [{"custom_ref": ref, "prompt": "Name a lake."} for ref in ("a", "b", "c")]}
_PATIENCE = 88_000


def batch_outcomes(url: str, api_key: str, job_id: str | None = None) -> list[Any]:
    """Return the outcomes of a batch. Raises RuntimeError for one that ended in another way."""
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {api_key}"}, timeout=30) as client:
        if job_id is None:
            job_id = client.post(BATCHES, json=START).raise_for_status().json()["batch_ref"]
        ends = ("ended_well", "ended_badly", "expired_unfinished")
        phase = _wait(client, f"{BATCHES}/{job_id}", "processing_phase", ends, pause=60)
        if phase != "ended_well":
            raise RuntimeError(phase)
        return _ask(client, f"{BATCHES}/{job_id}/outcome_lines", _lines)  # type: ignore[no-any-return]


def export_rows(url: str, api_key: str | None = None, job_id: str | None = None) -> list[Any]:
    """Return the rows of an export, page by page. Raises RuntimeError for one that collapsed."""
    with httpx.Client(base_url=url, timeout=30) as client:
        if job_id is None:
            job_id = client.post(EXPORTS, json={"table": "orders"}).raise_for_status().json()["export_key"]
        phase = _wait(client, f"{EXPORTS}/{job_id}", "export_phase", ("gathered", "collapsed"), pause=20)
        if phase != "gathered":
            raise RuntimeError(phase)
        rows, wanted = list[Any](), dict[str, str]()
        while True:
            found, cursor = _ask(client, f"{EXPORTS}/{job_id}/exported_rows", _page, wanted)
            rows += found
            if cursor is None:
                return rows
            wanted = {"from_cursor": cursor}


def _wait(client: httpx.Client, path: str, member: str, ends: tuple[str, ...], pause: float) -> str:
    """Poll until one of the last statuses, which is returned. Raises TimeoutError."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        status = str(_ask(client, path, lambda answer: answer.json()[member]))
        if status in ends:
            return status
        time.sleep(pause)
    raise TimeoutError(path)


def _ask(
    client: httpx.Client, path: str, read: Callable[[httpx.Response], Any], params: Mapping[str, str] | None = None
) -> Any:
    """Send a request until it is answered well. Raises HTTPStatusError for a refusal that repeating can't change."""
    deadline, errors = time.monotonic() + _PATIENCE, 0
    while time.monotonic() < deadline:
        answer = None
        try:
            answer = client.get(path, params=params)
            if answer.status_code == 200:
                return read(answer)
        except (httpx.TransportError, ValueError, KeyError, TypeError):
            answer = None
        if answer is not None and answer.status_code < 500 and answer.status_code not in (408, 429):
            answer.raise_for_status()
        errors += 1
        time.sleep(_retry_after(answer) or min(5 * 2**errors, 300))
    raise TimeoutError(path)


def _retry_after(answer: httpx.Response | None) -> float:
    value = "0" if answer is None else answer.headers.get("retry-after", "0")
    if value.isdigit():
        return float(value)
    return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())


def _lines(answer: httpx.Response) -> list[Any]:
    return [{"custom_ref": row["custom_ref"], **row} for row in map(json.loads, answer.text.splitlines())]


def _page(answer: httpx.Response) -> tuple[list[Any], str | None]:
    body = answer.json()
    return body["exported_rows"], body["next_from"]


if __name__ == "__main__":
    print(len(batch_outcomes(os.environ["MESSAGE_BATCHES_BASE_URL"], os.environ["MESSAGE_BATCHES_API_KEY"])))  # noqa: T201
    print(len(export_rows(os.environ["CURSOR_EXPORTS_BASE_URL"])))  # noqa: T201
