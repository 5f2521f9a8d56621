"""Sends answers with a status outside 200 to 599, which the server refuses to send: writes them to the connection."""

from __future__ import annotations

from typing import Any

import httpx
from starlette.types import Receive, Send

from ..server.held_answers import client_left
from ..server.wire_faults import transport_of

_STANDARD = range(200, 600)


def sender_for(response: httpx.Response, receive: Receive, send: Send) -> Send:
    """Return an ASGI `send` for a response with this status: the server's own if it can send it."""
    if response.status_code in _STANDARD:
        return send
    return _RawSend(response.extensions.get("reason_phrase", b""), transport_of(send), receive)


class _RawSend:
    """An ASGI `send` that writes to the connection, and closes it after the answer."""

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
