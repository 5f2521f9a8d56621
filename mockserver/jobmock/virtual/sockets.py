"""Sockets of a client's thread: it waits in virtual time for the mock and for other participants.

A timeout then takes no real time. Other servers answer in real time, so a wait for them is external work. Each function
here replaces the method of the same name; `real` is the original method.
"""

from __future__ import annotations

import _socket
import os
import selectors
import socket
import ssl
from contextlib import suppress
from typing import Any

from .builtin_functions import with_originals
from .exceptions import VirtualTimeEnded
from .external_calls import external_call
from .participant import Participant, current_participant
from .real import readable, writable
from .waiter import OTHER_WORK

_send = socket.socket.send


def recv(real: Any, connection: socket.socket, *args: Any) -> Any:
    """Wait until there is data, then read it."""
    me = current_participant()
    if me is None or connection.fileno() < 0:
        return real(connection, *args)
    if connection.gettimeout() == 0:
        received = real(connection, *args)
        me.scheduler.external.servers.note_received(connection)
        return received
    awaits_mock = me.scheduler.external.servers.leads_to_mock(connection)
    if not awaits_mock and not me.scheduler.external.servers.is_internal(connection):
        return _call_with_timeout(real, me, connection, *args)
    _wait_to_receive(me, connection, awaits_mock=awaits_mock)
    me.scheduler.external.servers.in_flight.awaits_answer = False
    return real(connection, *args)


def accept(real: Any, listener: socket.socket) -> Any:
    """Wait until there is a connection, then accept it."""
    me = current_participant()
    if me is None:
        return real(listener)
    if listener.gettimeout() != 0 and listener.fileno() >= 0:
        _wait_to_receive(me, listener)
    found = real(listener)
    _send_at_once(found[0])
    return found


def listen(real: Any, listener: socket.socket, *args: Any) -> None:
    """Note that a participant listens here, so this is no external server."""
    real(listener, *args)
    if me := current_participant():
        me.scheduler.external.servers.note_listener(listener)


def bind(real: Any, bound: socket.socket, address: Any) -> None:
    """Note where a participant can receive data without a connection."""
    real(bound, address)
    me = current_participant()
    if me is not None and bound.type == socket.SOCK_DGRAM:
        me.scheduler.external.servers.note_listener(bound)


def send(real: Any, connection: socket.socket, *args: Any) -> Any:
    """Note what an event loop sends to an external server. A thread waits until that server has taken it."""
    me = current_participant()
    if me is None or me.scheduler.external.servers.sends_to_mock(connection):
        return real(connection, *args)
    if connection.gettimeout() == 0:
        me.scheduler.external.servers.note_sent(connection, data=args[0] if args else b"")
    elif not me.scheduler.external.servers.is_internal(connection):
        return _call_with_timeout(real, me, connection, *args)
    return real(connection, *args)


def sendall(real: Any, connection: socket.socket, data: Any, *flags: int) -> None:
    """Send all data; wait in virtual time while another participant takes no more."""
    me = current_participant()
    if me is None or connection.gettimeout() == 0:
        send(real, connection, data, *flags)
        return
    servers = me.scheduler.external.servers
    if not servers.sends_to_mock(connection) and not servers.is_internal(connection):
        _call_with_timeout(real, me, connection, data, *flags)
        return
    deadline, left = me.scheduler.deadline_in(connection.gettimeout()), memoryview(data).cast("B")
    while left:
        if connection.fileno() >= 0 and not writable(connection.fileno()):
            _wait_to_write(me, connection, deadline)
        try:
            left = left[_send(connection, left, sum(flags) | socket.MSG_DONTWAIT) :]
        except BlockingIOError:
            _wait_to_write(me, connection, deadline)


def sendto(real: Any, connection: socket.socket, *args: Any) -> Any:
    """Note what is sent to an address, without a connection."""
    me = current_participant()
    if me is not None and args:
        me.scheduler.external.servers.note_sent(connection, args[-1])
    return real(connection, *args)


def connect(real: Any, connection: socket.socket, address: Any) -> Any:
    """Note that a connection begins, and wait for it."""
    me = current_participant()
    if me is None:
        return real(connection, address)
    if (timeout := connection.gettimeout()) == 0:
        me.scheduler.external.servers.note_sent(connection, address)
    elif me.scheduler.external.servers.has_listener(address) and real.__name__ == "connect":
        _send_at_once(connection)
        _connect(real, me, connection, address, timeout)
        return None
    elif not me.scheduler.external.servers.is_internal_address(connection, address):
        return _connect_external(real, me, connection, address)
    return real(connection, address)


