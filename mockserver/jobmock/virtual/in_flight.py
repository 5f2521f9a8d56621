"""Data between the two ends of a connection in this process: sent by one end, not yet received by the other.

The system delivers nearly all data at once. But it may hold a part back until the part before is acknowledged, or lose
a packet and send it again. Linux counts the bytes at both ends; on other systems nothing is known about it.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from weakref import ref

from ..tcp_info import CONNECTING, OPEN, TcpInfo, bytes_sent_and_read, tcp_info
from . import real

ServerSockets = Callable[[int], Mapping[Any, Any]]
"""Returns the server's sockets at a port, by the other end's address. Raises KeyError if no server is known there."""


def no_server_sockets(port: int) -> Mapping[Any, Any]:
    """Raise KeyError: no server is known at any port."""
    raise KeyError(port)


class Traffic(NamedTuple):
    """The bytes on connections to the mock, by local port. None where the system doesn't count them."""

    sent: Mapping[int, int | None]
    """How many bytes were written on each open connection."""
    read: Mapping[int, int | None]
    """How many bytes were read from each of them."""
    closed: Sequence[int]
    """The connections that were closed since the last report."""


class InFlight:
    """The connections of one test's participants to the mock."""

    def __init__(self) -> None:
        self.server_sockets: ServerSockets = no_server_sockets
        """Returns the mock's sockets."""
        self._server_sockets: dict[ref[socket.socket], Any] = {}
        """The mock's socket for each client's socket; None while it isn't known. Read a copy of it: a client's socket
        may be deleted at any line."""
        self.on_connection: Callable[[int], None] | None = None
        """Called with the local port of each connection before data is sent on it, where that is reported elsewhere."""
        self.awaits_answer = False
        """Whether data was sent to a mock in another process, and nothing was received since."""
        self._ports: dict[ref[socket.socket], int] = {}
        self._closed: list[int] = []

    def add(self, client: socket.socket) -> None:
        """Watch a connection from now on."""
        if ref(client) not in self._server_sockets:
            self._server_sockets[ref(client, self._remove)] = None

    def report(self, client: socket.socket) -> None:
        """Report a connection, if it is new, to `on_connection`. Its client is about to send data."""
        if self.on_connection is None:
            return
        self.awaits_answer = self._is_elsewhere
        if ref(client) in self._ports:
            return
        port = self._ports[ref(client, self._close)] = client.getsockname()[1]
        self.on_connection(port)

    @property
    def ports(self) -> Sequence[int]:
        """The local ports of the reported connections."""
        return tuple(self._ports.copy().values())

    def traffic(self) -> Traffic:
        """Return the bytes on the reported connections."""
        sent: dict[int, int | None] = {}
        read: dict[int, int | None] = {}
        for reference, port in self._ports.copy().items():
            client = reference()
            if client is None or client.fileno() < 0:
                self._close(reference)
                continue
            sent[port], read[port] = bytes_sent_and_read(client)
        closed, self._closed = self._closed, []
        return Traffic(sent, read, closed)

    @property
    def has_connections(self) -> bool:
        """Whether any connection is watched."""
        return bool(self._server_sockets)

    def any(self) -> bool:
        """Return whether any data is on its way, to the mock or from it.

        A mock in another process compares itself what was sent on a reported connection with what it has received.
        """
        reported = self._ports if self._is_elsewhere else ()
        for reference, server in self._server_sockets.copy().items():
            if reference in reported:
                continue
            client = reference()
            if client is not None and client.fileno() >= 0 and self._is_in_flight(client, server):
                return True
        return False

    @property
    def _is_elsewhere(self) -> bool:
        """Whether the mock is in another process."""
        return self.server_sockets is no_server_sockets

    def _remove(self, reference: ref[socket.socket]) -> None:
        """Watch a connection no more: the client's socket was deleted."""
        self._server_sockets.pop(reference, None)

    def _close(self, reference: ref[socket.socket]) -> None:
        """Note that a reported connection is closed."""
        port = self._ports.pop(reference, None)
        if port is not None:
            self._closed.append(port)

    def _is_in_flight(self, client: socket.socket, server: Any) -> bool:
        """Return whether data is between a client's socket and the mock's, or the mock's socket doesn't exist yet.

        Data that has arrived and isn't read yet doesn't count: its reader may never read it.
        """
        info = tcp_info(client)
        if info is None or info.state not in OPEN:
            return info is not None and info.state in CONNECTING
        if server is None or server.fileno() < 0:
            try:
                server = self._find_server_socket(client)
            except (OSError, KeyError):  # The connection was just closed, or no server listens there.
                return False
        if server is None:
            return not real.readable([client.fileno()], 0)
        server_info = tcp_info(server)
        if server_info is None:
            return False
        return _misses_bytes(server, server_info, info) or _misses_bytes(client, info, server_info)

    def _find_server_socket(self, client: socket.socket) -> Any:
        """Return the mock's socket of a connection, or None if there is none. Raises KeyError for an unknown server."""
        servers = self.server_sockets(client.getpeername()[1])
        server = self._server_sockets[ref(client)] = servers.get(client.getsockname())
        return server


def _misses_bytes(connection: Any, end: TcpInfo, other: TcpInfo) -> bool:
    """Return whether an end that has read all it received still misses bytes from the other end."""
    return end.received < other.sent and not real.readable([connection.fileno()], 0)
