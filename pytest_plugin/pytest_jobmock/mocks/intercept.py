"""Sends calls to the real API's host to the mock, and refuses calls to other hosts.

It is for a client whose code names the real host. Each HTTP library has one method through which all its requests go;
the URL is changed there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from importlib import import_module
from importlib.util import find_spec
from typing import Any, ClassVar, Protocol
from unittest.mock import patch
from urllib.parse import urlsplit, urlunsplit

from jobmock.errors import JobmockError, hint

_Patches = Iterator[tuple[Any, str, Callable[[Any], Any]]]
"""Owner and name of each method that is patched, and a function that returns its replacement."""


class HostRefused(JobmockError, AssertionError):
    """A client under `intercept` called a host that is neither the mocked one nor allowed."""


class Target(Protocol):
    """A mock: the host of its real API, and its own URL."""

    host: str

    @property
    def url(self) -> str:
        """The URL that calls are sent to."""


class Intercept:
    """Sends calls to the host of one API to its mock, within a `with` block. Several can be active together."""

    active: ClassVar[list[Intercept]] = []
    _patches: ClassVar[ExitStack] = ExitStack()
    _patched: ClassVar[set[str]] = set()

    def __init__(self, target: Target, allow: Sequence[str]) -> None:
        self._target, self._allow = target, (allow,) if isinstance(allow, str) else tuple(allow)

    def __enter__(self) -> Intercept:
        for library in _LIBRARIES.keys() - self._patched:
            if find_spec(library):
                self._patched.add(library)
                for owner, name, replacement in _LIBRARIES[library](import_module(library)):
                    self._patches.enter_context(patch.object(owner, name, replacement(getattr(owner, name))))
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
        """Return a mapping from the real host to the mock's URL."""
        return {self._target.host: self._target.url}


def redirected(url: str) -> str:
    """Return the URL to call instead of `url`. Raises HostRefused."""
    __tracebackhide__ = True
    parts = urlsplit(url)
    mocks = {host: mock for active in Intercept.active for host, mock in active.hosts().items()}
    if parts.hostname in mocks:
        scheme, netloc, *_ = urlsplit(mocks[parts.hostname])
        return urlunsplit((scheme, netloc, *parts[2:]))
    allowed = {name for active in Intercept.active for name in active._allow}
    if parts.hostname in allowed or parts.netloc in {urlsplit(mock).netloc for mock in mocks.values()}:
        return url
    known = sorted({*mocks, *allowed})
    raise HostRefused(
        f"intercept() refused a call to {parts.scheme}://{parts.netloc}{parts.path}. Allowed hosts:"
        f" {', '.join(known)}.{hint(parts.hostname, known)} To let a host through: intercept(allow=[…])."
    )


def _redirect_httpx(real: Any) -> Any:
    def handle(self: Any, request: Any) -> Any:
        request.url = type(request.url)(redirected(str(request.url)))
        return real(self, request)

    return handle


def _redirect_requests(real: Any) -> Any:
    def send(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        request.url = redirected(request.url)
        return real(self, request, *args, **kwargs)

    return send


def _redirect_aiohttp(real: Any) -> Any:
    def request(self: Any, method: str, url: Any, **kwargs: Any) -> Any:
        return real(self, method, redirected(str(self._build_url(url))), **kwargs)

    return request


def _httpx_patches(library: Any) -> _Patches:
    yield library.HTTPTransport, "handle_request", _redirect_httpx
    yield library.AsyncHTTPTransport, "handle_async_request", _redirect_httpx


def _requests_patches(library: Any) -> _Patches:
    yield library.adapters.HTTPAdapter, "send", _redirect_requests


def _aiohttp_patches(library: Any) -> _Patches:
    yield library.ClientSession, "_request", _redirect_aiohttp


_LIBRARIES: Mapping[str, Callable[[Any], _Patches]] = {
    "httpx": _httpx_patches,
    "httpx2": _httpx_patches,
    "requests": _requests_patches,
    "aiohttp": _aiohttp_patches,
}
"""The patches of each library. A library that the client imports later is imported here, so it is patched too."""
