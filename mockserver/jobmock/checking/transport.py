"""A transport for clients of httpx and httpx2, sync and async: sends through another transport and judges the answers.

An answer is judged when the client has read its body to the end. A body that breaks off isn't judged, nor is one that
the client doesn't read to the end.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache, partial
from typing import Any

from ..http_libraries import base_streams, base_transports, installed, name_of
from .exchange import LiveExchange


class ValidatingTransport:
    """Sends requests through the inner transport. The installed libraries' base classes are added as bases."""

    def __init__(self, inner: Any, judge: Callable[[LiveExchange], None]) -> None:
        self._inner, self._judge = inner, judge

    def handle_request(self, request: Any) -> Any:
        """Send a request of a `Client`."""
        at = time.time_ns()
        return self._judge_when_read(request, self._inner.handle_request(request), at)

    async def handle_async_request(self, request: Any) -> Any:
        """Send a request of an `AsyncClient`."""
        at = time.time_ns()
        return self._judge_when_read(request, await self._inner.handle_async_request(request), at)

    def close(self) -> None:
        """Close the inner transport."""
        self._inner.close()

    async def aclose(self) -> None:
        """Close the inner transport."""
        await self._inner.aclose()

    def _judge_when_read(self, request: Any, response: Any, at: int) -> Any:
        """Judge a response if its body was read already, or else when the client has read its body."""
        __tracebackhide__ = True
        if response.is_closed:
            self._judge(_exchange(request, response, response.content, at))
        else:
            judge_body = partial(self._judge_body, request, response, at)
            response.stream = _stream_class()(response.stream, judge_body)
        return response

    def _judge_body(self, request: Any, response: Any, at: int, raw: bytes) -> None:
        __tracebackhide__ = True
        self._judge(_exchange(request, response, _decode(request, response, raw), at))


class JudgedStream:
    """The stream of a body, which is judged at its end. The installed libraries' base classes are added as bases."""

    def __init__(self, stream: Any, judge_body: Callable[[bytes], None]) -> None:
        self._stream, self._judge_body = stream, judge_body

    def __iter__(self) -> Iterator[bytes]:
        __tracebackhide__ = True
        pieces: list[bytes] = []
        for piece in self._stream:
            pieces.append(piece)
            yield piece
        self._judge_body(b"".join(pieces))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        __tracebackhide__ = True
        pieces: list[bytes] = []
        async for piece in self._stream:
            pieces.append(piece)
            yield piece
        self._judge_body(b"".join(pieces))

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()

    async def aclose(self) -> None:
        """Close the stream."""
        await self._stream.aclose()


def validating_transport(inner: Any, judge: Callable[[LiveExchange], None]) -> Any:
    """Return a transport that sends through the inner one and gives each exchange to `judge`."""
    return _transport_class()(inner, judge)


def _exchange(request: Any, response: Any, body: bytes, at: int) -> LiveExchange:
    path, _, query = request.url.raw_path.partition(b"?")
    headers = {name.lower(): value for name, value in response.headers.items()}
    return LiveExchange(
        at=at, method=request.method, path=path.decode("latin-1"), query=query.decode("latin-1"),
        status=response.status_code, headers=headers, body=body, arrived=time.time_ns(),
    )  # fmt: skip


def _decode(request: Any, response: Any, raw: bytes) -> bytes:
    """Return the body without its content encoding, decoded by the request's own library; unchanged where it can't."""
    if "content-encoding" not in response.headers:
        return raw
    library = installed()[name_of(request)]
    try:
        content: bytes = library.Response(200, headers=response.headers, content=raw).content
    except library.DecodingError:
        return raw
    return content


@cache
def _transport_class() -> type[ValidatingTransport]:
    members = {"__doc__": ValidatingTransport.__doc__}
    return type("ValidatingTransport", (ValidatingTransport, *base_transports()), members)


@cache
def _stream_class() -> type[JudgedStream]:
    return type("JudgedStream", (JudgedStream, *base_streams()), {"__doc__": JudgedStream.__doc__})
