"""`create_app(service)`: the Starlette application. Thin: bytes become a `Request`, a `Reply` becomes bytes."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.types import Message, Receive, Scope, Send

from .control import Control
from .hold import Holds
from .models import Request
from .service import MAX_BODY, Service
from .wire import play, transport_of

CONTROL = "/__jobmock"
_DRAINED = 8 * MAX_BODY


_BODILESS = ("GET", "HEAD")
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})


class App(Starlette):
    """Starlette, which keeps the server's own `send` within reach for the faults that are played on its transport."""

    def __init__(self, endpoint: Endpoint, control: Control) -> None:
        super().__init__(routes=[Mount(CONTROL, routes=control.routes()), Route("/{path:path}", endpoint)])
        self.router.default = endpoint  # for targets that are no path, such as that of `OPTIONS *`
        self._endpoint = endpoint
        self.holds = endpoint.holds
        self.release = endpoint.holds.release

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.user_middleware or scope["type"] != "http" or CONTROL in scope["path"]:
            scope["jobmock.send"] = send
            await super().__call__(scope, receive, send)
        else:
            await self._endpoint(scope, receive, send)


def create_app(service: Service, *, control_token: str | None = None) -> App:
    """Make the application: the control routes under `/__jobmock/`, and both APIs everywhere else.

    With a `control_token` every control call but `health` and `ready` needs it in `X-Jobmock-Token`.
    """
    endpoint = Endpoint(service)
    return App(endpoint, Control(service, endpoint.holds, control_token))


class Endpoint:
    """The raw ASGI endpoint behind which the service answers."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.holds = Holds()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(scope, receive)
        if body is None:
            return
        request = Request(scope["method"], scope["raw_path"], scope["query_string"], tuple(scope["headers"]), body)
        self.holds.busy += 1
        try:
            reply = self._service.handle(request)
            if reply.due and not await self.holds.until(reply.clock, reply.due, receive):
                reply.lost()
            elif reply.fault is not None:
                await play(reply, transport_of(scope.get("jobmock.send", send)), receive, send, self.holds)
            else:
                await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
                await send({"type": "http.response.body", "body": reply.body})
        finally:
            self.holds.busy -= 1


async def read_body(scope: Scope, receive: Receive) -> bytes | None:
    """Return the body, or None if the client left. A longer one than the service takes is drained and cut."""
    if not _has_body(scope):
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
    return scope["method"] not in _BODILESS or not _FRAMING.isdisjoint([name for name, _ in scope["headers"]])
