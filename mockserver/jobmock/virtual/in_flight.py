"""What one end of a connection within this process has sent and the other end doesn't have yet.

The system hands nearly everything over at once. But it may hold a part back until the one before is confirmed, or lose
something and send it again later. Linux counts the bytes at both ends; elsewhere nothing is known of that.
"""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from . import real

ServerSockets = Callable[[int], Mapping[Any, Any]]
"""Returns, for a port, the server's ends of its connections by the address of the other end. Raises KeyError where no
server is known."""


def no_server_sockets(port: int) -> Mapping[Any, Any]:
    """Know of no server at a port."""
    raise KeyError(port)


_TCP_INFO_LENGTH = 216
_TCP_INFO = struct.Struct("=B 127x Q 8x I 52x QQ")
"""Of `struct tcp_info`: state, bytes_received, notsent_bytes, bytes_sent, bytes_retrans."""
_CONNECTING = (2, 3)
"""TCP_SYN_SENT and TCP_SYN_RECV."""
_OPEN = (1, 4, 5)
"""TCP_ESTABLISHED, TCP_FIN_WAIT1 and TCP_FIN_WAIT2: as far as this end knows, the other one hasn't been closed."""


class _TcpInfo(NamedTuple):
    """What the system tells of one end."""

    state: int
    received: int
    sent: int
    """How many bytes were written, be they still held back."""


class InFlight:
    """The connections of one world's participants to the mock."""

    def __init__(self) -> None:
        self.server_sockets: ServerSockets = no_server_sockets
        """Tells of the mock's ends of them."""
        self._server_sockets: WeakKeyDictionary[socket.socket, Any] = WeakKeyDictionary()
        """The mock's end of each; None as long as it isn't known."""
        self._lock = real.Mutex()

    def add(self, client: socket.socket) -> None:
        """Look at a connection from now on."""
        if client not in self._server_sockets:
            with self._lock:
                self._server_sockets[client] = None

    @property
    def has_connections(self) -> bool:
        """Whether any connection is looked at."""
        return bool(self._server_sockets)

    def any(self) -> bool:
        """Say whether anything is on its way, to the mock or from it."""
        if not self._server_sockets:
            return False
        with self._lock:
            clients = [one for one in self._server_sockets if one.fileno() >= 0]
        return any(map(self._is_in_flight, clients))

    def _is_in_flight(self, client: socket.socket) -> bool:
        """Say whether anything is between a client's end and the mock's, or that one isn't there yet.

        What an end has and hasn't read yet isn't between them: it may never read that.
        """
        end = _tcp_info(client)
        if end is None or end.state not in _OPEN:
            return end is not None and end.state in _CONNECTING
        try:
            server = self._server_socket_of(client)
        except (OSError, KeyError):  # it has just been closed, or nobody listens there
            return False
        if server is None:
            return not real.readable([client.fileno()], 0)
        there = _tcp_info(server)
        return there is not None and (_misses_bytes(server, there, end) or _misses_bytes(client, end, there))

    def _server_socket_of(self, client: socket.socket) -> Any:
        """Return the mock's end of a connection; None if it has none, KeyError if it isn't known here."""
        server = self._server_sockets.get(client)
        if server is None or server.fileno() < 0:
            servers = self.server_sockets(client.getpeername()[1])
            server = self._server_sockets[client] = servers.get(client.getsockname())
        return server


def _misses_bytes(connection: Any, end: _TcpInfo, other: _TcpInfo) -> bool:
    """Say whether something comes yet from the other end, to one that has read all that it has got."""
    return end.received < other.sent and not real.readable([connection.fileno()], 0)


def _tcp_info(end: Any) -> _TcpInfo | None:
    """Return what the system tells of an end; None where it tells too little, or the end is closed."""
    if sys.platform != "linux":
        return None
    try:
        info = end.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_LENGTH)
    except OSError:
        return None
    if len(info) < _TCP_INFO_LENGTH:
        return None
    state, received, held_back, went_out, repeated = _TCP_INFO.unpack(info)
    return _TcpInfo(state, received, went_out - repeated + held_back)
