"""The control call `events`: a stream of server-sent events, from which the page learns what has changed.

No request of a client makes an event. While somebody reads, the namespaces are looked at up to four times a second,
once for all readers.
"""

from __future__ import annotations

import asyncio
from collections import deque

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from ...clock import TIME
from ...errors import JobmockError
from ...service.service import Service
from ..control.access import Access
from ..control.fields import Problem, check_type, document, fields, problem_of
from ..held_answers import client_left
from ..request_bodies import has_body
from .changes import Changes

MOST_READERS = 100
_SECONDS = 0.25
_REST = 50
"""After a look the next one waits at least so many times as long as that took."""
_SILENCE = 15.0
"""A comment is sent after so many seconds without an event, so that proxies keep the connection open."""
_MOST_WAITING = 8
"""A reader that is so many events behind gets everything instead."""
_COMMENT = b": no changes\n\n"
_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"), (b"x-content-type-options", b"nosniff"),
)  # fmt: skip


class EventStreams:
    """The ASGI endpoint of `events`, and all that read from it."""

    call = "events"

    def __init__(self, service: Service, access: Access) -> None:
        self._access, self.changes = access, Changes(service)
        self._readers: set[_Reader] = set()
        self._next_look: asyncio.TimerHandle | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self._check(Request(scope))
        except (Problem, JobmockError) as error:
            refused = document(error if isinstance(error, Problem) else problem_of(error))
            await refused(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        if scope["method"] == "GET":
            await self._serve(receive, send)
        await send({"type": "http.response.body", "body": b""})

    def end(self) -> None:
        """End all streams, because the server ends."""
        for reader in self._readers:
            reader.end()

    def _check(self, request: Request) -> None:
        """Raise Problem if a stream can't be opened."""
        self._access.check(self.call, request.headers, request.url.scheme)
        if request.method not in ("GET", "HEAD"):
            raise Problem(405, f"{self.call!r} has GET only, not {request.method}.", headers={"allow": "GET"})
        fields(request.query_params, {}, {})
        check_type(request.headers, b"a body" if has_body(request.scope) else b"")
        if len(self._readers) >= MOST_READERS:
            raise Problem(503, f"{MOST_READERS} streams of events are open, and no more are allowed. Close a page.")

    async def _serve(self, receive: Receive, send: Send) -> None:
        reader = _Reader(self.changes)
        self._readers.add(reader)
        if self._next_look is None:
            self.changes.since_last()  # what there is now is in the first event of the reader
            self._look_in(_SECONDS)
        left = asyncio.ensure_future(client_left(receive))
        left.add_done_callback(lambda _: reader.end())
        try:
            while (event := await reader.next_event()) is not None:
                await send({"type": "http.response.body", "body": event, "more_body": True})
        finally:
            left.cancel()
            self._readers.discard(reader)
            if not self._readers and self._next_look is not None:
                self._next_look.cancel()
                self._next_look = None

    def _look(self) -> None:
        """Give all readers what has changed."""
        begun = TIME.perf_counter()
        event = self.changes.since_last()
        if event is not None:
            for reader in self._readers:
                reader.add(event)
        self._look_in(max(_SECONDS, _REST * (TIME.perf_counter() - begun)))

    def _look_in(self, seconds: float) -> None:
        self._next_look = asyncio.get_running_loop().call_later(seconds, self._look)


class _Reader:
    """The events that one reader hasn't got yet. It begins with everything, and so does one that is far behind."""

    def __init__(self, changes: Changes) -> None:
        self._changes, self._changed, self._has_ended = changes, asyncio.Event(), False
        self._waiting: deque[bytes] | None = None
        """None if the next event is that with everything."""

    def add(self, event: bytes) -> None:
        """Add an event."""
        if self._waiting is not None:
            self._waiting.append(event)
            if len(self._waiting) > _MOST_WAITING:
                self._waiting = None
        self._changed.set()

    def end(self) -> None:
        """Let there be no next event."""
        self._has_ended = True
        self._changed.set()

    async def next_event(self) -> bytes | None:
        """Return the next event, or a comment after a silence; None at the end."""
        while not self._has_ended:
            if self._waiting is None:
                self._waiting = deque()
                return self._changes.everything()
            if self._waiting:
                return self._waiting.popleft()
            self._changed.clear()
            try:
                async with asyncio.timeout(_SILENCE):
                    await self._changed.wait()
            except TimeoutError:
                return _COMMENT
        return None
