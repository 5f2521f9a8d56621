"""What the journal keeps of a request and its answer: all that a verdict on the client needs, and no key."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import orjson

from .dialect import Call
from .headers import Headers, retry_due
from .journal import redact
from .models import Exchange


def noted(call: Call, number: int, at: int, status: int, headers: Headers) -> Exchange:
    """Return the exchange of a call that was answered with this status and these headers of its own."""
    request = call.request
    intent, once = _intent(call)
    return Exchange(
        number=number,
        at=at,
        api=call.api.name,
        operation=call.operation.name if call.operation else None,
        job=redact(call.job.id) if call.job else None,
        method=request.method,
        path=redact(request.path.decode("latin-1")),
        query=redact(request.query.decode("latin-1"), query=True),
        status=status,
        step=call.stage.number if call.stage else None,
        fault=call.fault.label if call.fault else None,
        note=call.note,
        state=call.stage.status if call.stage else None,
        retry=retry_due(headers, max(at, call.due)) if status >= 400 else None,
        page=call.page,
        intent=intent,
        once=once and redact(once),
        made=call.job.created if call.job else None,
        held=call.due or None,
    )


def _in_order(asked: dict[str, Any]) -> bytes | None:
    """Return the same bytes for the same content; None where it is nested too deeply to be written."""
    try:
        return orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        return None


def _intent(call: Call) -> tuple[str | None, str | None]:
    """Return a digest of what a start asks for, and its idempotency key, both None for any other request."""
    if call.operation is None or call.operation.name != "start":
        return None, None
    once, body = None, call.request.body
    try:
        asked = orjson.loads(body)
    except orjson.JSONDecodeError:
        asked = None
    if isinstance(asked, dict):
        once = asked.pop(call.operation.once, None)
        body = _in_order(asked) or body
    return blake2b(body, digest_size=8).hexdigest(), once if isinstance(once, str) else None
