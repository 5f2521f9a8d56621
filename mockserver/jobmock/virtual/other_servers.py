"""Servers other than the mock, which answer in real time: while one is about to, the clock goes at real time's pace.

A blocking read from such a server needs no rule: its thread waits for something real. An event loop waits for many
at once, so what is sent and received on its sockets is noted. A message that went out is waited for until it is
answered; a connection on which a second one follows, though time went on in vain, holds up nothing from then on,
until it speaks. What came in is given a moment to go on. What a participant serves itself is known, without a rule.
"""

from __future__ import annotations

import socket
from typing import Any
from weakref import WeakKeyDictionary

from . import real
from .children import may_be_at

_MORE_NANOSECONDS = 20_000_000
_TLS_HELLO, _TLS_TICKETS = b"\x16", 2
"""How a connection with TLS begins, and how often the server says something there that is no answer yet."""


class _Talk:
    """What is known of one connection: whether an answer is due, when something came last, and what was in vain."""

    def __init__(self) -> None:
        self.asked = self.in_vain = self.silent = False
        self.heard = self.left = 0

    def may_speak(self, now: int) -> bool:
        """Say whether something may still come."""
        return (self.asked and not self.silent) or now - self.heard < _MORE_NANOSECONDS


class OtherServers:
    """The conversations of one world. `ports` are those behind which the mock listens."""

    def __init__(self, ports: set[int]) -> None:
        self._ports, self._own = ports, set[Any]()
        self._talks: WeakKeyDictionary[socket.socket, _Talk] = WeakKeyDictionary()
        self._lock = real.Mutex()
        self.asked_mock = False
        """Whether a participant has sent the mock something since a request came there."""

    def serves(self, listener: socket.socket) -> None:
        """Note that a participant listens there."""
        self._own.add(_place(listener.getsockname()))

    def is_served(self, address: Any) -> bool:
        """Say whether a participant listens at an address."""
        return _place(address) in self._own

    def asks_mock(self, connection: socket.socket) -> bool:
        """Say whether what a participant sends goes to the mock, and note that."""
        to_mock = self.mock(connection)
        self.asked_mock = self.asked_mock or to_mock
        return to_mock

    def mock(self, connection: socket.socket) -> bool:
        """Say whether it leads to the mock."""
        return _peer(connection) in self._ports

    def inside(self, connection: socket.socket) -> bool:
        """Say whether whatever comes on it is the mock's, or a participant's, doing: or a request to a participant."""
        if connection.type == socket.SOCK_DGRAM:
            talk = self._talks.get(connection)
            return talk is None or not talk.asked
        return self.leads_inside(connection, None)

    def leads_inside(self, connection: socket.socket, address: Any) -> bool:
        """Say whether an address, or the present peer if none is given, is the mock's or a participant's."""
        if connection.family not in (socket.AF_INET, socket.AF_INET6):
            return not may_be_at(connection.fileno())
        place = _peer(connection) if address is None else _place(address)
        return place in self._ports or place in self._own or _place(connection.getsockname()) in self._own

    def asks(self, connection: socket.socket, address: Any = None, data: bytes = b"") -> None:
        """Note that something went out, or that a connection to an address is under way."""
        if not self.leads_inside(connection, address) and (address is not None or _peer(connection)):
            with self._lock:
                talk = self._talks.setdefault(connection, _Talk())
                if data[:1] == _TLS_HELLO:
                    talk.left = _TLS_TICKETS
                talk.silent = talk.silent or talk.in_vain
                talk.asked = True

    def hears(self, connection: socket.socket) -> None:
        """Note that something came in."""
        with self._lock:
            if talk := self._talks.get(connection):
                talk.asked = talk.left > 0
                talk.left = max(0, talk.left - 1)
                talk.in_vain = talk.silent = False
                talk.heard = real.monotonic_ns()

    def pending(self) -> bool:
        """Say whether something may still come."""
        if not self._talks:
            return False
        now = real.monotonic_ns()
        with self._lock:
            for connection in [one for one in self._talks if one.fileno() < 0]:
                del self._talks[connection]
            return any(talk.may_speak(now) for talk in self._talks.values())

    def in_vain(self) -> None:
        """Note that time moves on without what was still waited for."""
        if self._talks:
            with self._lock:
                for talk in self._talks.values():
                    talk.in_vain = talk.in_vain or talk.asked


def _place(address: Any) -> Any:
    """Return the port, or the path, of an address."""
    return address[1] if isinstance(address, tuple) and len(address) > 1 else address


def _peer(connection: socket.socket) -> Any:
    try:
        return _place(connection.getpeername())
    except OSError:
        return None
