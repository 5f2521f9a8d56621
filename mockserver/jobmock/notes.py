"""What the journal keeps of a request and its answer: all that a verdict on the client needs, and no key."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import Any

import orjson

from .dialect import Call
from .headers import Headers, retry_due
from .journal import redact
from .models import Exchange

_LONG = 1_000
"""Bytes of a path and query that aren't remembered: nobody polls that way, and memory is bounded."""


def noted(call: Call, number: int, at: int, status: int, headers: Headers) -> Exchange:
    """Return the exchange of a call that was answered with this status and these headers of its own."""
    method, raw, asked, _, _ = call.request
    operation, job, stage, fault = call.operation, call.job, call.stage, call.fault
    without_keys = _without_keys if len(raw) + len(asked) < _LONG else _without_keys.__wrapped__
    path, query, job_id = without_keys(raw, asked, job.id if job else None)
    intent, once = _intent(call) if operation and operation.name == "start" else (None, None)
    return Exchange(  # by position, for it is made for every request
        number, at, call.api.name, operation.name if operation else None, job_id, method, path, query, status,
        stage.number if stage else None, fault.label if fault else None, call.note,
        stage.step.status if stage else None, retry_due(headers, max(at, call.due)) if status >= 400 else None,
        call.page, intent, once and redact(once), job.created if job else None, call.due or None,
    )  # fmt: skip


@lru_cache(maxsize=1024)
def _without_keys(path: bytes, query: bytes, job_id: str | None) -> tuple[str, str, str | None]:
    """Return path, query and job as they are shown: redacted once, and one text for all polls that are the same."""
    shown = redact(query.decode("latin-1"), query=True)
    return redact(path.decode("latin-1")), shown, job_id and redact(job_id)


def _in_order(asked: dict[str, Any]) -> bytes | None:
    """Return the same bytes for the same content; None where it is nested too deeply to be written."""
    try:
        return orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        return None


def _intent(call: Call) -> tuple[str, str | None]:
    """Return a digest of what a start asks for, and its idempotency key, None without one."""
    assert call.operation is not None
    once, body = None, call.request.body
    try:
        asked = orjson.loads(body)
    except orjson.JSONDecodeError:
        asked = None
    if isinstance(asked, dict):
        once = asked.pop(call.operation.once, None)
        body = _in_order(asked) or body
    return blake2b(body, digest_size=8).hexdigest(), once if isinstance(once, str) else None
