"""Plays wire faults on the server's transport. Private attributes of uvicorn are used only in this package.

uvicorn gives the application a bound method as `send`; its object has the transport. uvicorn logs an error when an
application returns without an answer, but not after the client has left. So each fault first acts, then waits for the
end of the connection, and then returns.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from typing import Any

from starlette.types import Receive, Send

from ..models import Drip, Reply
from .held_answers import HeldAnswers, client_left

_NO_LINGER = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
_NOTSENT_LOWAT = getattr(socket, "TCP_NOTSENT_LOWAT", None)
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
        await cut(transport, receive, reset=fault.disconnect in ("reset", "mid_body"))
        return
    await client_left(receive)


async def cut(transport: Any, receive: Receive, *, reset: bool) -> None:
    """End the connection in the middle of an answer, with RST or with FIN, and return when it has ended.

    All that was written is sent before, unless the client leaves first. With TLS, the client gets no report of the end
    (close_notify): a cut answer is cut there too.
    """
    left = asyncio.ensure_future(client_left(receive))
    try:
        if reset:
            sent = asyncio.ensure_future(_all_sent(transport))
            await asyncio.wait((sent, left), return_when=asyncio.FIRST_COMPLETED)
            sent.cancel()
        if reset and not transport.is_closing():
            connection = transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            transport.abort()
        else:
            transport.get_extra_info("tcp_transport", transport).close()
        await left
    finally:
        left.cancel()


async def _all_sent(transport: Any) -> None:
    """Wait until transport and kernel have sent all that was written: an RST drops the rest.

    A client that doesn't read makes no work meanwhile. Where the system can't report what the kernel has sent, only the
    transport is waited for.
    """
    transport.set_write_buffer_limits(0)
    await transport.get_protocol().flow.drain()
    if _NOTSENT_LOWAT is None or transport.is_closing():
        return
    connection, loop, sent = transport.get_extra_info("socket"), asyncio.get_running_loop(), asyncio.Event()
    connection.setsockopt(socket.IPPROTO_TCP, _NOTSENT_LOWAT, 1)  # writable from now on means: nothing is unsent
    watched = os.dup(connection.fileno())  # the loop allows no second watch of the transport's own
    loop.add_writer(watched, sent.set)
    try:
        await sent.wait()
    finally:
        loop.remove_writer(watched)
        os.close(watched)


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
