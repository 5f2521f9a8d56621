"""Makes the entries of the journal. They have all that a verdict on the client needs, without its key."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import orjson

from ..dialect.answers import Answer, CachedBody
from ..dialect.request_context import RequestContext
from ..engine.headers import RETRY_AFTER, retry_due, retry_form
from ..engine.journal import Journal, Record, Sender, size_of
from ..models import Exchange, Request
from ..redaction import redact, redact_id
from .body_limits import excess
from .request_head import RequestHead

_MOST_SENDERS = 1_000
_MOST_OF_AGENT = 120
"""So many bytes of a User-Agent are kept."""
_SHARED = Exchange._fields.index("arrived")
"""The members before this one, but for number and time, are those that equal exchanges share."""


def add_entry(
    journal: Journal, arrived: int, call: RequestContext, head: RequestHead, answer: Answer, status: int
) -> Record:
    """Add the entry of an answered request to the journal, and return its record. `arrived` is the real time.

    A cached answer to the same request differs only in number, times and sender, if it has no fault, no note and no
    Retry-After, which counts from the time of each.
    """
    body, headers, number = answer.body, answer.headers, journal.count + 1
    connection = call.request[5]
    known = journal.senders.get(connection)
    if known is None or (known[0] is not connection and type(connection) is tuple):
        known = _new_sender(journal, call.request, known and known[1])
    sender = known[1]
    may_wait = headers and any(name == RETRY_AFTER for name, _ in headers)
    if type(body) is not CachedBody or call.fault is not None or call.note is not None or may_wait:
        exchange = _exchange(call, head, answer, status)
        record = number, call.now, arrived, sender, exchange[2:_SHARED], size_of(exchange)
    else:
        shown = head.shown
        if body.entry_request is not shown and body.entry_request != shown:
            exchange = _exchange(call, head, answer, status)
            body.entry_request, body.entry, body.entry_size = shown, exchange[2:_SHARED], size_of(exchange)
        record = number, call.now, arrived, sender, body.entry, body.entry_size
    journal.add(record)
    return record


def _new_sender(journal: Journal, request: Request, before: Sender | None) -> tuple[Hashable | None, Sender]:
    """Return the connection of a request, and its sender: that, and the User-Agent without keys and cut.

    They are remembered. An address may be used again: the same one in another tuple is another connection than that of
    the sender `before`, and gets a number in addition.
    """
    sent, connection = request.header(b"user-agent"), request.connection
    own = _numbered(connection, before[0]) if before and isinstance(connection, tuple) else connection
    sender = own, _shown_agent(sent[:_MOST_OF_AGENT]) if sent else None
    if connection is not None:
        if len(journal.senders) >= _MOST_SENDERS:
            journal.senders.clear()
        journal.senders[connection] = connection, sender
    return connection, sender


def _numbered(address: tuple[Any, ...], before: Any) -> tuple[Any, ...]:
    """Return an address with a number that the connection `before` from the same address hasn't."""
    number = before[len(address)] if len(before) > len(address) else 0
    return (*address, number + 1)


@lru_cache(maxsize=256)
def _shown_agent(sent: bytes) -> str:
    return redact(sent.decode("latin-1"))


def _exchange(call: RequestContext, head: RequestHead, answer: Answer, status: int) -> Exchange:
    """Return the exchange of a request; its number is set later."""
    api, operation, method, path, query = head.shown
    job, stage, fault = call.job, call.stage, call.fault
    job_id, made = (None, None) if job is None else (job.redacted, job.created)
    step, state = (None, None) if stage is None else (stage.number + 1, stage.step.status)
    label, held = (None, None) if fault is None else (fault.label, call.due or None)
    intent, once = _intent(call) if operation == "start" else (None, None)
    may_wait = answer.headers and (status >= 400 or operation == "status")  # that of a start is for its first poll
    retry = retry_due(answer.headers, max(call.now, call.due)) if may_wait else None
    form = None if retry is None else retry_form(answer.headers)
    error = answer.error and call.api.error_codes.get(answer.error, answer.error)
    return Exchange(
        0, call.now, api, operation, job_id, method, path, query, status,
        step, label, call.note, state, retry, answer.page, intent, once, made, held,
        _partial(call, answer, status), error, form, call.settings().changed,
    )  # fmt: skip


def _partial(call: RequestContext, answer: Answer, status: int) -> str | None:
    """Return the member of a success that says that parts of the result are missing, or None."""
    job, stage, api = call.job, call.stage, call.api
    if api.partial is None or job is None or stage is None or status >= 300 or not api.is_success(stage.status):
        return None
    body = answer.body.body if isinstance(answer.body, CachedBody) else answer.body
    return api.partial(body, job.shows(stage)) if isinstance(body, dict) else None


def _sorted_json(data: dict[str, Any]) -> bytes | None:
    """Return JSON with sorted members; None where it is nested too deeply."""
    try:
        return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        return None


def _intent(call: RequestContext) -> tuple[str, str | None]:
    """Return a digest of a start's body without its idempotency key, and that key or None.

    An id that the client chose for a new job is such a key too.
    """
    assert call.operation is not None
    once, body = call.params.get("job") if call.operation.creates else None, call.request.body
    try:
        data = None if excess(body) else call.json_body()
    except orjson.JSONDecodeError:
        data = None
    if isinstance(data, dict):
        once = data.pop(call.operation.idempotency_field, once)
        body = _sorted_json(data) or body
    return blake2b(body, digest_size=8).hexdigest(), redact_id(once) if isinstance(once, str) else None
