"""Plays wire faults on the server's transport. Only this and `httptools_protocol` use private attributes of uvicorn.

uvicorn gives the application a bound method as `send`; its object has the transport. uvicorn logs an error when an
application returns without an answer, but not after the client has left. So each fault first acts, then waits for the
end of the connection, and then returns.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import sys
from array import array
from typing import Any

from starlette.types import Receive, Send

from ..models import Drip, Reply
from .held_answers import HeldAnswers, client_left

try:
    import fcntl
    import termios
except ImportError:  # Windows
    termios = None  # type: ignore[assignment]

_NO_LINGER = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
_SO_NWRITE = 0x1024
"""macOS: how much is in a socket's send buffer. The module `socket` doesn't name it."""
_SHORTEST, _LONGEST = 0.001, 0.25
"""How long a wait for a client that reads takes: longer each time, unless the client has read since the last one."""
_GARBAGE = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 this is no HTTP \r\n\r\n"


def transport_of(send: Send) -> Any:
    """Return the transport behind the `send` that the server itself made."""
    return send.__self__.transport  # type: ignore[attr-defined]


async def play(reply: Reply, transport: Any, receive: Receive, send: Send, held_answers: HeldAnswers) -> None:
    """Send the reply as its fault breaks it, and return when the connection has ended."""
    fault = reply.fault
    assert fault is not None
    if fault.drip:
        await _drip(fault.drip, reply, receive, send, held_answers)
        return
    if fault.disconnect == "mid_body" or fault.corrupt == "short_body":
        await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
        await send({"type": "http.response.body", "body": reply.body[: len(reply.body) // 2], "more_body": True})
    if fault.corrupt == "garbage":
        transport.write(_GARBAGE)
    if fault.hang:
        if not await held_answers.gone(receive):
            transport.abort()
    else:
        await _end(transport, reset=fault.disconnect in ("reset", "mid_body"))
    await client_left(receive)


async def cut(transport: Any, receive: Receive, *, reset: bool) -> None:
    """End the connection in the middle of an answer, with RST or with FIN, and return when it has ended."""
    await _end(transport, reset=reset)
    await client_left(receive)


async def _end(transport: Any, *, reset: bool) -> None:
    """End the connection, with RST or with FIN, after everything that was written."""
    if not reset:
        transport.close()
        return
    connection: socket.socket = transport.get_extra_info("socket")
    before, pause = 0, _SHORTEST
    while not transport.is_closing() and (left := transport.get_write_buffer_size() + _unsent(connection)):
        pause = min(2 * pause, _LONGEST) if left == before else _SHORTEST
        before = left
        await asyncio.sleep(pause)
    if transport.is_closing():
        return
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()


def _unsent(connection: socket.socket) -> int:
    """Return how many bytes the kernel has not sent yet: an RST would drop them. 0 where that isn't known."""
    if termios is None:
        return 0
    if sys.platform == "darwin":
        return connection.getsockopt(socket.SOL_SOCKET, _SO_NWRITE)
    unsent = array("i", [0])
    fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, unsent)
    return unsent[0]


async def _drip(drip: Drip, reply: Reply, receive: Receive, send: Send, held_answers: HeldAnswers) -> None:
    """Send the body in pieces, one every `drip.every` nanoseconds of the namespace's clock.

    Pieces that are late go together, and the rest goes at once when the server ends. Other answers get their turn after
    each piece, because a drip that is late doesn't wait.
    """
    await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
    clock, body, begun, pieces, sent = reply.clock, reply.body, reply.clock.now(), 0, 0
    while sent < len(body):
        late = len(body) if held_answers.ended else (clock.now() - begun) // max(1, drip.every)
        pieces = max(pieces, late) + 1
        await send({"type": "http.response.body", "body": body[sent : pieces * drip.size], "more_body": True})
        sent = pieces * drip.size
        await asyncio.sleep(0)
        if sent < len(body) and not await held_answers.until(clock, begun + pieces * drip.every, receive):
            reply.lost()
            return
    await send({"type": "http.response.body", "body": b""})
