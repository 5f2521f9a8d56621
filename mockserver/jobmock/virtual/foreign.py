"""Servers other than the mock, which answer in real time: while one is about to, virtual time stands still.

A blocking read from such a server needs no rule: its thread is busy. An event loop waits for many at once, so what is
sent and received on its sockets is noted. A message that went out is given a second to be answered, and what came in a
moment to go on. A connection on which nobody speaks holds up nothing, and neither does one that never answers, from
the second message on. What a participant serves itself is not foreign: all that is done there is known.
"""

from __future__ import annotations

import socket
from _thread import allocate_lock
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

_ANSWER_SECONDS = 1.0
_MORE_SECONDS = 0.02


class _Talk:
    """What is known of one connection: until when something may come, and whether it was ever waited for in vain."""

    def __init__(self) -> None:
        self.until, self.asked, self.silent = 0.0, False, False


class Foreign:
    """The conversations of one world. `ports` are those behind which the mock listens."""

    def __init__(self, ports: set[int]) -> None:
        self._ports, self._own = ports, set[Any]()
        self._talks: WeakKeyDictionary[socket.socket, _Talk] = WeakKeyDictionary()
        self._lock = allocate_lock()

    def serves(self, listener: socket.socket) -> None:
        """Note that a participant listens there."""
        self._own.add(_place(listener.getsockname()))

    def mock(self, connection: socket.socket) -> bool:
        """Say whether it leads to the mock."""
        return _peer(connection) in self._ports

    def inside(self, connection: socket.socket) -> bool:
        """Say whether whatever comes on it is the mock's, or a participant's, doing: or a request to a participant."""
        peer = _peer(connection)
        return peer in self._ports or peer in self._own or _place(connection.getsockname()) in self._own

    def asks(self, connection: socket.socket, address: Any = None) -> None:
        """Note that something went out, or that a connection to an address is under way."""
        place = _peer(connection) if address is None else _place(address)
        if not place or place in self._ports or place in self._own or self.inside(connection):
            return
        with self._lock:
            talk = self._talks.setdefault(connection, _Talk())
            talk.asked = True
            talk.until = 0.0 if talk.silent else monotonic() + _ANSWER_SECONDS

    def hears(self, connection: socket.socket) -> None:
        """Note that something came in."""
        with self._lock:
            if talk := self._talks.get(connection):
                talk.asked = talk.silent = False
                talk.until = monotonic() + _MORE_SECONDS

    def pause(self) -> float:
        """Return for how many real seconds something may still come."""
        now, left = monotonic(), 0.0
        with self._lock:
            for connection, talk in tuple(self._talks.items()):
                if connection.fileno() < 0:
                    del self._talks[connection]
                elif talk.until > now:
                    left = max(left, talk.until - now)
                else:
                    talk.silent = talk.asked
        return left


def _place(address: Any) -> Any:
    """Return the port, or the path, of an address."""
    return address[1] if isinstance(address, tuple) and len(address) > 1 else address


def _peer(connection: socket.socket) -> Any:
    try:
        return _place(connection.getpeername())
    except OSError:
        return None
