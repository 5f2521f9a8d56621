"""Passes the bytes of connections on to another server, and its answers back.

A client that needs TLS reaches a server without it in this way.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from typing import Any, NamedTuple

from .listeners import Listener

_NO_LINGER = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


class Upstream(NamedTuple):
    """The server that a relay passes bytes on to."""

    host: str
    port: int
    tls: bool = False


class RelayListener(Listener):
    """A listener whose application is an `Upstream`."""

    def protocol(self) -> asyncio.Protocol:
        return _ClientSide(self.app, self._state.connections)


class _ClientSide(asyncio.Protocol):
    """The connection of a client. It reads only while the connection to the server exists."""

    transport: Any
    client: Any

    def __init__(self, upstream: Upstream, connections: set[Any]) -> None:
        self._upstream, self._connections = upstream, connections
        self._server: Any = None
        self._connecting: asyncio.Task[None] | None = None

    def connection_made(self, transport: Any) -> None:
        self.transport, self.client = transport, transport.get_extra_info("peername")
        self._connections.add(self)
        transport.pause_reading()
        self._connecting = asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self) -> None:
        host, port, tls = self._upstream
        loop = asyncio.get_running_loop()
        try:
            server_side = _ServerSide(self.transport)
            self._server, _ = await loop.create_connection(lambda: server_side, host, port, ssl=tls or None)
        except OSError:
            self.transport.abort()
            return
        self.transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        self._server.write(data)

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.discard(self)
        if self._server is not None:
            self._server.close()
        elif self._connecting is not None:
            self._connecting.cancel()


class _ServerSide(asyncio.Protocol):
    """The connection to the server. It ends the client's connection as its own was ended."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def data_received(self, data: bytes) -> None:
        self._client.write(data)

    def connection_lost(self, error: Exception | None) -> None:
        if isinstance(error, ConnectionResetError):
            self._client.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self._client.abort()
        else:
            self._client.close()
