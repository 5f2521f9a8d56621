"""The Starlette application: it makes a `Request` of bytes, and sends the service's `Reply`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from itertools import cycle

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ..clock import TIME
from ..models import Reply, Request
from ..service.replies import LongReply
from ..service.service import Service
from .control.access import Access
from .control.endpoint import Control, Elsewhere
from .handling_times import EVERY, HandlingTimes
from .held_answers import HeldAnswers
from .off_loop import end_work
from .page.event_stream import EventStreams
from .page.files import LeadToPage, PageFiles
from .request_bodies import has_body, read_body, refuse_rest
from .shared_time.endpoint import SharedTimeEndpoint
from .shared_time.shared_time import SharedTime
from .whole_answers import send_answer
from .wire_faults import play, transport_of

CONTROL = "/__jobmock"
_NO_CONTROL = "Control calls of this server have a port of their own: see control_url in its line 'ready'."
_PIECE = 1 << 20
_now = TIME.perf_counter_ns


class Endpoint:
    """The ASGI endpoint of the APIs. Requests that are not for an API go to `others`."""

    user_middleware: list[Middleware] = []  # noqa: RUF012  # Starlette's own annotation
    others: ASGIApp | None = None

    def __init__(
        self, service: Service, held_answers: HeldAnswers | None = None, handling_times: HandlingTimes | None = None
    ) -> None:
        self._service, self.held_answers = service, held_answers or HeldAnswers()
        self.handling_times = handling_times or HandlingTimes()
        self._is_timed = cycle([True, *[False] * (EVERY - 1)]).__next__

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.others and (
            CONTROL in scope["path"] or scope["path"] == "/" or scope["type"] != "http" or self.user_middleware
        ):
            scope["jobmock.send"] = send
            return await self.others(scope, receive, send)
        body = b""
        if has_body(scope):
            read = await read_body(receive)
            if read is None:
                return None
            body, more = read
            if more:
                return await self._refuse_rest(body, scope, receive, send)
        headers = tuple(scope["headers"])
        client = scope.get("client")
        place = scope["raw_path"], scope["query_string"]
        request = Request(scope["method"], *place, headers, body, client, scope.get("scheme", "http"))
        held_answers = self.held_answers
        held_answers.busy += 1
        begun = _now() if self._is_timed() else 0
        try:
            reply = self._service.begin(request)
            if isinstance(reply, LongReply):
                return await self._send_long(reply, begun, scope, receive, send)
            if begun:
                self.handling_times.add(_now() - begun)
            if (reply.due or reply.fault is not None) and not await self._hold_and_play(reply, scope, receive, send):
                return None
            return await send_answer(send, reply.status, reply.headers, reply.body)
        finally:
            held_answers.busy -= 1

    async def _refuse_rest(self, body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request whose body is too long, and hasn't ended."""
        headers = tuple(scope["headers"])
        reply = self._service.handle(Request(scope["method"], scope["raw_path"], scope["query_string"], headers, body))
        await refuse_rest(reply.status, reply.headers, reply.body, receive, send)

    async def _send_long(self, long: LongReply, begun: int, scope: Scope, receive: Receive, send: Send) -> None:
        """Make an answer in slices and send it in pieces. Other requests are answered in between."""
        for _ in long.slices:
            await asyncio.sleep(0)
        reply = long.finish()
        if begun:
            self.handling_times.add(_now() - begun)
        if (reply.due or reply.fault is not None) and not await self._hold_and_play(reply, scope, receive, send):
            return
        await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
        for start in range(0, len(reply.body), _PIECE):
            piece = reply.body[start : start + _PIECE]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": b""})

    async def _hold_and_play(self, reply: Reply, scope: Scope, receive: Receive, send: Send) -> bool:
        """Hold a reply until it is due, and play its fault. Returns whether the reply must still be sent."""
        if reply.due and not await self.held_answers.until(reply.clock, reply.due, receive):
            reply.lost()
            return False
        if reply.fault is not None:
            await play(reply, transport_of(scope.get("jobmock.send", send)), receive, send, self.held_answers)
        return reply.fault is None