def _connect(real: Any, me: Participant, connection: socket.socket, address: Any, timeout: float | None) -> None:
    """Connect to a server of a participant, which may take long to accept."""
    deadline = me.scheduler.deadline_in(timeout)
    connection.setblocking(False)
    try:
        real(connection, address)
    except BlockingIOError:
        _wait_to_write(me, connection, deadline)
        if error := connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(error, os.strerror(error)) from None
    finally:
        connection.settimeout(timeout)


def _connect_external(real: Any, me: Participant, connection: socket.socket, address: Any) -> Any:
    """Connect to an external server. If it isn't there yet, that counts as a poll of it."""
    try:
        return _call_with_timeout(real, me, connection, address)
    except ConnectionRefusedError:
        me.polled.add(OTHER_WORK)
        raise


def in_tls(real: Any, connection: ssl.SSLSocket, *args: Any) -> Any:
    """Read, write or shake hands through TLS: with a participant in virtual time."""
    me = current_participant()
    if me is None or (timeout := connection.gettimeout()) == 0 or connection.fileno() < 0:
        return real(connection, *args)
    servers = me.scheduler.external.servers
    if not servers.is_internal(connection):
        return _call_with_timeout(real, me, connection, *args)
    awaits_mock = servers.leads_to_mock(connection) if real.__name__ == "read" else servers.sends_to_mock(connection)
    deadline = me.scheduler.deadline_in(timeout)
    while True:
        connection.settimeout(0)
        try:
            return real(connection, *args)
        except ssl.SSLWantReadError:
            _wait_to_read(me, connection, deadline, awaits_mock=awaits_mock)
        except ssl.SSLWantWriteError:
            _wait_to_write(me, connection, deadline)
        finally:
            connection.settimeout(timeout)


def _call_with_timeout(real: Any, me: Participant, connection: socket.socket, *args: Any) -> Any:
    """Call what waits for an external server. A timeout passes in real time, and moves the clock as well."""
    came, late = list[Any](), list[TimeoutError]()

    def real_wait(seconds: float | None) -> bool:
        try:
            came.append(real(connection, *args))
        except TimeoutError as error:
            late.append(error)
        return bool(came)

    if not me.scheduler.wait_for_external(me, connection.gettimeout(), real_wait):
        raise late[0]
    return came[0]


def _wait_to_write(me: Participant, connection: socket.socket, deadline: int | None) -> None:
    """Wait until a socket takes more data. Raises TimeoutError when the clock reads `deadline`."""
    copy = os.dup(connection.fileno())
    try:
        with selectors.DefaultSelector() as selector, suppress(VirtualTimeEnded):
            if writable(copy):
                return
            selector.register(copy, selectors.EVENT_WRITE)
            if not me.scheduler.wait(me, deadline=deadline, descriptors=(selector.fileno(),)):
                raise TimeoutError("timed out")
    finally:
        os.close(copy)


def _wait_to_read(me: Participant, connection: socket.socket, deadline: int | None, awaits_mock: bool = False) -> None:
    """Wait until there is data. Raises TimeoutError when the clock reads `deadline`."""
    copy = os.dup(connection.fileno())  # Another thread may close the socket, and its number may go to another file.
    try:
        if not me.scheduler.wait(me, deadline=deadline, descriptors=(copy,), awaits_mock=awaits_mock):
            raise TimeoutError("timed out")
    except VirtualTimeEnded:
        return
    finally:
        os.close(copy)


def _send_at_once(connection: Any) -> None:
    """Turn off the delay of small packets: the system would hold them in real time, and they would come too late."""
    if connection.type != socket.SOCK_STREAM or connection.family not in (socket.AF_INET, socket.AF_INET6):
        return
    with suppress(OSError):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)


def _wait_to_receive(me: Participant, connection: socket.socket, *, awaits_mock: bool = False) -> None:
    """Wait until there is data, if there is none yet. Raises TimeoutError after the socket's timeout."""
    if readable((connection.fileno(),), 0):
        me.scheduler.begin_wait()
    else:
        _wait_to_read(me, connection, me.scheduler.deadline_in(connection.gettimeout()), awaits_mock=awaits_mock)


METHODS = (
    *((socket.socket, name, recv)
      for name in ("recv", "recv_into", "recvfrom", "recvfrom_into", "recvmsg", "recvmsg_into")
      if hasattr(socket.socket, name)),
    *((socket.socket, name, send) for name in ("send", "sendmsg") if hasattr(socket.socket, name)),
    *((socket.socket, name, connect) for name in ("connect", "connect_ex")),
    (socket.socket, "sendall", sendall), (socket.socket, "sendto", sendto), (socket.socket, "accept", accept),
    (socket.socket, "listen", listen), (socket.socket, "bind", bind),
    *((ssl.SSLSocket, name, in_tls) for name in ("read", "write", "do_handshake")),
)  # fmt: skip
FUNCTIONS = with_originals(
    (getattr(_socket, name), external_call)
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo")
)
