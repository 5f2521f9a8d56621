"""Connections to servers other than the mock. They answer in real time, so the clock waits for pending answers.

A blocking read from such a server needs no rule: its thread is known to wait. An event loop waits for many connections
at once, so this module notes what is sent and received on its sockets. The clock waits for the answer to each message.
If the clock had to move on without an answer, and a second message follows, the connection holds the clock no longer
until something is received. After data has come in, the clock waits a moment for more. Servers of a participant need no
rule.

With TLS, not all that is received is an answer: it may be a ticket. There, `tls` reports what is sent and received
through an `ssl.SSLObject`. The first message of a TLS client shows to which connection the object belongs.
"""

from __future__ import annotations

import socket
from typing import Any
from weakref import WeakKeyDictionary, WeakSet, WeakValueDictionary

from . import real
from .child_processes import may_reach_child
from .in_flight import InFlight

_MORE_NANOSECONDS = 250_000_000
"""A system may hold the second part of an answer for up to 0.2 s, until the first part is acknowledged."""
_HELLO_LENGTH = 43
"""The length of the beginning of a TLS client's first message, with all its random bytes."""


class _ConnectionState:
    """The state of one connection: what is pending, when data came last, and whether the clock moved on without it."""

    def __init__(self) -> None:
        self.awaits_answer = self.given_up = self.ignored = self.connecting = self.uses_tls = False
        self.last_received = 0

    def note_sent(self) -> None:
        """Note a message, which awaits an answer."""
        self.ignored = self.ignored or self.given_up
        self.awaits_answer = True

    def note_received(self) -> None:
        """Note an answer."""
        self.awaits_answer = self.given_up = self.ignored = False

    def may_receive(self, connection: socket.socket, now: int) -> bool:
        """Return whether data may still come."""
        self.connecting = self.connecting and not real.writable(connection.fileno())
        if (self.awaits_answer or self.connecting) and not self.ignored:
            return True
        return now - self.last_received < _MORE_NANOSECONDS


class ExternalServers:
    """The connections of one test to other servers. `ports` are the mock's."""

    def __init__(self, ports: set[int]) -> None:
        self._ports, self._listeners = ports, set[Any]()
        self.in_flight = InFlight()
        self._states: WeakKeyDictionary[socket.socket, _ConnectionState] = WeakKeyDictionary()
        self._tls_states: WeakKeyDictionary[Any, _ConnectionState] = WeakKeyDictionary()
        self._client_hellos: WeakValueDictionary[bytes, Any] = WeakValueDictionary()
        self._to_mock: WeakSet[socket.socket] = WeakSet()
        """Connections known to lead to the mock. They do until they are closed."""
        self._lock = real.Mutex()
        self.sent_to_mock = False
        """Whether a participant has sent data to the mock since the mock received its last request."""

    def note_listener(self, listener: socket.socket) -> None:
        """Note that a participant listens on a socket."""
        self._listeners.add(_port_or_path(listener.getsockname()))

    def has_listener(self, address: Any) -> bool:
        """Return whether a participant listens at an address."""
        return _port_or_path(address) in self._listeners

    def sends_to_mock(self, connection: socket.socket) -> bool:
        """Return whether a connection leads to the mock; if it does, note that a participant sends data."""
        to_mock = self.leads_to_mock(connection)
        if to_mock:
            self.sent_to_mock = True
            self.in_flight.add(connection)
            self.in_flight.report(connection)
        return to_mock

    def leads_to_mock(self, connection: socket.socket) -> bool:
        """Return whether a connection leads to the mock."""
        if connection in self._to_mock:
            return True
        leads_there = _peer_port(connection) in self._ports
        if leads_there and connection.type == socket.SOCK_STREAM:
            self._to_mock.add(connection)
        return leads_there

    def is_internal(self, connection: socket.socket) -> bool:
        """Return whether all data on a connection comes from the mock or from participants."""
        if connection.type == socket.SOCK_DGRAM:
            state = self._states.get(connection)
            return state is None or not state.awaits_answer
        return self.is_internal_address(connection, None)

    def is_internal_address(self, connection: socket.socket, address: Any) -> bool:
        """Return whether an address, by default the connection's peer, belongs to the mock or a participant."""
        if connection.family not in (socket.AF_INET, socket.AF_INET6):
            return not may_reach_child(connection.fileno())
        place = _peer_port(connection) if address is None else _port_or_path(address)
        if place in self._ports or place in self._listeners:
            return True
        return _port_or_path(connection.getsockname()) in self._listeners

    def note_sent(self, connection: socket.socket, address: Any = None, data: bytes = b"") -> None:
        """Note that data is sent on a connection, or that it connects to an address."""
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
        """Note that data was received on a connection."""
        self.in_flight.awaits_answer = False
        with self._lock:
            if state := self._states.get(connection):
                state.last_received = real.monotonic_ns()
                if not state.uses_tls:
                    state.note_received()

    def note_client_hello(self, ssl_object: Any, message: bytes) -> None:
        """Note the first message of a TLS client, before it is sent on a connection."""
        with self._lock:
            self._client_hellos[message[:_HELLO_LENGTH]] = ssl_object

    def note_tls_sent(self, ssl_object: Any) -> None:
        """Note that data is sent through an `ssl.SSLObject`."""
        with self._lock:
            if state := self._tls_states.get(ssl_object):
                state.note_sent()

    def note_tls_received(self, ssl_object: Any) -> None:
        """Note that data was received through an `ssl.SSLObject`, or that its handshake is done."""
        with self._lock:
            if state := self._tls_states.get(ssl_object):
                state.note_received()

    def is_pending(self) -> bool:
        """Return whether data may still come on any connection."""
        if not self._states:
            return False
        now = real.monotonic_ns()
        with self._lock:
            for connection in [one for one in self._states if one.fileno() < 0]:
                del self._states[connection]
            return any(state.may_receive(connection, now) for connection, state in self._states.items())

    def give_up(self) -> None:
        """Note that the clock moves on without the pending answers."""
        if self._states:
            with self._lock:
                for state in self._states.values():
                    state.given_up = state.given_up or state.awaits_answer or state.connecting


def _port_or_path(address: Any) -> Any:
    """Return the port or the path of an address."""
    return address[1] if isinstance(address, tuple) and len(address) > 1 else address


def _peer_port(connection: socket.socket) -> Any:
    try:
        return _port_or_path(connection.getpeername())
    except OSError:
        return None
