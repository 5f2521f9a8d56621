"""What the journal keeps of a request and its answer: all that a verdict on the client needs, and no key."""

from __future__ import annotations

from hashlib import blake2b

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
    )


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
        body = orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)
    return blake2b(body, digest_size=8).hexdigest(), once if isinstance(once, str) else None
