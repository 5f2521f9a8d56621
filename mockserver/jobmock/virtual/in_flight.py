"""Data between the two ends of a connection in this process: sent by one end, not yet received by the other.

The system delivers nearly all data at once. But it may hold a part back until the part before is acknowledged, or lose
a packet and send it again. Linux counts the bytes at both ends; on other systems nothing is known about it.
"""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from weakref import ref

from . import real

ServerSockets = Callable[[int], Mapping[Any, Any]]
"""Returns the server's sockets at a port, by the other end's address. Raises KeyError if no server is known there."""


def no_server_sockets(port: int) -> Mapping[Any, Any]:
    """Raise KeyError: no server is known at any port."""
    raise KeyError(port)


_REPORTS_BYTES = sys.platform == "linux"
_TCP_INFO_LENGTH = 216
_TCP_INFO = struct.Struct("=B 127x Q 8x I 52x QQ")
"""The fields of `struct tcp_info`: state, bytes_received, notsent_bytes, bytes_sent, bytes_retrans."""
_CONNECTING = (2, 3)
"""TCP_SYN_SENT and TCP_SYN_RECV."""
_OPEN = (1, 4, 5)
"""TCP_ESTABLISHED, TCP_FIN_WAIT1 and TCP_FIN_WAIT2: this end doesn't know yet whether the other end is closed."""


class _TcpInfo(NamedTuple):
    """What the system reports about one end of a connection."""

    state: int
    received: int
    sent: int
    """The number of bytes written, including those held back."""


class InFlight:
    """The connections of one test's participants to the mock."""

    def __init__(self) -> None:
        self.server_sockets: ServerSockets = no_server_sockets
        """Returns the mock's sockets."""
        self._server_sockets: dict[ref[socket.socket], Any] = {}
        """The mock's socket for each client's socket; None while it isn't known. Read a copy of it: a client's socket
        may be deleted at any line."""

    def add(self, client: socket.socket) -> None:
        """Watch a connection from now on."""
        if ref(client) not in self._server_sockets:
            self._server_sockets[ref(client, self._remove)] = None

    @property
    def has_connections(self) -> bool:
        """Whether any connection is watched."""
        return bool(self._server_sockets)

    def any(self) -> bool:
        """Return whether any data is on its way, to the mock or from it."""
        for reference, server in self._server_sockets.copy().items():
            client = reference()
            if client is not None and client.fileno() >= 0 and self._is_in_flight(client, server):
                return True
        return False

    def _remove(self, reference: ref[socket.socket]) -> None:
        """Watch a connection no more: the client's socket was deleted."""
        self._server_sockets.pop(reference, None)

    def _is_in_flight(self, client: socket.socket, server: Any) -> bool:
        """Return whether data is between a client's socket and the mock's, or the mock's socket doesn't exist yet.

        Data that has arrived and isn't read yet doesn't count: its reader may never read it.
        """
        info = _tcp_info(client)
        if info is None or info.state not in _OPEN:
            return info is not None and info.state in _CONNECTING
        if server is None or server.fileno() < 0:
            try:
                server = self._find_server_socket(client)
            except (OSError, KeyError):  # The connection was just closed, or no server listens there.
                return False
        if server is None:
            return not real.readable([client.fileno()], 0)
        server_info = _tcp_info(server)
        if server_info is None:
            return False
        return _misses_bytes(server, server_info, info) or _misses_bytes(client, info, server_info)

    def _find_server_socket(self, client: socket.socket) -> Any:
        """Return the mock's socket of a connection, or None if there is none. Raises KeyError for an unknown server."""
        servers = self.server_sockets(client.getpeername()[1])
        server = self._server_sockets[ref(client)] = servers.get(client.getsockname())
        return server


def _misses_bytes(connection: Any, end: _TcpInfo, other: _TcpInfo) -> bool:
    """Return whether an end that has read all it received still misses bytes from the other end."""
    return end.received < other.sent and not real.readable([connection.fileno()], 0)


def _tcp_info(end: Any) -> _TcpInfo | None:
    """Return what the system reports about an end; None if it is closed or the system reports too little."""
    if not _REPORTS_BYTES:
        return None
    try:
        info = end.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_LENGTH)
    except OSError:
        return None
    if len(info) < _TCP_INFO_LENGTH:
        return None
    state, received, held_back, went_out, repeated = _TCP_INFO.unpack(info)
    return _TcpInfo(state, received, went_out - repeated + held_back)
