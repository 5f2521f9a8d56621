"""Servers other than the mock, which answer in real time: while one is about to, the clock goes at real time's pace.

A blocking read from such a server needs no rule: its thread waits for something real. An event loop waits for many
at once, so what is sent and received on its sockets is noted. A message that went out is waited for until it is
answered; a connection on which a second one follows, though time went on in vain, holds up nothing from then on,
until it speaks. What came in is given a moment to go on. What a participant serves itself is known, without a rule.

On a connection with TLS not all that comes is an answer (tickets, for one). There the layer in memory (`ssl.SSLObject`)
tells what is asked and answered (`tls`); which connection is a layer's is known by its first message.
"""

from __future__ import annotations

import socket
from typing import Any
from weakref import WeakKeyDictionary, WeakSet, WeakValueDictionary

from . import real
from .children import may_be_at
from .in_flight import InFlight

_MORE_NANOSECONDS = 250_000_000
"""A system keeps back the second part of an answer for up to 0.2 s, until the first is acknowledged."""
_HELLO = 43
"""The length of the beginning of a TLS client's first message, up to the end of its random bytes."""


class _Talk:
    """What is known of one connection: whether an answer is due, when something came last, and what was in vain."""

    def __init__(self) -> None:
        self.asked = self.in_vain = self.silent = self.connects = self.has_layer = False
        self.heard = 0

    def asks(self) -> None:
        """Note that an answer is due from now on."""
        self.silent = self.silent or self.in_vain
        self.asked = True

    def hears(self) -> None:
        """Note an answer."""
        self.asked = self.in_vain = self.silent = False

    def may_speak(self, connection: socket.socket, now: int) -> bool:
        """Say whether something may still come."""
        self.connects = self.connects and not real.writable(connection.fileno())
        return ((self.asked or self.connects) and not self.silent) or now - self.heard < _MORE_NANOSECONDS


class OtherServers:
    """The conversations of one world. `ports` are those behind which the mock listens."""

    def __init__(self, ports: set[int]) -> None:
        self._ports, self._own = ports, set[Any]()
        self.in_flight = InFlight()
        self._talks: WeakKeyDictionary[socket.socket, _Talk] = WeakKeyDictionary()
        self._layers: WeakKeyDictionary[Any, _Talk] = WeakKeyDictionary()
        self._hellos: WeakValueDictionary[bytes, Any] = WeakValueDictionary()
        self._to_mock: WeakSet[socket.socket] = WeakSet()
        """Connections to the mock, as far as they were looked at: each leads there as long as it lives."""
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
        if to_mock:
            self.asked_mock = True
            self.in_flight.add(connection)
        return to_mock

    def mock(self, connection: socket.socket) -> bool:
        """Say whether it leads to the mock."""
        if connection in self._to_mock:
            return True
        leads_there = _peer(connection) in self._ports
        if leads_there and connection.type == socket.SOCK_STREAM:
            self._to_mock.add(connection)
        return leads_there

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
        if address is not None and _place(address) in self._ports:
            self.in_flight.add(connection)
        elif not self.leads_inside(connection, address) and (address is not None or _peer(connection)):
            with self._lock:
                talk = self._talks.setdefault(connection, _Talk())
                if self._hellos and (layer := self._hellos.pop(bytes(data[:_HELLO]), None)) is not None:
                    self._layers[layer], talk.has_layer = talk, True
                    talk.asks()
                elif address is not None and connection.type == socket.SOCK_STREAM:
                    talk.connects = True
                elif not talk.has_layer:
                    talk.asks()

    def hears(self, connection: socket.socket) -> None:
        """Note that something came in."""
        with self._lock:
            if talk := self._talks.get(connection):
                talk.heard = real.monotonic_ns()
                if not talk.has_layer:
                    talk.hears()

    def begins_layer(self, layer: Any, message: bytes) -> None:
        """Note the first message of a client's TLS in memory, which is about to go out on a connection."""
        with self._lock:
            self._hellos[message[:_HELLO]] = layer

    def layer_asks(self, layer: Any) -> None:
        """Note that something goes out through TLS in memory."""
        with self._lock:
            if talk := self._layers.get(layer):
                talk.asks()

    def layer_hears(self, layer: Any) -> None:
        """Note that something has come in through TLS in memory, or that its beginning is done."""
        with self._lock:
            if talk := self._layers.get(layer):
                talk.hears()

    def pending(self) -> bool:
        """Say whether something may still come."""
        if not self._talks:
            return False
        now = real.monotonic_ns()
        with self._lock:
            for connection in [one for one in self._talks if one.fileno() < 0]:
                del self._talks[connection]
            return any(talk.may_speak(connection, now) for connection, talk in self._talks.items())

    def in_vain(self) -> None:
        """Note that time moves on without what was still waited for."""
        if self._talks:
            with self._lock:
                for talk in self._talks.values():
                    talk.in_vain = talk.in_vain or talk.asked or talk.connects


def _place(address: Any) -> Any:
    """Return the port, or the path, of an address."""
    return address[1] if isinstance(address, tuple) and len(address) > 1 else address


def _peer(connection: socket.socket) -> Any:
    try:
        return _place(connection.getpeername())
    except OSError:
        return None
