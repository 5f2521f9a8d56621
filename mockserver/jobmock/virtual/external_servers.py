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
from .child_processes import may_reach_child
from .in_flight import InFlight

_MORE_NANOSECONDS = 250_000_000
"""A system keeps back the second part of an answer for up to 0.2 s, until the first is acknowledged."""
_HELLO_LENGTH = 43
"""The length of the beginning of a TLS client's first message, up to the end of its random bytes."""


class _ConnectionState:
    """What is known of one connection: whether an answer is due, when something came last, and what was in vain."""

    def __init__(self) -> None:
        self.awaits_answer = self.given_up = self.ignored = self.connecting = self.uses_tls = False
        self.last_received = 0

    def note_sent(self) -> None:
        """Note that an answer is due from now on."""
        self.ignored = self.ignored or self.given_up
        self.awaits_answer = True

    def note_received(self) -> None:
        """Note an answer."""
        self.awaits_answer = self.given_up = self.ignored = False

    def may_receive(self, connection: socket.socket, now: int) -> bool:
        """Say whether something may still come."""
        self.connecting = self.connecting and not real.writable(connection.fileno())
        if (self.awaits_answer or self.connecting) and not self.ignored:
            return True
        return now - self.last_received < _MORE_NANOSECONDS


class ExternalServers:
    """The conversations of one world. `ports` are those behind which the mock listens."""

    def __init__(self, ports: set[int]) -> None:
        self._ports, self._listeners = ports, set[Any]()
        self.in_flight = InFlight()
        self._states: WeakKeyDictionary[socket.socket, _ConnectionState] = WeakKeyDictionary()
        self._tls_states: WeakKeyDictionary[Any, _ConnectionState] = WeakKeyDictionary()
        self._client_hellos: WeakValueDictionary[bytes, Any] = WeakValueDictionary()
        self._to_mock: WeakSet[socket.socket] = WeakSet()
        """Connections to the mock, as far as they were looked at: each leads there as long as it lives."""
        self._lock = real.Mutex()
        self.sent_to_mock = False
        """Whether a participant has sent the mock something since a request came there."""

    def note_listener(self, listener: socket.socket) -> None:
        """Note that a participant listens there."""
        self._listeners.add(_port_or_path(listener.getsockname()))

    def has_listener(self, address: Any) -> bool:
        """Say whether a participant listens at an address."""
        return _port_or_path(address) in self._listeners

    def sends_to_mock(self, connection: socket.socket) -> bool:
        """Say whether what a participant sends goes to the mock, and note that."""
        to_mock = self.leads_to_mock(connection)
        if to_mock:
            self.sent_to_mock = True
            self.in_flight.add(connection)
        return to_mock

    def leads_to_mock(self, connection: socket.socket) -> bool:
        """Say whether it leads to the mock."""
        if connection in self._to_mock:
            return True
        leads_there = _peer_port(connection) in self._ports
        if leads_there and connection.type == socket.SOCK_STREAM:
            self._to_mock.add(connection)
        return leads_there

    def is_internal(self, connection: socket.socket) -> bool:
        """Say whether whatever comes on it is the mock's, or a participant's, doing: or a request to a participant."""
        if connection.type == socket.SOCK_DGRAM:
            state = self._states.get(connection)
            return state is None or not state.awaits_answer
        return self.is_internal_address(connection, None)

    def is_internal_address(self, connection: socket.socket, address: Any) -> bool:
        """Say whether an address, or the present peer if none is given, is the mock's or a participant's."""
        if connection.family not in (socket.AF_INET, socket.AF_INET6):
            return not may_reach_child(connection.fileno())
        place = _peer_port(connection) if address is None else _port_or_path(address)
        if place in self._ports or place in self._listeners:
            return True
        return _port_or_path(connection.getsockname()) in self._listeners

    def note_sent(self, connection: socket.socket, address: Any = None, data: bytes = b"") -> None:
        """Note that something went out, or that a connection to an address is under way."""
        if address is not None and _port_or_path(address) in self._ports:
            self.in_flight.add(connection)
        elif not self.is_internal_address(connection, address) and (address is not None or _peer_port(connection)):
            with self._lock:
                state = self._states.setdefault(connection, _ConnectionState())
                if self._client_hellos and (ssl_object := self._pop_client_hello(data)) is not None:
                    self._tls_states[ssl_object], state.uses_tls = state, True
                    state.note_sent()
                elif address is not None and connection.type == socket.SOCK_STREAM:
                    state.connecting = True
                elif not state.uses_tls:
                    state.note_sent()

    def _pop_client_hello(self, data: bytes) -> Any:
        return self._client_hellos.pop(bytes(data[:_HELLO_LENGTH]), None)

    def note_received(self, connection: socket.socket) -> None:
        """Note that something came in."""
        with self._lock:
            if state := self._states.get(connection):
                state.last_received = real.monotonic_ns()
                if not state.uses_tls:
                    state.note_received()

    def note_client_hello(self, ssl_object: Any, message: bytes) -> None:
        """Note the first message of a client's TLS in memory, which is about to go out on a connection."""
        with self._lock:
            self._client_hellos[message[:_HELLO_LENGTH]] = ssl_object

    def note_tls_sent(self, ssl_object: Any) -> None:
        """Note that something goes out through TLS in memory."""
        with self._lock:
            if state := self._tls_states.get(ssl_object):
                state.note_sent()

    def note_tls_received(self, ssl_object: Any) -> None:
        """Note that something has come in through TLS in memory, or that its beginning is done."""
        with self._lock:
            if state := self._tls_states.get(ssl_object):
                state.note_received()

    def is_pending(self) -> bool:
        """Say whether something may still come."""
        if not self._states:
            return False
        now = real.monotonic_ns()
        with self._lock:
            for connection in [one for one in self._states if one.fileno() < 0]:
                del self._states[connection]
            return any(state.may_receive(connection, now) for connection, state in self._states.items())

    def give_up(self) -> None:
        """Note that time moves on without what was still waited for."""
        if self._states:
            with self._lock:
                for state in self._states.values():
                    state.given_up = state.given_up or state.awaits_answer or state.connecting


def _port_or_path(address: Any) -> Any:
    """Return the port, or the path, of an address."""
    return address[1] if isinstance(address, tuple) and len(address) > 1 else address


def _peer_port(connection: socket.socket) -> Any:
    try:
        return _port_or_path(connection.getpeername())
    except OSError:
        return None
