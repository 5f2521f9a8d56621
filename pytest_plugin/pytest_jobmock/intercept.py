"""Sends the calls of a client that has the real host written in to the mock, and refuses those to other hosts.

Each HTTP library has one place through which all its requests go; the URL is changed there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar
from unittest.mock import patch
from urllib.parse import urlsplit, urlunsplit

from jobmock.errors import JobmockError, hint

if TYPE_CHECKING:
    from .mock import Mock

_Places = Iterator[tuple[Any, str, Callable[[Any], Any]]]


class HostRefused(JobmockError, AssertionError):
    """A client under `intercept` called a host that is neither the mocked one nor allowed."""


class Intercept:
    """Calls to one API's host go to its mock as long as this is entered; several of them know of each other."""

    active: ClassVar[list[Intercept]] = []
    _patches: ClassVar[ExitStack] = ExitStack()
    _patched: ClassVar[set[str]] = set()

    def __init__(self, mock: Mock, allow: Sequence[str]) -> None:
        self._mock, self._allow = mock, (allow,) if isinstance(allow, str) else tuple(allow)

    def __enter__(self) -> Intercept:
        for library in _LIBRARIES.keys() - self._patched:
            if find_spec(library):
                self._patched.add(library)
                for owner, name, replaced in _LIBRARIES[library](import_module(library)):
                    self._patches.enter_context(patch.object(owner, name, replaced(getattr(owner, name))))
        if self not in self.active:
            self.active.append(self)
        return self

    def __exit__(self, *error: object) -> None:
        if self in self.active:
            self.active.remove(self)
            if not self.active:
                self._patches.close()
                self._patched.clear()

    def hosts(self) -> dict[str, str]:
        """Return host → the URL that its calls go to."""
        return {self._mock.host: self._mock.url}


def redirected(url: str) -> str:
    """Return where a call to `url` goes. Raises HostRefused."""
    __tracebackhide__ = True
    parts = urlsplit(url)
    hosts = {host: place for one in Intercept.active for host, place in one.hosts().items()}
    if parts.hostname in hosts:
        scheme, netloc, *_ = urlsplit(hosts[parts.hostname])
        return urlunsplit((scheme, netloc, *parts[2:]))
    allowed = {name for one in Intercept.active for name in one._allow}
    if parts.hostname in allowed or parts.netloc in {urlsplit(place).netloc for place in hosts.values()}:
        return url
    known = sorted({*hosts, *allowed})
    raise HostRefused(
        f"intercept() refused a call to {parts.scheme}://{parts.netloc}{parts.path}. Allowed hosts:"
        f" {', '.join(known)}.{hint(parts.hostname, known)} To let a host through: intercept(allow=[…])."
    )


def _httpx(real: Any) -> Any:
    def handle(self: Any, request: Any) -> Any:
        request.url = type(request.url)(redirected(str(request.url)))
        return real(self, request)

    return handle


def _requests(real: Any) -> Any:
    def send(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        request.url = redirected(request.url)
        return real(self, request, *args, **kwargs)

    return send


def _aiohttp(real: Any) -> Any:
    def request(self: Any, method: str, url: Any, **kwargs: Any) -> Any:
        return real(self, method, redirected(str(self._build_url(url))), **kwargs)

    return request


def _of_httpx(library: Any) -> _Places:
    yield library.HTTPTransport, "handle_request", _httpx
    yield library.AsyncHTTPTransport, "handle_async_request", _httpx


def _of_requests(library: Any) -> _Places:
    yield library.adapters.HTTPAdapter, "send", _requests


def _of_aiohttp(library: Any) -> _Places:
    yield library.ClientSession, "_request", _aiohttp


_LIBRARIES: Mapping[str, Callable[[Any], _Places]] = {
    "httpx": _of_httpx,
    "httpx2": _of_httpx,
    "requests": _of_requests,
    "aiohttp": _of_aiohttp,
}
"""Owner, method and what replaces it, for each library. Also one that the client imports later is found, and loaded."""
