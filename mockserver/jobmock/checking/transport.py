"""A transport around another one, for `Client` and `AsyncClient` of httpx and httpx2 alike, that judges the answers.

A body is judged when the client has read it to its end; one that is cut or left is no answer, and isn't judged.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache, partial
from typing import Any

from ..transport.library import installed, library_of
from .exchange import LiveExchange


class Validating:
    """Hands requests on; the base transports of the installed libraries are added as bases."""

    def __init__(self, inner: Any, take: Callable[[LiveExchange], None]) -> None:
        self._inner, self._take = inner, take

    def handle_request(self, request: Any) -> Any:
        """Hand on a request of a `Client`."""
        at = time.time_ns()
        return self._watched(request, self._inner.handle_request(request), at)

    async def handle_async_request(self, request: Any) -> Any:
        """Hand on a request of an `AsyncClient`."""
        at = time.time_ns()
        return self._watched(request, await self._inner.handle_async_request(request), at)

    def close(self) -> None:
        """Close the inner transport."""
        self._inner.close()

    async def aclose(self) -> None:
        """Close the inner transport."""
        await self._inner.aclose()

    def _watched(self, request: Any, response: Any, at: int) -> Any:
        """Judge a response whose body is there; let one that is still to be read be judged at its end."""
        __tracebackhide__ = True
        if response.is_closed:
            self._take(_exchange(request, response, response.content, at))
        else:
            judge = partial(self._judge, request, response, at)
            response.stream = _stream_class()(response.stream, judge)
        return response

    def _judge(self, request: Any, response: Any, at: int, raw: bytes) -> None:
        __tracebackhide__ = True
        self._take(_exchange(request, response, _decoded(request, response, raw), at))


class Watched:
    """The stream of a body that is read, and at its end judged; each library's own classes are added as bases."""

    def __init__(self, stream: Any, judge: Callable[[bytes], None]) -> None:
        self._stream, self._judge = stream, judge

    def __iter__(self) -> Iterator[bytes]:
        __tracebackhide__ = True
        pieces: list[bytes] = []
        for piece in self._stream:
            pieces.append(piece)
            yield piece
        self._judge(b"".join(pieces))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        __tracebackhide__ = True
        pieces: list[bytes] = []
        async for piece in self._stream:
            pieces.append(piece)
            yield piece
        self._judge(b"".join(pieces))

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()

    async def aclose(self) -> None:
        """Close the stream."""
        await self._stream.aclose()


def validating(inner: Any, take: Callable[[LiveExchange], None]) -> Any:
    """Return a transport that hands each exchange through the inner one to `take`."""
    return _transport_class()(inner, take)


def _exchange(request: Any, response: Any, body: bytes, at: int) -> LiveExchange:
    path, _, query = request.url.raw_path.partition(b"?")
    headers = {name.lower(): value for name, value in response.headers.items()}
    return LiveExchange(
        at=at, method=request.method, path=path.decode("latin-1"), query=query.decode("latin-1"),
        status=response.status_code, headers=headers, body=body, arrived=time.time_ns(),
    )  # fmt: skip


def _decoded(request: Any, response: Any, raw: bytes) -> bytes:
    """Undo the content encoding, with the decoders of the request's library."""
    if "content-encoding" not in response.headers:
        return raw
    content: bytes = library_of(request).decoded(response.headers, raw)
    return content


@cache
def _transport_class() -> type[Validating]:
    bases = [base for library in installed().values() for base in library.transports]
    return type("Validating", (Validating, *bases), {"__doc__": Validating.__doc__})


@cache
def _stream_class() -> type[Watched]:
    bases = [base for library in installed().values() for base in library.streams]
    return type("Watched", (Watched, *bases), {"__doc__": Watched.__doc__})
