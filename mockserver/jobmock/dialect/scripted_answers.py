"""The answer of a fault that refuses a request. It is what the mock sends, and what `jobmock explain` shows."""

from __future__ import annotations

from ..engine.headers import merged, retry_headers
from ..models import Fault
from .answers import Answer, Refused
from .request_context import RequestContext

_JSON_NULL = "null"
"""The body of a scripted `body: null`. An answer whose body is None has none."""


def scripted_answer(call: RequestContext, fault: Fault) -> Answer:
    """Return the answer of `respond`: an error of the API by name, or a status with its body or the API's.

    Each of its headers replaces the contract's header of that name, and `retry_after` too.
    """
    respond, retry = fault.respond, fault.retry_after
    assert respond is not None
    status = respond.status or 0
    not_found_error = call.operation.not_found_error if call.operation and status == 404 else None
    name = respond.name or not_found_error or call.api.by_status.get(status)
    if respond.has_body:
        name = None
    if name:
        answer = call.api.refuse(Refused(name, retry=retry), call)
    else:
        scripted = call.api.other_error(status, f"Scripted answer {status}.", call).body
        own = _JSON_NULL if respond.body is None else respond.body
        answer = Answer(status, own if respond.has_body else scripted, retry_headers(retry, call.now))
    headers = {name.lower().encode(): value.encode() for name, value in respond.headers.items()}
    return Answer(answer.status, answer.body, merged(tuple(headers.items()), answer.headers), error=name)
