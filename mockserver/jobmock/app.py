"""`create_app(service)`: the Starlette application. Thin: bytes become a `Request`, a `Reply` becomes bytes."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.types import Message, Receive, Scope, Send

from .clock import Clock
from .control import Control
from .models import Request
from .service import MAX_BODY, Service
from .wire import play, transport_of

_DRAINED = 8 * MAX_BODY


class App(Starlette):
    """Starlette, which keeps the server's own `send` within reach for the faults that are played on its transport."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["jobmock.send"] = send
        await super().__call__(scope, receive, send)


def create_app(service: Service, *, control_token: str | None = None) -> Starlette:
    """Make the application: the control routes under `/__jobmock/`, and both APIs everywhere else.

    With a `control_token` every control call but `health` and `ready` needs it in `X-Jobmock-Token`.
    """
    control = Control(service, control_token)
    return App(routes=[
        Mount("/__jobmock", routes=control.routes()),
        Route("/{path:path}", Endpoint(service)),
    ])  # fmt: skip


class Endpoint:
    """The raw ASGI endpoint behind which the service answers."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read(scope, receive)
        if body is None:
            return
        request = Request(scope["method"], scope["raw_path"], scope["query_string"], tuple(scope["headers"]), body)
        reply = self._service.handle(request)
        if reply.due and not await _held(reply.clock, reply.due, receive):
            return
        if reply.fault is not None:
            transport = transport_of(scope["jobmock.send"])
            held = partial(_held, reply.clock, receive=receive)
            await play(reply.fault, reply, transport, receive, send, held)
            return
        await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
        await send({"type": "http.response.body", "body": reply.body})


async def _read(scope: Scope, receive: Receive) -> bytes | None:
    """Return the body, or None if the client left. A longer one than the service takes is drained and cut."""
    if scope["method"] in ("GET", "HEAD") and not _has_body(scope):
        return b""
    chunks: list[bytes] = []
    length, more = 0, True
    while more and length <= _DRAINED:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        if length <= MAX_BODY:
            chunks.append(chunk)
        length += len(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks)


def _has_body(scope: Scope) -> bool:
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])


async def _held(clock: Clock, due: int, receive: Receive) -> bool:
    """Wait until the namespace's clock reads `due`; False if the client leaves first."""
    left = asyncio.ensure_future(_left(receive))
    try:
        while (wait := clock.wait(due)) != 0:
            if not await _changed(clock, wait, left):
                return False
        return True
    finally:
        left.cancel()


async def _left(receive: Receive) -> None:
    """Return when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _changed(clock: Clock, wait: float | None, left: asyncio.Future[Any]) -> bool:
    """Wait so many real seconds, or until the clock is advanced or set; False if the client leaves first."""
    loop = asyncio.get_running_loop()
    changed = asyncio.Event()

    def wake() -> None:
        loop.call_soon_threadsafe(changed.set)

    stop, waiting = clock.on_change(wake), asyncio.ensure_future(changed.wait())
    try:
        await asyncio.wait((waiting, left), timeout=wait, return_when=asyncio.FIRST_COMPLETED)
        return not left.done()
    finally:
        stop()
        waiting.cancel()
