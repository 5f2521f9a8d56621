"""Passes the bytes of connections on to another server, and its answers back.

A client that needs TLS reaches a server without it in this way.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Callable
from typing import Any, NamedTuple

from ..tcp_info import bytes_sent_and_read
from ..virtual.in_flight import Traffic
from .listeners import Listener

_NO_LINGER = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


class Upstream(NamedTuple):
    """The server that a relay passes bytes on to."""

    host: str
    port: int
    tls: bool = False


class RelayListener(Listener):
    """A listener whose application is an `Upstream`."""

    def plain_protocol(self) -> asyncio.Protocol:
        return _ClientSide(self.app, self._state.connections)

    def traffic(self) -> Traffic:
        """Return the bytes on its open connections to the server. Call this while the loop has nothing to do."""
        sent: dict[int, int | None] = {}
        read: dict[int, int | None] = {}
        for one in tuple(self._state.connections):
            upstream: Any = one
            if (end := upstream.server_socket) is not None:
                port = end.getsockname()[1]
                sent[port], read[port] = bytes_sent_and_read(end)
        return Traffic(sent, read, ())


class RelayEnd(asyncio.Protocol):
    """One of the two connections of a relay. What it receives goes to the `other` one.

    It reads no faster than the other one can write, so little is held in memory. It ends as the other one was ended.
    """

    transport: Any = None
    other: RelayEnd | None = None
    _has_ended = False

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if self.other is not None and not self.other.transport.is_closing():
            self.other.transport.write(data)

    def eof_received(self) -> bool:
        """End the other connection's writing. The other direction goes on, where the transport can do that."""
        self._has_ended = True
        other = self.other
        if other is None or other._has_ended or other.transport.is_closing() or not other.transport.can_write_eof():
            return False
        other.transport.write_eof()
        return self.transport.get_extra_info("sslcontext") is None

    def pause_writing(self) -> None:
        if self.other is not None:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other is not None and not self.other.transport.is_closing():
            self.other.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        other, self.other = self.other, None
        if other is None:
            return
        other.other = None
        if isinstance(error, ConnectionResetError):
            other.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            other.transport.abort()
        else:
            other.transport.close()


class ServerEnd(RelayEnd):
    """The connection to the server. It is joined with the client's as soon as it exists, so no data is lost."""

    def __init__(self, client: RelayEnd, on_connected: Callable[[], None]) -> None:
        self._client, self._on_connected = client, on_connected

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.other, self._client.other = self._client, self
        self._on_connected()


class _ClientSide(RelayEnd):
    """The connection of a client. It reads only while the connection to the server exists."""

    client: Any

    def __init__(self, upstream: Upstream, connections: set[Any]) -> None:
        self._upstream, self._connections = upstream, connections
        self._connecting: asyncio.Task[None] | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.client = transport.get_extra_info("peername")
        self._connections.add(self)
        transport.pause_reading()
        self._connecting = asyncio.get_running_loop().create_task(self._connect())

    @property
    def server_socket(self) -> Any:
        """The socket of its connection to the server; None if there is none."""
        if self.other is None or self.other.transport.is_closing():
            return None
        return self.other.transport.get_extra_info("socket")

    async def _connect(self) -> None:
        host, port, tls = self._upstream
        end = ServerEnd(self, self.transport.resume_reading)
        try:
            await asyncio.get_running_loop().create_connection(lambda: end, host, port, ssl=tls or None)
        except OSError:
            self.transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.discard(self)
        super().connection_lost(error)
        if self._connecting is not None:
            self._connecting.cancel()
