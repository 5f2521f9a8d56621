"""The limits of a request's body, and the refusal of one that no API takes."""

from __future__ import annotations

from ..dialect.answers import Answer, Refused
from ..dialect.request_context import RequestContext
from ..errors import short_repr

MAX_BODY = 1 << 20
MAX_BRACKETS = 100_000
"""Python needs ten times as long for each array as for the same bytes in a text."""


def excess(body: bytes) -> str | None:
    """Return how a body is too large, as a sentence, or None."""
    if len(body) > MAX_BODY:
        return f"A body has at most {MAX_BODY} bytes."
    if len(body) > MAX_BRACKETS and body.count(b"[") + body.count(b"{") > MAX_BRACKETS:
        return f"A body has at most {MAX_BRACKETS} arrays and objects."
    return None


def refuse_body(call: RequestContext) -> Answer | None:
    """Return the answer to a body that is too large or compressed, or None. The APIs' documents name no encoding."""
    if too_large := excess(call.request.body):
        return _error(call, 413, too_large)
    coding = (call.request.header(b"content-encoding") or b"").decode("latin-1").strip()
    if coding.lower() in ("", "identity"):
        return None
    call.add_note("the body has a Content-Encoding, and the API documents none")
    text = f"The body has the Content-Encoding {short_repr(coding)}. Send it without any."
    answer = _error(call, 415, text)
    return answer._replace(headers=(*answer.headers, (b"accept-encoding", b"identity")))


def _error(call: RequestContext, status: int, text: str) -> Answer:
    """Return the API's own error with an HTTP status, or one in its form if it has none."""
    name = call.api.by_status.get(status)
    return call.api.other_error(status, text, call) if name is None else call.api.refuse(Refused(name, text), call)
