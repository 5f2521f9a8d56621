"""httpx or httpx2: told by the class of a request, and answered with that library's own classes."""

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
    """One of the two libraries, and what is made of its classes."""

    def __init__(self, name: str) -> None:
        self._module: Any = import_module(name)
        self.streams = (self._module.SyncByteStream, self._module.AsyncByteStream)
        self.body: type[Body] = type("Body", (Body, *self.streams), {"__doc__": Body.__doc__})
        self.transports = (self._module.BaseTransport, self._module.AsyncBaseTransport)
        self._headers: Callable[[Headers], Any] = lru_cache(maxsize=256)(self._module.Headers)
        """The library's headers, read once for all answers that have the same; each response copies them."""

    def response(self, request: Any, reply: Reply, body: Body | None = None) -> Any:
        """Return the library's response; without a `body` that of the reply comes whole."""
        return self._module.Response(
            reply.status,
            headers=self._headers(reply.headers),
            stream=self._module.ByteStream(reply.body) if body is None else body,
            request=request,
            extensions={"http_version": b"HTTP/1.1", "reason_phrase": _PHRASES.get(reply.status, b"")},
        )

    def decoded(self, headers: Any, raw: bytes) -> bytes:
        """Return a body without the content encoding that its headers name; as it came where that can't be undone."""
        try:
            content: bytes = self._module.Response(200, headers=headers, content=raw).content
        except self._module.DecodingError:
            return raw
        return content

    def error(self, failure: Failure, request: Any, *, in_loop: bool) -> Exception:
        """Return the library's exception for a failure."""
        words = "" if failure.mute and in_loop else failure.words
        error: Exception = getattr(self._module, failure.kind)(words, request=request)
        return error


@cache
def installed() -> dict[str, Library]:
    """Return the libraries that there are, by name."""
    return {name: Library(name) for name in NAMES if find_spec(name)}


def library_of(request: object) -> Library:
    """Return the library of a request, whose class may be a subclass of its own. Raises UsageError."""
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
