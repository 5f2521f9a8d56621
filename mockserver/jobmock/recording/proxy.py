"""The recording proxy: an ASGI application that forwards requests to the live host and records each exchange.

An exchange is recorded before the last byte of its answer goes out: a client that has an answer has its line on disk.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Protocol

import httpx
import orjson
from starlette.types import Receive, Scope, Send

from ..checking.content_encoding import decode_body
from ..clock import Clock
from ..dialect.api import Api
from ..dialect.sample_answers import isolated_request
from ..engine.headers import Headers
from ..models import Drip, Fault, Reply, Request, When
from ..server.held_answers import HeldAnswers, client_left
from ..server.request_bodies import has_body, read_body, refuse_rest
from ..server.wire_faults import cut, play, transport_of
from ..service.body_limits import MAX_BODY
from .nonstandard_status import sender_for
from .raw_exchange import RawExchange, fault_members
from .upstream import UNREACHABLE, Upstream, forwarded_headers, network_fault

_log = logging.getLogger("jobmock")


class ExchangeRecorder(Protocol):
    """What the proxy gives each exchange to."""

    def record(self, raw: RawExchange) -> None:
        """Record one exchange; several threads may do so at once. Doesn't raise."""


class Proxy:
    """The ASGI application. Times are readings of `clock`."""

    def __init__(self, api: Api, upstream: Upstream, recorder: ExchangeRecorder, clock: Clock) -> None:
        self.api, self.upstream, self.clock, self.holds = api, upstream, clock, HeldAnswers()
        self._recorder = recorder
        self.release = self.holds.release

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        at, read = self.clock.now(), await read_body(receive) if has_body(scope) else (b"", False)
        if read is None:
            return
        body, more = read
        request = Request(scope["method"], scope["raw_path"], scope["query_string"], tuple(scope["headers"]), body)
        forwarding = _Forwarding(self, request, at, receive, send)
        try:
            await forwarding.run(more)
        except Exception as error:
            # The error's message and traceback could hold somebody's data.
            _log.error("A request couldn't be passed on: %s.", type(error).__name__)
            await forwarding.drop()

    async def record(self, raw: RawExchange) -> None:
        """Record an exchange in a thread, so that other requests don't wait."""
        await asyncio.to_thread(self._recorder.record, raw)

    async def run_until_client_leaves(self, work: Coroutine[Any, Any, None], receive: Receive) -> bool | None:
        """Do some work, but only while the client waits for it; return None if the work was done.

        Return True if the client left first, False if the server ended first.
        """
        task, left = asyncio.ensure_future(work), asyncio.ensure_future(self.holds.gone(receive))
        try:
            await asyncio.wait((task, left), return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else left.result()
        finally:
            task.cancel()
            left.cancel()
            await asyncio.gather(task, left, return_exceptions=True)


class _Forwarding:
    """One request on its way to the live host, and its answer on the way back."""

    def __init__(self, proxy: Proxy, request: Request, at: int, receive: Receive, send: Send) -> None:
        self._proxy, self._request, self._at, self._receive, self._send = proxy, request, at, receive, send
        self._answer_send = send
        self._pieces: list[tuple[int, bytes]] = []
        """The pieces of the answer's body, with the moments at which they came."""
        self._response: httpx.Response | None = None
        self._took = 0
        self._last_messages: list[dict[str, Any]] = []
        """The messages that complete the answer; they are sent after it was recorded."""

    async def run(self, more: bool) -> None:
        """Get the answer and forward it; an answer that breaks off breaks in the same way for the client.

        With `more` the request's body is too long, and hasn't ended.
        """
        if len(self._request.body) > MAX_BODY:
            await self._refuse(413, f"A body has at most {MAX_BODY} bytes.", more=more)
            return
        try:
            left = await self._proxy.run_until_client_leaves(self._forward_answer(), self._receive)
        except UNREACHABLE as error:
            _log.error("The live host can't be reached: %s.", type(error).__name__)
            await self._refuse(502, "The live host can't be reached.")
            return
        except httpx.TransportError as error:
            await self._break(network_fault(error, has_head=self._response is not None))
            return
        finally:
            if self._response is not None:
                await self._response.aclose()
        if left is None or left:
            await self._proxy.record(self._exchange("hang" if left else None))
        if left is None:
            for message in self._last_messages:
                await self._answer_send(message)
        else:
            await self.drop()

    async def drop(self) -> None:
        """End the client's connection, if it is still open."""
        transport_of(self._send).abort()
        await client_left(self._receive)

    async def _forward_answer(self) -> None:
        """Forward the answer piece by piece, but keep the message that completes it until it is recorded."""
        response = await self._proxy.upstream.send(self._request)
        self._took, self._response = self._proxy.clock.now() - self._at, response
        self._answer_send = sender_for(response, self._receive, self._send)
        left = _body_length(self._request, response)
        headers = tuple(map(self._with_own_url, forwarded_headers(response)))
        await self._forward(_response_start(response.status_code, headers), last=left == 0)
        async for piece in response.aiter_raw():
            self._pieces.append((self._proxy.clock.now(), piece))
            left -= len(piece)
            await self._forward({"type": "http.response.body", "body": piece, "more_body": True}, last=left == 0)
        self._last_messages.append({"type": "http.response.body", "body": b""})

    def _with_own_url(self, header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
        """Return a header. One with the URL of a job leads to the proxy, so that the client doesn't leave it."""
        (name, value), host = header, self._request.header(b"host")
        if host is None or name.decode("latin-1") != self._proxy.api.id_header:
            return header
        origin = f"http://{host.decode('latin-1')}"
        return name, self._proxy.upstream.url_at(value.decode("latin-1"), origin).encode("latin-1")

    async def _forward(self, message: dict[str, Any], *, last: bool) -> None:
        if last:
            self._last_messages.append(message)
        else:
            await self._answer_send(message)

    async def _break(self, fault: str) -> None:
        """Record that the answer broke, and break the client's answer in the same way."""
        await self._proxy.record(self._exchange(fault))
        transport = transport_of(self._send)
        if self._response is None:
            played = Fault(when=When(every=1), **fault_members(fault))
            reply = Reply(200, (), b"", self._proxy.clock, fault=played)
            await play(reply, transport, self._receive, self._send, self._proxy.holds)
        else:
            await cut(transport, self._receive, reset=fault == "mid_body")

    async def _refuse(self, status: int, text: str, *, more: bool = False) -> None:
        """Answer with an error of the proxy's own, in the API's form for errors that no document lists."""
        api = self._proxy.api
        answer = api.other_error(status, text, isolated_request(api, api.operations[0]))
        headers, body = ((b"content-type", b"application/json"),), orjson.dumps(answer.body)
        if more:
            await refuse_rest(status, headers, body, self._receive, self._send)
            return
        await self._send(_response_start(status, headers))
        await self._send({"type": "http.response.body", "body": body})

    def _exchange(self, fault: str | None) -> RawExchange:
        """Return the exchange as it was seen, with the network's fault if it has one."""
        if fault is not None or self._response is None:
            took = self._took or (self._proxy.clock.now() - self._at)
            return RawExchange(at=self._at, request=self._request, took=took, network_fault=fault)
        headers = {name.lower(): value for name, value in self._response.headers.items()}
        raw = b"".join(piece for _, piece in self._pieces)
        return RawExchange(
            at=self._at, request=self._request, took=self._took, status=self._response.status_code, headers=headers,
            body=decode_body(raw, headers), drip=_drip(self._pieces),
        )  # fmt: skip


def _response_start(status: int, headers: Headers) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": headers}


def _body_length(request: Request, response: httpx.Response) -> int:
    """Return the length of the body; -1 if it isn't known before the end."""
    if request.method == "HEAD" or response.status_code in (204, 304):
        return 0
    length = response.headers.get("content-length", "")
    return int(length) if length.isdigit() else -1


def _drip(pieces: list[tuple[int, bytes]]) -> Drip | None:
    """Return how a body dripped: the size of its first piece, and the mean time between two pieces."""
    if len(pieces) < 2:
        return None
    return Drip(size=len(pieces[0][1]), every=(pieces[-1][0] - pieces[0][0]) // (len(pieces) - 1))
