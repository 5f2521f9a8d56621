"""The live host behind the proxy: sends requests on without changing them, and names how an answer broke."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from urllib.parse import quote_from_bytes
from urllib.request import getproxies, proxy_bypass

import httpx

from ..checking.addresses import parse_address
from ..checking.content_encoding import supported_encodings
from ..engine.headers import Headers
from ..models import Request
from ..transport.plan import FAILURE_BEFORE_HEAD

_HOP_BY_HOP = frozenset(
    {b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te",
     b"trailer", b"transfer-encoding", b"upgrade"}
)  # fmt: skip
_SET_HERE = _HOP_BY_HOP | {b"host", b"content-length", b"accept-encoding", b"expect"}
"""Request headers that aren't forwarded: they are set for the connection to the live host."""
_PORTS = {"http": 80, "https": 443}
_CONNECT_SECONDS = 10.0
_VISIBLE = bytes(range(0x21, 0x7F))
_ASTERISK = b"*"
"""The target of `OPTIONS *`, in place of a path."""
UNREACHABLE = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


class Upstream:
    """One live host. Each request has its own connection, so that a broken connection breaks one answer only.

    `transport` replaces the network.
    """

    def __init__(self, base: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._base = parse_address(base)
        # Only httpx's transport and no client: cookies and redirects are the business of the client behind the proxy.
        self._transport = transport or httpx.AsyncHTTPTransport(
            limits=httpx.Limits(max_keepalive_connections=0), proxy=_proxy_url(self._base)
        )

    def is_at(self, host: str, port: int) -> bool:
        """Return whether the live host is a listener at this host and port of this machine."""
        if port != _port(self._base):
            return False
        try:
            found = socket.getaddrinfo(self._base.host, port, type=socket.SOCK_STREAM)
        except OSError:
            return False
        return any(address[0] in (host, "0.0.0.0") for *_, address in found)

    def url_at(self, url: str, origin: str) -> str:
        """Return a URL of the live host as it is at the origin of the proxy; another URL, or a path, as it is."""
        try:
            found = httpx.URL(url)
        except httpx.InvalidURL:
            return url
        base, prefix = self._base, self._base.raw_path.rstrip(b"/")
        if found.scheme not in _PORTS or (found.host, _port(found)) != (base.host, _port(base)):
            return url
        if not found.raw_path.startswith(prefix + b"/"):
            return url
        return origin + found.raw_path.removeprefix(prefix).decode("ascii")

    async def send(self, request: Request) -> httpx.Response:
        """Send a request and return its answer when the head has come. Raises httpx.TransportError."""
        omitted = _SET_HERE | _named_by_connection(request)
        headers = [(name, value) for name, value in request.headers if name not in omitted]
        headers.append((b"accept-encoding", supported_encodings(request.header(b"accept-encoding"))))
        timeout = {"connect": _CONNECT_SECONDS, "read": None, "write": None, "pool": None}
        extensions = {"timeout": timeout, **({"target": _ASTERISK} if request.path == _ASTERISK else {})}
        forwarded = httpx.Request(
            request.method, self._url(request), headers=headers, content=request.body or None, extensions=extensions,
        )  # fmt: skip
        return await self._transport.handle_async_request(forwarded)

    def _url(self, request: Request) -> httpx.URL:
        path = self._base.raw_path.rstrip(b"/") + (b"/" if request.path == _ASTERISK else request.path)
        target = path + (b"?" + request.query if request.query else b"")
        return self._base.copy_with(raw_path=quote_from_bytes(target, safe=_VISIBLE).encode())


def _port(url: httpx.URL) -> int:
    return url.port or _PORTS[url.scheme]


def _named_by_connection(request: Request) -> set[bytes]:
    """Return the headers that `Connection` names: they are for one connection only (RFC 9110, section 7.6.1)."""
    values = [value for name, value in request.headers if name == b"connection"]
    return {name.strip().lower() for value in values for name in value.split(b",")}


def forwarded_headers(response: httpx.Response) -> Headers:
    """Return the headers of an answer without those that are for one connection only."""
    headers = ((name.lower(), value) for name, value in response.headers.raw)
    return tuple((name, value) for name, value in headers if name not in _HOP_BY_HOP)


def network_fault(error: httpx.TransportError, *, has_head: bool) -> str:
    """Return how an answer broke, as a key of NETWORK_FAULTS; `has_head` says that its head had come."""
    lost = isinstance(error, httpx.NetworkError)
    if has_head:
        return "mid_body" if lost else "short_body"
    no_answer = FAILURE_BEFORE_HEAD["before_response"].message
    return "reset" if lost else "before_response" if str(error) == no_answer else "garbage"


def _proxy_url(base: httpx.URL) -> str | None:
    """Return the proxy that the environment names for a host; None for loopback."""
    if _is_loopback(base.host) or proxy_bypass(base.host):
        return None
    return getproxies().get(base.scheme)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
