"""Sends an answer in one write. uvicorn writes head and body apart, so a client could be woken twice for one answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.types import Send

_MOST = 64 << 10
"""A longer body isn't copied behind its head."""


async def send_answer(send: Send, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> None:
    """Send an answer: in one write if `send` is the server's own, and the body isn't long."""
    cycle = getattr(send, "__self__", None)
    transport = getattr(cycle, "transport", None)
    if transport is None or len(body) > _MOST:
        await send({"type": "http.response.start", "status": status, "headers": headers})
        return await send({"type": "http.response.body", "body": body})
    writes = _Writes(cycle)
    try:
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
    finally:
        cycle.transport = transport  # type: ignore[union-attr]
        writes.flush()


class _Writes:
    """Stands for the transport of an answer until the answer is complete, and keeps what is written.

    The next request may be answered as soon as uvicorn knows that this answer is complete, so that is when it is sent.
    """

    def __init__(self, cycle: Any) -> None:
        self._transport, self._on_response, self._parts = cycle.transport, cycle.on_response, list[bytes]()
        self.write = self._parts.append
        cycle.transport, cycle.on_response = self, self.complete

    def flush(self) -> None:
        """Write what was kept."""
        if self._parts:
            self._transport.write(b"".join(self._parts))
            self._parts.clear()

    def complete(self) -> None:
        """Write the answer, and go on with the next request."""
        self.flush()
        self._on_response()

    def close(self) -> None:
        """Close the transport, which sends all that was written before."""
        self.flush()
        self._transport.close()
