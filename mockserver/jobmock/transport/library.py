"""The two libraries, httpx and httpx2. Requests of each are answered with the library's own classes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from http import HTTPStatus
from typing import Any

from .. import http_libraries
from ..engine.headers import Headers
from ..models import Reply
from .body import Body
from .plan import Failure

_PHRASES = {status.value: status.phrase.encode() for status in HTTPStatus}


class Library:
    """One of the two libraries."""

    def __init__(self, module: Any) -> None:
        self._module = module
        streams = (module.SyncByteStream, module.AsyncByteStream)
        self.body: type[Body] = type("Body", (Body, *streams), {"__doc__": Body.__doc__})
        self._headers: Callable[[Headers], Any] = lru_cache(maxsize=256)(self._module.Headers)
        """Makes the library's headers. They are cached, because each response copies them."""

    def response(self, request: Any, reply: Reply, body: Body | None = None) -> Any:
        """Return the library's response, with `body` or else with the whole body of the reply."""
        return self._module.Response(
            reply.status,
            headers=self._headers(reply.headers),
            stream=self._module.ByteStream(reply.body) if body is None else body,
            request=request,
            extensions={"http_version": b"HTTP/1.1", "reason_phrase": _PHRASES.get(reply.status, b"")},
        )

    def error(self, failure: Failure, request: Any, *, in_loop: bool) -> Exception:
        """Return the library's exception for a failure."""
        message = "" if failure.silent_in_loop and in_loop else failure.message
        error: Exception = getattr(self._module, failure.kind)(message, request=request)
        return error


@cache
def _libraries() -> dict[str, Library]:
    return {name: Library(module) for name, module in http_libraries.installed().items()}


def library_of(request: object) -> Library:
    """Return the library of a request. Raises UsageError."""
    return _libraries()[http_libraries.name_of(request)]
