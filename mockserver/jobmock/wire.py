"""Plays wire faults on the server's transport. The only place that touches a private attribute of uvicorn.

uvicorn hands the application a bound method as `send`, whose object has the transport. It logs an error when an
application returns without an answer, but not once the client is gone: so each fault acts, waits for the end of the
connection, and then returns.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.types import Receive, Send

from .models import Fault, Reply

_LINGER_NOT = struct.pack("ii", 1, 0)
_GARBAGE = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 this is no HTTP \r\n\r\n"

Held = Callable[[int], Awaitable[bool]]
"""Waits until the namespace's clock reads so many nanoseconds; False if the client left first."""


def transport_of(send: Send) -> Any:
    """Return the transport behind the `send` that the server itself made."""
    return send.__self__.transport  # type: ignore[attr-defined]


async def play(fault: Fault, reply: Reply, transport: Any, receive: Receive, send: Send, held: Held) -> None:
    """Send the reply as the fault breaks it, and return once the connection is at its end."""
    if fault.drip:
        await _drip(fault, reply, send, held)
        return
    if fault.disconnect == "mid_body" or fault.corrupt == "short_body":
        await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
        await send({"type": "http.response.body", "body": reply.body[: len(reply.body) // 2], "more_body": True})
    if fault.corrupt == "garbage":
        transport.write(_GARBAGE)
    if not fault.hang:
        _end(transport, reset=fault.disconnect in ("reset", "mid_body"))
    while (await receive())["type"] != "http.disconnect":
        pass


def _end(transport: Any, *, reset: bool) -> None:
    """End the connection: with RST, or with FIN after everything that was written."""
    if not reset:
        transport.close()
        return
    connection: socket.socket = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    transport.abort()


async def _drip(fault: Fault, reply: Reply, send: Send, held: Held) -> None:
    """Send the body in pieces, one each so many nanoseconds of the namespace's clock."""
    assert fault.drip is not None
    await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
    size, due = fault.drip.size, reply.clock.now()
    for start in range(0, len(reply.body), size):
        piece = reply.body[start : start + size]
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        due += fault.drip.every
        if start + size < len(reply.body) and not await held(due):
            return
    await send({"type": "http.response.body", "body": b""})


