"""Sends the calls of a client that has the real host written in to the mock, and refuses those to other hosts.

Each HTTP library has one place through which all its requests go; the URL is changed there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, ClassVar
from unittest.mock import patch
from urllib.parse import urlsplit, urlunsplit

from jobmock.errors import JobmockError, hint

if TYPE_CHECKING:
    from .mock import Mock


class HostRefused(JobmockError, AssertionError):
    """A client under `intercept` called a host that is neither the mocked one nor allowed."""


class Intercept:
    """Calls to one API's host go to its mock as long as this is entered; several of them know of each other."""

    active: ClassVar[list[Intercept]] = []
    _patches: ClassVar[ExitStack] = ExitStack()

    def __init__(self, mock: Mock, allow: Sequence[str]) -> None:
        self._mock, self._allow = mock, tuple(allow)

    def __enter__(self) -> Intercept:
        if not self.active:
            for owner, name, replaced in _places():
                self._patches.enter_context(patch.object(owner, name, replaced(getattr(owner, name))))
        if self not in self.active:
            self.active.append(self)
        return self

    def __exit__(self, *error: object) -> None:
        if self in self.active:
            self.active.remove(self)
            if not self.active:
                self._patches.close()

    def hosts(self) -> dict[str, str]:
        """Return host → the URL that its calls go to."""
        return {self._mock.host: self._mock.url}


def redirected(url: str) -> str:
    """Return where a call to `url` goes. Raises HostRefused."""
    parts = urlsplit(url)
    hosts = {host: place for one in Intercept.active for host, place in one.hosts().items()}
    if parts.hostname in hosts:
        scheme, netloc, *_ = urlsplit(hosts[parts.hostname])
        return urlunsplit((scheme, netloc, *parts[2:]))
    allowed = {name for one in Intercept.active for name in one._allow}
    if parts.hostname in allowed or any(url.startswith(place) for place in hosts.values()):
        return url
    known = sorted({*hosts, *allowed})
    raise HostRefused(
        f"intercept() refused a call to {parts.scheme}://{parts.netloc}{parts.path}. Allowed hosts:"
        f" {', '.join(known)}.{hint(parts.hostname, known)} To let a host through: intercept(allow=[…])."
    )


def _places() -> list[tuple[Any, str, Callable[[Any], Any]]]:
    """Return owner, method and what replaces it, for each library that is loaded."""
    found: list[tuple[Any, str, Callable[[Any], Any]]] = []
    for name in ("httpx", "httpx2"):
        if library := sys.modules.get(name):
            found.append((library.HTTPTransport, "handle_request", _httpx))
            found.append((library.AsyncHTTPTransport, "handle_async_request", _httpx))
    if requests := sys.modules.get("requests"):
        found.append((requests.adapters.HTTPAdapter, "send", _requests))
    if aiohttp := sys.modules.get("aiohttp"):
        found.append((aiohttp.ClientSession, "_request", _aiohttp))
    return found


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