class App(Endpoint, Starlette):
    """The endpoint, and Starlette for the control routes. With added middleware all requests go through Starlette.

    The scope then has the server's own `send`: faults are played on its transport.
    """

    def __init__(self, service: Service, access: Access, shared_time: SharedTime) -> None:
        Endpoint.__init__(self, service)
        Starlette.__init__(self)
        self._access: Access | None = access
        self.shared_time = shared_time
        shared_time.add(service, self.held_answers)
        self.watch_connections = self.shared_time.connections.watch
        self.note_aborted = self.shared_time.remove_gone
        self._shared_time_endpoint = SharedTimeEndpoint(service, self.shared_time, access)
        self._event_streams = EventStreams(service, access)
        self.others = self._make_routes

    @property
    def shares_time(self) -> bool:
        """Whether processes share a clock."""
        return self.shared_time.has_processes

    def release(self) -> None:
        """Let all that waits end, because the server ends."""
        self.shared_time.end()
        self._event_streams.end()
        self.held_answers.release()
        end_work()

    def separate_control(self, apis_port: int | None = None) -> ASGIApp:
        """Return the control API as an application of its own. In this one its paths are 404 from now on.

        `apis_port` is the port of this one, which the page shows in commands.
        """
        self._event_streams.changes.apis_port = apis_port
        control, self._access = self._control(), None
        elsewhere = Elsewhere(f"This port has only control calls. Their paths begin with {CONTROL}/.")
        separate = Starlette(routes=[*_routes_to_page(elsewhere), Mount(CONTROL, routes=control)])
        separate.router.redirect_slashes = False  # a redirect would lead to the Host of the request
        separate.router.default = elsewhere
        return _WithSend(separate)

    def _control(self) -> list[Route]:
        if self._access is None:
            return [Route("/{call:path}", Elsewhere(_NO_CONTROL))]
        own: dict[str, ASGIApp] = {
            SharedTimeEndpoint.call: self._shared_time_endpoint, EventStreams.call: self._event_streams
        }  # fmt: skip
        calls = Control(self._service, self.held_answers, self._access, tuple(own), self.handling_times)
        of_own = [Route(f"/{call}", endpoint) for call, endpoint in own.items()]
        return [*of_own, Route("/{call:path}", PageFiles(calls))]

    async def _make_routes(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Make the routes when the first request needs one, because most mocks in tests need none."""
        inner = Endpoint(self._service, self.held_answers, self.handling_times)
        to_page = _routes_to_page(inner) if self._access else []
        self.router.routes += [*to_page, Mount(CONTROL, routes=self._control()), Route("/{path:path}", inner)]
        self.router.default = inner  # for targets that are no path, such as that of `OPTIONS *`
        self.others = super(Endpoint, self).__call__
        await self.others(scope, receive, send)


def _routes_to_page(others: ASGIApp) -> list[Route]:
    """Return the routes that lead a browser to the page. The places are relative: a proxy may serve below a path."""
    place = CONTROL.removeprefix("/") + "/"
    return [Route("/", LeadToPage(place, others)), Route(CONTROL, LeadToPage(place, others))]


class _WithSend:
    """Keeps the server's own `send` in the scope, as Starlette passes another one on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["jobmock.send"] = send
        await self._app(scope, receive, send)


def create_app(
    service: Service, *, control_token: str | None = None, control_hosts: Iterable[str] = (),
    shared_time: SharedTime | None = None, cors: Iterable[str] = (),
) -> App:  # fmt: skip
    """Make the application: the control routes under `/__jobmock/`, and the APIs everywhere else.

    With a `control_token` every control call but `health` and `ready` needs it in `X-Jobmock-Token`. Without one, its
    Host is `localhost`, an address or one of `control_hosts`. Applications with the same `shared_time` may have the
    same clocks. Web pages of the origins in `cors` may call the APIs; `*` is any. Raises UsageError.
    """
    app = App(service, Access(control_token, control_hosts), shared_time or SharedTime())
    if origins := tuple(cors):
        from .cross_origin import CrossOrigin, checked_origins  # imported late, because most servers need none

        app.add_middleware(CrossOrigin, origins=checked_origins(origins), without=CONTROL)
    return app
