"""A proxy for clients whose code names the real hosts: these come to the mock, and other hosts pass.

TLS to a real host ends here, on the client's own connection, with a certificate of this run's authority. So a wire
fault reaches the client as it is. To other hosts, bytes pass unchanged.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from .. import apis
from ..errors import short_repr
from ..proxies import is_own
from .certificates import server_context
from .listeners import Host, Listener
from .other_hosts import connect
from .proxy_requests import ESTABLISHED, ProxyRequest, Refusal, parse_request
from .relay import RelayEnd

_TLS_PORT = 443
_HEAD_SECONDS = 30
_MOST_CONNECTIONS = 1000
_MOST_NOTED = 1000


class ProxyRule(NamedTuple):
    """Where a proxy sends calls: `hosts` to the mock, and others on, with the `environment`'s own proxies."""

    mock: Listener
    hosts: frozenset[str]
    context: ssl.SSLContext
    """Of the certificate for these hosts."""
    no_network: bool
    environment: Mapping[str, str]


class ConnectProxy(Listener):
    """A listener whose application is a `ProxyRule`. It listens on the loopback address alone."""

    app: ProxyRule

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refused: Counter[str] = Counter()
        """How often a host was refused because there is no network, by its name."""

    @property
    def connections(self) -> set[Any]:
        """Its connections with clients, but for those that the mock has taken over."""
        return self._state.connections

    def plain_protocol(self) -> asyncio.Protocol:
        return _ClientConnection(self)

    def refuse(self, host: str) -> Refusal:
        """Note a host that isn't reached, and return the answer."""
        if host in self.refused or len(self.refused) < _MOST_NOTED:
            self.refused[host] += 1
        known = ", ".join(sorted(self.app.hosts))
        return Refusal(403, f"{short_repr(host)} is refused, as there is no network in this run. Allowed: {known}.")


def open_connect_proxy(
    host: Host, mock: Listener, environment: Mapping[str, str], *, no_network: bool = False
) -> ConnectProxy:
    """Open a proxy before a mock that the same `Host` serves. `Host.shut` ends it. Raises StartError."""
    hosts = frozenset(api.host for api in apis.all_apis())
    rule = ProxyRule(mock, hosts, server_context(*sorted(hosts)), no_network, dict(environment))
    proxy = host.open(rule, kind=ConnectProxy)
    assert isinstance(proxy, ConnectProxy)
    return proxy


class _ClientConnection(RelayEnd):
    """A connection of a client, until the mock takes it over or it ends."""

    client: Any

    def __init__(self, proxy: ConnectProxy) -> None:
        self._proxy, self._received = proxy, b""
        self._connecting: asyncio.Task[None] | None = None
        self._is_read = False

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.client = transport.get_extra_info("peername")
        self._too_late = asyncio.get_running_loop().call_later(_HEAD_SECONDS, self._time_out)
        if len(self._proxy.connections) >= _MOST_CONNECTIONS:
            self._answer(Refusal(503, f"It has {_MOST_CONNECTIONS} connections already."))
        self._proxy.connections.add(self)

    def data_received(self, data: bytes) -> None:
        if self._is_read:
            super().data_received(data)
            return
        self._received += data
        try:
            request = parse_request(self._received)
            if request is not None:
                self._is_read, self._received = True, b""
                self._too_late.cancel()
                self._begin(request)
        except Refusal as refusal:
            self._answer(refusal)

    def connection_lost(self, error: Exception | None) -> None:
        self._let_go()
        super().connection_lost(error)
        if self._connecting is not None:
            self._connecting.cancel()

    def _begin(self, request: ProxyRequest) -> None:
        """Let the mock take the connection over, or begin a connection to another host. Raises Refusal."""
        rule = self._proxy.app
        if request.host in rule.hosts:
            self._hand_over(request, rule)
        elif rule.no_network and not is_own(request.host):
            raise self._proxy.refuse(request.host)
        else:
            self.transport.pause_reading()
            self._connecting = asyncio.get_running_loop().create_task(self._connect(request, rule))

    def _hand_over(self, request: ProxyRequest, rule: ProxyRule) -> None:
        """Give the connection to the mock. Port 443 has TLS."""
        self._let_go()
        if request.tunnel:
            self.transport.write(ESTABLISHED)
            protocol: Any = rule.mock.protocol(rule.context if request.port == _TLS_PORT else None)
            first = request.rest
        else:
            protocol = rule.mock.protocol(None)
            first = request.head_for_server(path_only=True) + request.rest
        self.transport.set_protocol(protocol)
        protocol.connection_made(self.transport)
        if first:
            protocol.data_received(first)

    async def _connect(self, request: ProxyRequest, rule: ProxyRule) -> None:
        """Connect to another host, and join the two connections."""
        try:
            await connect(self, request, rule.environment)
        except Refusal as refusal:
            self._answer(refusal)

    def _time_out(self) -> None:
        self._answer(Refusal(408, f"No whole head of a request came in {_HEAD_SECONDS} s."))

    def _answer(self, refusal: Refusal) -> None:
        self._is_read = True
        if not self.transport.is_closing():
            self.transport.write(refusal.answer())
            self.transport.close()

    def _let_go(self) -> None:
        self._too_late.cancel()
        self._proxy.connections.discard(self)
