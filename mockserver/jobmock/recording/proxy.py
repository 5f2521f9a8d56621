"""The proxy between a client and the live host: passes everything on, and hands what it saw to the recorder.

What has come whole is handed over before its last byte goes out, so a client that has an answer has its line on disk.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Protocol

import httpx
import orjson
from starlette.types import Receive, Scope, Send

from ..catalogue.validation import alone
from ..checking.content_encoding import decoded
from ..clock import Clock
from ..dialect.api import Api
from ..engine.headers import Headers
from ..models import Drip, Fault, Reply, Request, When
from ..server.app import has_body, read_body
from ..server.held_answers import Holds, client_left
from ..server.wire_faults import cut, play, transport_of
from ..service.service import MAX_BODY
from .nonstandard_status import sending
from .raw_exchange import Seen, harm
from .upstream import UNREACHABLE, Upstream, broke, passed_on

_log = logging.getLogger("jobmock")


class Takes(Protocol):
    """Whoever wants to know what the proxy saw."""

    def take(self, seen: Seen) -> None:
        """Record one exchange; several threads may do so at once. Doesn't raise."""


class Proxy:
    """The ASGI application. Times are readings of `clock`."""

    def __init__(self, api: Api, upstream: Upstream, recorder: Takes, clock: Clock) -> None:
        self._api, self._upstream, self._recorder, self._clock = api, upstream, recorder, clock
        self._holds = Holds()
        self.release = self._holds.release

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        at, body = self._clock.now(), await read_body(receive) if has_body(scope) else b""
        if body is None:
            return
        request = Request(scope["method"], scope["raw_path"], scope["query_string"], tuple(scope["headers"]), body)
        passing = _Passing(self, request, at, receive, send)
        try:
            await passing.answer()
        except Exception as error:
            # Its words, and the traceback's, could be somebody's data.
            _log.error("A request couldn't be passed on: %s.", type(error).__name__)
            await passing.drop()

    async def record(self, seen: Seen) -> None:
        """Hand over what was seen, without holding up the others."""
        await asyncio.to_thread(self._recorder.take, seen)

    async def unless_left(self, work: Coroutine[Any, Any, None], receive: Receive) -> bool | None:
        """Do some work for as long as the client waits for it: None once it is done.

        True if the client leaves before, False if the server ends.
        """
        doing, left = asyncio.ensure_future(work), asyncio.ensure_future(self._holds.gone(receive))
        try:
            await asyncio.wait((doing, left), return_when=asyncio.FIRST_COMPLETED)
            return doing.result() if doing.done() else left.result()
        finally:
            doing.cancel()
            left.cancel()
            await asyncio.gather(doing, left, return_exceptions=True)

    def refusal(self, status: int, text: str) -> Reply:
        """Return an answer of the proxy's own, in the form that the API gives to errors that no document lists."""
        answer = self._api.plain(status, text, alone(self._api, self._api.operations[0]))
        return Reply(status, ((b"content-type", b"application/json"),), orjson.dumps(answer.body), self._clock)

    @property
    def now(self) -> int:
        return self._clock.now()

    async def open(self, request: Request) -> httpx.Response:
        """Send a request on."""
        return await self._upstream.open(request)

    async def break_off(self, word: str, receive: Receive, send: Send) -> None:
        """Break an answer of which nothing was passed on yet, as it broke on its way here."""
        reply = Reply(200, (), b"", self._clock, fault=Fault(when=When(every=1), **harm(word)))
        await play(reply, transport_of(send), receive, send, self._holds)


class _Passing:
    """One request on its way to the live host, and its answer on the way back."""

    def __init__(self, proxy: Proxy, request: Request, at: int, receive: Receive, send: Send) -> None:
        self._proxy, self._request, self._at, self._receive, self._send = proxy, request, at, receive, send
        self._pass_on = send
        self._pieces: list[tuple[int, bytes]] = []
        self._head: httpx.Response | None = None
        self._took = 0
        self._kept: list[dict[str, Any]] = []

    async def answer(self) -> None:
        """Get the answer and pass it on; one that doesn't come whole breaks here as it broke there."""
        if len(self._request.body) > MAX_BODY:
            await self._refuse(413, f"A body has at most {MAX_BODY} bytes.")
            return
        try:
            left = await self._proxy.unless_left(self._relay(), self._receive)
        except UNREACHABLE as error:
            _log.error("The live host can't be reached: %s.", type(error).__name__)
            await self._refuse(502, "The live host can't be reached.")
            return
        except httpx.TransportError as error:
            await self._broken(broke(error, headed=self._head is not None))
            return
        finally:
            if self._head is not None:
                await self._head.aclose()
        if left is None or left:
            await self._proxy.record(self._seen(broke="hang" if left else None))
        if left is None:
            for message in self._kept:
                await self._pass_on(message)
        else:
            await self.drop()

    async def drop(self) -> None:
        """End the client's connection, if it is there yet."""
        transport_of(self._send).abort()
        await client_left(self._receive)

    async def _relay(self) -> None:
        """Pass the answer on as it comes, but for what makes it whole: that is kept until it is recorded."""
        response = await self._proxy.open(self._request)
        self._took, self._head = self._proxy.now - self._at, response
        self._pass_on, left = sending(response, self._receive, self._send), _length(self._request, response)
        await self._forward(_started(response.status_code, passed_on(response)), whole=left == 0)
        async for piece in response.aiter_raw():
            self._pieces.append((self._proxy.now, piece))
            left -= len(piece)
            await self._forward({"type": "http.response.body", "body": piece, "more_body": True}, whole=left == 0)
        self._kept.append({"type": "http.response.body", "body": b""})

    async def _forward(self, message: dict[str, Any], *, whole: bool) -> None:
        if whole:
            self._kept.append(message)
        else:
            await self._pass_on(message)

    async def _broken(self, word: str) -> None:
        await self._proxy.record(self._seen(broke=word))
        if self._head is None:
            await self._proxy.break_off(word, self._receive, self._send)
        else:
            await cut(transport_of(self._send), self._receive, reset=word == "mid_body")

    async def _refuse(self, status: int, text: str) -> None:
        reply = self._proxy.refusal(status, text)
        await self._send(_started(status, reply.headers))
        await self._send({"type": "http.response.body", "body": reply.body})

    def _seen(self, broke: str | None = None) -> Seen:
        if broke is not None or self._head is None:
            took = self._took or (self._proxy.now - self._at)
            return Seen(at=self._at, request=self._request, took=took, broke=broke)
        headers = {name.lower(): value for name, value in self._head.headers.items()}
        raw = b"".join(piece for _, piece in self._pieces)
        return Seen(
            at=self._at, request=self._request, took=self._took, status=self._head.status_code, headers=headers,
            body=decoded(raw, headers), drip=_drip(self._pieces),
        )  # fmt: skip


def _started(status: int, headers: Headers) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": headers}


def _length(request: Request, response: httpx.Response) -> int:
    """Return how many bytes the body will have; -1 where only its end tells."""
    if request.method == "HEAD" or response.status_code in (204, 304):
        return 0
    length = response.headers.get("content-length", "")
    return int(length) if length.isdigit() else -1


def _drip(pieces: list[tuple[int, bytes]]) -> Drip | None:
    """Return how a body dripped: the size of its first piece, and the mean time between two."""
    if len(pieces) < 2:
        return None
    return Drip(size=len(pieces[0][1]), every=(pieces[-1][0] - pieces[0][0]) // (len(pieces) - 1))
