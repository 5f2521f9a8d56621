"""The live host, as httpx reaches it: nothing is added to a request, nothing kept, and what broke is told in a word."""

from __future__ import annotations

import re
import socket
from ipaddress import ip_address
from urllib.parse import quote_from_bytes
from urllib.request import getproxies, proxy_bypass

import httpx

from ..checking.addresses import address
from ..checking.content_encoding import understood
from ..engine.headers import Headers
from ..models import Request
from ..transport.plan import INSTEAD_OF_HEAD

_OF_ONE_CONNECTION = frozenset(
    {b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te",
     b"trailer", b"transfer-encoding", b"upgrade"}
)  # fmt: skip
_OURS = _OF_ONE_CONNECTION | {b"host", b"content-length", b"accept-encoding", b"expect"}
_PORTS = {"http": 80, "https": 443}
_CONNECT_SECONDS = 10.0
_VISIBLE = bytes(range(0x21, 0x7F))
_OF_THE_HOST = b"*"
"""What stands for a path in `OPTIONS *`."""
_USERINFO = re.compile(r"^([a-z]+://)?.*@", re.IGNORECASE | re.DOTALL)
"""What stands before a host: it may be a password."""
UNREACHABLE = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


class Upstream:
    """One live host. Each request has a connection of its own, so that whatever breaks is that answer's doing.

    `transport` stands in for the network.
    """

    def __init__(self, base: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._base = address(base)
        # No client of httpx, only its transport: cookies and redirects are for the client behind the proxy.
        self._transport = transport or httpx.AsyncHTTPTransport(
            limits=httpx.Limits(max_keepalive_connections=0), proxy=_way_out(self._base)
        )

    def is_at(self, host: str, port: int) -> bool:
        """Say whether it leads to where somebody listens on this machine."""
        if port != (self._base.port or _PORTS[self._base.scheme]):
            return False
        try:
            found = socket.getaddrinfo(self._base.host, port, type=socket.SOCK_STREAM)
        except OSError:
            return False
        return any(address[0] in (host, "0.0.0.0") for *_, address in found)

    async def open(self, request: Request) -> httpx.Response:
        """Send a request and return its answer, of which only the head has come. Raises httpx.TransportError."""
        headers = [(name, value) for name, value in request.headers if name not in _OURS]
        headers.append((b"accept-encoding", understood(request.header(b"accept-encoding"))))
        timeout = {"connect": _CONNECT_SECONDS, "read": None, "write": None, "pool": None}
        extensions = {"timeout": timeout, **({"target": _OF_THE_HOST} if request.path == _OF_THE_HOST else {})}
        sent = httpx.Request(
            request.method, self._url(request), headers=headers, content=request.body or None, extensions=extensions,
        )  # fmt: skip
        return await self._transport.handle_async_request(sent)

    def _url(self, request: Request) -> httpx.URL:
        path = self._base.raw_path.rstrip(b"/") + (b"/" if request.path == _OF_THE_HOST else request.path)
        target = path + (b"?" + request.query if request.query else b"")
        return self._base.copy_with(raw_path=quote_from_bytes(target, safe=_VISIBLE).encode())


def passed_on(response: httpx.Response) -> Headers:
    """Return the headers of an answer that are for the client, and not for one connection."""
    headers = ((name.lower(), value) for name, value in response.headers.raw)
    return tuple((name, value) for name, value in headers if name not in _OF_ONE_CONNECTION)


def broke(error: httpx.TransportError, *, headed: bool) -> str:
    """Return how an answer broke, as a word of `seen.HOW`; `headed` says that its head had come."""
    lost = isinstance(error, httpx.NetworkError)
    if headed:
        return "mid_body" if lost else "short_body"
    silent = INSTEAD_OF_HEAD["before_response"].words
    return "reset" if lost else "before_response" if str(error) == silent else "garbage"


def _way_out(base: httpx.URL) -> str | None:
    """Return the proxy that the environment names for a host."""
    if _is_loopback(base.host) or proxy_bypass(base.host):
        return None
    return getproxies().get(base.scheme)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
