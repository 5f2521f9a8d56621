"""Connects a proxy's client with a host that isn't mocked, directly or through the user's own proxy."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ..errors import short_repr
from ..proxies import Proxy, proxy_for
from .proxy_requests import ESTABLISHED, MOST_HEAD, ProxyRequest, Refusal
from .relay import RelayEnd, ServerEnd

_CONNECT_SECONDS = 30
_SPOKEN = ("http", "https")


async def connect(client: RelayEnd, request: ProxyRequest, environment: Mapping[str, str]) -> None:
    """Join the client's connection with one to the host that the request names. Raises Refusal."""
    proxy = _proxy(request, environment)
    place = request.place if proxy is None else f"{proxy.host}:{proxy.port}, the proxy in {proxy.variable},"
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            await _connect(client, request, proxy)
    except TimeoutError:
        raise Refusal(502, f"{place} gave no answer in {_CONNECT_SECONDS} s.") from None
    except OSError as error:
        raise Refusal(502, f"{place} can't be reached: {error.strerror or error}.") from error


async def _connect(client: RelayEnd, request: ProxyRequest, proxy: Proxy | None) -> None:
    loop = asyncio.get_running_loop()
    if proxy is None:
        direct = ServerEnd(client, lambda: _begin(client, request, None))
        await loop.create_connection(lambda: direct, request.host, request.port, happy_eyeballs_delay=0.25)
        _keep_alive(client, direct)
        return
    tls = True if proxy.scheme == "https" else None
    if request.tunnel:
        tunnel = _TunnelEnd(client, request, proxy)
        await loop.create_connection(lambda: tunnel, proxy.host, proxy.port, ssl=tls)
        await tunnel.begin()
        _keep_alive(client, tunnel)
    else:
        end = ServerEnd(client, lambda: _begin(client, request, proxy))
        await loop.create_connection(lambda: end, proxy.host, proxy.port, ssl=tls)
        _keep_alive(client, end)


def _proxy(request: ProxyRequest, environment: Mapping[str, str]) -> Proxy | None:
    """Return the user's proxy for a request. Raises Refusal if it can't be used."""
    try:
        proxy = proxy_for(environment, "https" if request.tunnel else "http", request.host)
    except ValueError as error:
        raise Refusal(502, f"{error} in the environment is no address of a proxy.") from None
    if proxy is not None and proxy.scheme not in _SPOKEN:
        spoken = " and ".join(_SPOKEN)
        wrong = f"{proxy.variable} names a proxy of the scheme {short_repr(proxy.scheme)}"
        raise Refusal(502, f"{wrong}: only {spoken} work.")
    return proxy


def _begin(client: RelayEnd, request: ProxyRequest, proxy: Proxy | None) -> None:
    """Send on what has come from the client, and let it go on."""
    server: Any = client.other
    if request.tunnel:
        client.transport.write(ESTABLISHED)
        first = request.rest
    else:
        credentials = None if proxy is None else proxy.credentials
        first = request.head_for_server(path_only=proxy is None, credentials=credentials) + request.rest
    if first:
        server.transport.write(first)
    client.transport.resume_reading()


def _keep_alive(*ends: RelayEnd) -> None:
    """Let the system end connections whose other side has vanished."""
    for end in ends:
        with suppress(OSError):
            end.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


class _TunnelEnd(RelayEnd):
    """A connection to a proxy, which is asked for a tunnel. It is joined with the client's once there is one."""

    def __init__(self, client: RelayEnd, request: ProxyRequest, proxy: Proxy) -> None:
        self._client, self._request, self._proxy, self._received = client, request, proxy, b""
        self._established: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def begin(self) -> None:
        """Wait for the tunnel. Raises Refusal."""
        try:
            await self._established
        except BaseException:
            self.transport.abort()
            raise

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        place = self._request.place
        more = f"Proxy-Authorization: {self._proxy.credentials}\r\n" if self._proxy.credentials else ""
        transport.write(f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n{more}\r\n".encode())

    def data_received(self, data: bytes) -> None:
        if self.other is not None:
            super().data_received(data)
            return
        self._received += data
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if not end and len(head) <= MOST_HEAD:
            return
        status = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")[1:2]
        if not end or not status or not status[0].startswith("2"):
            self._fail(f"answered {short_repr(' '.join(status))} for {self._request.place}")
            return
        self.other, self._client.other, self._received = self._client, self, b""
        _begin(self._client, self._request, self._proxy)
        if rest:
            super().data_received(rest)
        if not self._established.done():
            self._established.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(f"ended the connection for {self._request.place}")
        super().connection_lost(error)

    def _fail(self, what: str) -> None:
        if not self._established.done():
            text = f"The proxy in {self._proxy.variable}, {self._proxy.host}:{self._proxy.port}, {what}."
            self._established.set_exception(Refusal(502, text))
            self._established.exception()  # the client may have left, and nobody waits

