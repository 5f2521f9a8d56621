"""Sends an answer whose status no server has a line for: it is written as it is, and the connection ends after it."""

from __future__ import annotations

from typing import Any

import httpx
from starlette.types import Receive, Send

from ..server.held_answers import client_left
from ..server.wire_faults import transport_of

_USUAL = range(200, 600)


def sending(response: httpx.Response, receive: Receive, send: Send) -> Send:
    """Return what sends an answer with the status of `response`: `send`, if it can."""
    if response.status_code in _USUAL:
        return send
    return _Written(response.extensions.get("reason_phrase", b""), transport_of(send), receive)


class _Written:
    """An ASGI `send` that writes to the transport itself."""

    def __init__(self, reason: bytes, transport: Any, receive: Receive) -> None:
        self._reason, self._transport, self._receive = reason, transport, receive

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            lines = [b"HTTP/1.1 %d %b" % (message["status"], self._reason)]
            lines += [b"%b: %b" % header for header in message["headers"]]
            self._transport.write(b"\r\n".join([*lines, b"connection: close", b"", b""]))
            return
        self._transport.write(message["body"])
        if not message.get("more_body"):
            self._transport.close()
            await client_left(self._receive)
