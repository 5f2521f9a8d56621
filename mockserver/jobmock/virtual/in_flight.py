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
from weakref import WeakSet

from . import real

Ends = Callable[[int], Mapping[Any, Any] | None]
"""Returns, for a port, the server's ends of its connections by the address of the other end; None if none listens."""
_LENGTH = 216
_COUNTED = struct.Struct("=B 127x Q 8x I 52x QQ")
"""Of `struct tcp_info`: state, bytes_received, notsent_bytes, bytes_sent, bytes_retrans."""
_CONNECTING = (2, 3)
"""TCP_SYN_SENT and TCP_SYN_RECV."""
_OPEN = (1, 4, 5)
"""TCP_ESTABLISHED, TCP_FIN_WAIT1 and TCP_FIN_WAIT2: as far as this end knows, the other one hasn't been closed."""


class _End(NamedTuple):
    """What the system tells of one end."""

    state: int
    received: int
    held_back: int
    went_out: int
    repeated: int

    @property
    def sent(self) -> int:
        """How many bytes were written, be they still held back."""
        return self.went_out - self.repeated + self.held_back


class InFlight:
    """The connections of one world's participants to the mock."""

    def __init__(self) -> None:
        self.ends: Ends = lambda port: None
        """Tells of the mock's ends of them."""
        self._clients: WeakSet[socket.socket] = WeakSet()
        self._lock = real.Mutex()

    def add(self, client: socket.socket) -> None:
        """Look at a connection from now on."""
        with self._lock:
            self._clients.add(client)

    def any(self) -> bool:
        """Say whether anything is on its way, to the mock or from it."""
        if not self._clients:
            return False
        with self._lock:
            clients = [one for one in self._clients if one.fileno() >= 0]
        return any(map(self._is_on_its_way, clients))

    def _is_on_its_way(self, client: socket.socket) -> bool:
        try:
            address, there = client.getsockname(), client.getpeername()
        except OSError:
            return _is_connecting(client)
        ends = self.ends(there[1])
        return ends is not None and _is_between(client, ends.get(address))


def _is_connecting(client: socket.socket) -> bool:
    end = _told(client)
    return end is not None and end.state in _CONNECTING


def _is_between(client: socket.socket, served: Any) -> bool:
    """Say whether anything is between a client's end and that of its server; None for one that the server hasn't.

    What an end has and hasn't read yet isn't between them: it may never read that.
    """
    end = _told(client)
    if end is None or end.state not in _OPEN:
        return False
    if served is None:
        return not real.readable([client.fileno()], 0)
    there = _told(served)
    if there is None:
        return False
    return _lacks(served, there, end) or _lacks(client, end, there)


def _lacks(connection: Any, end: _End, other: _End) -> bool:
    """Say whether something comes yet from the other end, to one that has read all that it has got."""
    return end.received < other.sent and not real.readable([connection.fileno()], 0)


def _told(end: Any) -> _End | None:
    """Return what the system tells of an end; None where it tells too little, or the end is closed."""
    if sys.platform != "linux":
        return None
    try:
        told = end.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LENGTH)
    except OSError:
        return None
    return _End._make(_COUNTED.unpack(told)) if len(told) == _LENGTH else None
