"""The two libraries, httpx and httpx2. Requests of each are answered with the library's own classes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from http import HTTPStatus
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from ..engine.headers import Headers
from ..errors import UsageError
from ..models import Reply
from .body import Body
from .plan import Failure

NAMES = ("httpx", "httpx2")
_PHRASES = {status.value: status.phrase.encode() for status in HTTPStatus}


class Library:
    """One of the two libraries."""

    def __init__(self, name: str) -> None:
        self._module: Any = import_module(name)
        self.streams = (self._module.SyncByteStream, self._module.AsyncByteStream)
        self.body: type[Body] = type("Body", (Body, *self.streams), {"__doc__": Body.__doc__})
        self.transports = (self._module.BaseTransport, self._module.AsyncBaseTransport)
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

    def decoded(self, headers: Any, raw: bytes) -> bytes:
        """Return a body without its content encoding. A body that can't be decoded is returned unchanged."""
        try:
            content: bytes = self._module.Response(200, headers=headers, content=raw).content
        except self._module.DecodingError:
            return raw
        return content

    def error(self, failure: Failure, request: Any, *, in_loop: bool) -> Exception:
        """Return the library's exception for a failure."""
        message = "" if failure.silent_in_loop and in_loop else failure.message
        error: Exception = getattr(self._module, failure.kind)(message, request=request)
        return error


@cache
def installed() -> dict[str, Library]:
    """Return the installed libraries by name."""
    return {name: Library(name) for name in NAMES if find_spec(name)}


def library_of(request: object) -> Library:
    """Return the library of a request, which may be of a subclass of the library's. Raises UsageError."""
    kind: Any = type(request)
    return _library_of_class(kind)


@cache
def _library_of_class(kind: Any) -> Library:
    for base in kind.__mro__:
        root = base.__module__.partition(".")[0]
        if base.__name__ == "Request" and root in installed():
            return installed()[root]
    raise UsageError(
        f"A request of {kind.__module__}.{kind.__qualname__} can't be answered in process. "
        f"Allowed: Request of {', '.join(installed()) or 'httpx or httpx2, neither of which is installed'}."
    )
