"""Reads the bodies of requests. One that is too long is refused before it has ended."""

from __future__ import annotations

from starlette.types import Receive, Scope, Send

from ..engine.headers import Headers
from ..service.body_limits import MAX_BODY

MAX_DRAINED = 8 * MAX_BODY
"""How much of a body is read after its refusal. Most clients read an answer only when they have sent all."""
_METHODS_WITHOUT_BODY = ("GET", "HEAD")
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})


def has_body(scope: Scope) -> bool:
    """Return whether a request has a body: a GET or a HEAD has one only where a header says so."""
    if scope["method"] not in _METHODS_WITHOUT_BODY:
        return True
    for name, _ in scope["headers"]:  # noqa: SIM110  # a generator, or a set of names, costs each poll 2 µs more
        if name in _FRAMING:
            return True
    return False


async def read_body(receive: Receive) -> tuple[bytes, bool] | None:
    """Return the body, and whether there is more of it; None if the client left. Of a long one the first part is read.

    That part is longer than the service takes.
    """
    chunks: list[bytes] = []
    length, more = 0, True
    while more and length <= MAX_BODY:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        chunks.append(chunk)
        length += len(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks), more


async def refuse_rest(status: int, headers: Headers, body: bytes, receive: Receive, send: Send) -> None:
    """Send an answer before the body of its request has ended, read some of the rest, and close the connection.

    If it were closed at once, the rest that is on its way would reset it, and the answer could be lost.
    """
    await send({"type": "http.response.start", "status": status, "headers": (*headers, (b"connection", b"close"))})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    left, more = MAX_DRAINED, True
    while more and left > 0:
        message = await receive()
        left -= len(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "http.response.body", "body": b""})
