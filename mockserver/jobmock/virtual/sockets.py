"""What a client's thread does with its sockets: it waits for the mock, and for its own peers, in virtual time.

A timeout is then the world's and costs no waiting. Servers elsewhere are something real.
Each function here stands in for the method of the same name; `real` is that method.
"""

from __future__ import annotations

import _socket
import os
import selectors
import socket
import ssl
from contextlib import suppress
from typing import Any

from .c_functions import with_copies
from .current import here
from .endings import WorldEnded
from .participant import Participant
from .real import readable, writable

_send = socket.socket.send


def recv(real: Any, connection: socket.socket, *args: Any) -> Any:
    """Read once something has come."""
    me = here()
    if me is None or connection.fileno() < 0:
        return real(connection, *args)
    if connection.gettimeout() == 0:
        received = real(connection, *args)
        me.world.pace.other_servers.hears(connection)
        return received
    asking = me.world.pace.other_servers.mock(connection)
    if not asking and not me.world.pace.other_servers.inside(connection):
        return _outside(real, me, connection, *args)
    _wait(me, connection, asking=asking)
    return real(connection, *args)


def accept(real: Any, listener: socket.socket) -> Any:
    """Take a connection once there is one: who serves waits."""
    me = here()
    if me is None:
        return real(listener)
    if listener.gettimeout() != 0 and listener.fileno() >= 0:
        _wait(me, listener)
    found = real(listener)
    _send_at_once(found[0])
    return found


def listen(real: Any, listener: socket.socket, *args: Any) -> None:
    """Note what a participant serves: that is no server elsewhere."""
    real(listener, *args)
    if me := here():
        me.world.pace.other_servers.serves(listener)


def bind(real: Any, bound: socket.socket, address: Any) -> None:
    """Note where a participant can be sent something without a connection."""
    real(bound, address)
    me = here()
    if me is not None and bound.type == socket.SOCK_DGRAM:
        me.world.pace.other_servers.serves(bound)


def send(real: Any, connection: socket.socket, *args: Any) -> Any:
    """Note what an event loop asks a server elsewhere; a thread waits until that server has taken it."""
    me = here()
    if me is None or me.world.pace.other_servers.asks_mock(connection):
        return real(connection, *args)
    if connection.gettimeout() == 0:
        me.world.pace.other_servers.asks(connection, data=args[0] if args else b"")
    elif not me.world.pace.other_servers.inside(connection):
        return _outside(real, me, connection, *args)
    return real(connection, *args)


def sendall(real: Any, connection: socket.socket, data: Any, *flags: int) -> None:
    """Send all, and wait in virtual time where a peer inside takes no more just now."""
    me = here()
    if me is None or connection.gettimeout() == 0:
        send(real, connection, data, *flags)
        return
    if not me.world.pace.other_servers.asks_mock(connection) and not me.world.pace.other_servers.inside(connection):
        _outside(real, me, connection, data, *flags)
        return
    due, left = me.world.due_in(connection.gettimeout()), memoryview(data).cast("B")
    while left:
        if connection.fileno() >= 0 and not writable(connection.fileno()):
            _wait_to_write(me, connection, due)
        try:
            left = left[_send(connection, left, sum(flags) | socket.MSG_DONTWAIT) :]
        except BlockingIOError:
            _wait_to_write(me, connection, due)


def sendto(real: Any, connection: socket.socket, *args: Any) -> Any:
    """Note what is sent to an address, without a connection."""
    me = here()
    if me is not None and args:
        me.world.pace.other_servers.asks(connection, args[-1])
    return real(connection, *args)


def connect(real: Any, connection: socket.socket, address: Any) -> Any:
    """Note the same for the beginning of a connection."""
    me = here()
    if me is None:
        return real(connection, address)
    if (timeout := connection.gettimeout()) == 0:
        me.world.pace.other_servers.asks(connection, address)
    elif me.world.pace.other_servers.is_served(address) and real.__name__ == "connect":
        _send_at_once(connection)
        _connect(real, me, connection, address, timeout)
        return None
    elif not me.world.pace.other_servers.leads_inside(connection, address):
        return _connect_outside(real, me, connection, address)
    return real(connection, address)


def _connect(real: Any, me: Participant, connection: socket.socket, address: Any, timeout: float | None) -> None:
    """Connect to what a participant serves, who may take long to accept it."""
    due = me.world.due_in(timeout)
    connection.setblocking(False)
    try:
        real(connection, address)
    except BlockingIOError:
        _wait_to_write(me, connection, due)
        if error := connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(error, os.strerror(error)) from None
    finally:
        connection.settimeout(timeout)


def _connect_outside(real: Any, me: Participant, connection: socket.socket, address: Any) -> Any:
    """Connect to a server elsewhere; one that isn't there yet was looked at."""
    try:
        return _outside(real, me, connection, address)
    except ConnectionRefusedError:
        me.looked = True
        raise


def in_tls(real: Any, connection: ssl.SSLSocket, *args: Any) -> Any:
    """Read, write or shake hands on a connection with TLS: with a participant in virtual time."""
    me = here()
    if me is None or (timeout := connection.gettimeout()) == 0 or connection.fileno() < 0:
        return real(connection, *args)
    if not me.world.pace.other_servers.inside(connection):
        return _outside(real, me, connection, *args)
    due = me.world.due_in(timeout)
    while True:
        connection.settimeout(0)
        try:
            return real(connection, *args)
        except ssl.SSLWantReadError:
            _wait_to_read(me, connection, due)
        except ssl.SSLWantWriteError:
            _wait_to_write(me, connection, due)
        finally:
            connection.settimeout(timeout)


def _outside(real: Any, me: Participant, connection: socket.socket, *args: Any) -> Any:
    """Do what waits for a server elsewhere; a timeout passes in real time, and on the clock as well."""
    came: list[Any] = []
    late: list[TimeoutError] = []

    def really(seconds: float | None) -> bool:
        try:
            came.append(real(connection, *args))
        except TimeoutError as error:
            late.append(error)
        return bool(came)

    if not me.world.wait_outside(me, connection.gettimeout(), really):
        raise late[0]
    return came[0]


def outside(real: Any, *args: Any, **kwargs: Any) -> Any:
    """Do what waits for something real."""
    me = here()
    if me is None:
        return real(*args, **kwargs)
    with me.world.outside(me):
        return real(*args, **kwargs)


def _wait_to_write(me: Participant, connection: socket.socket, due: int | None) -> None:
    """Wait until a socket takes more. Raises TimeoutError when the clock reads `due`."""
    kept = os.dup(connection.fileno())
    try:
        with selectors.DefaultSelector() as selector, suppress(WorldEnded):
            if writable(kept):
                return
            selector.register(kept, selectors.EVENT_WRITE)
            if not me.world.wait(me, due=due, descriptors=(selector.fileno(),)):
                raise TimeoutError("timed out")
    finally:
        os.close(kept)


def _wait_to_read(me: Participant, connection: socket.socket, due: int | None, *, asking: bool = False) -> None:
    """Wait until something has come. Raises TimeoutError when the clock reads `due`.

    It waits for a descriptor of its own: whoever closes the socket meanwhile gives its number to other files.
    """
    kept = os.dup(connection.fileno())
    try:
        if not me.world.wait(me, due=due, descriptors=(kept,), asking=asking):
            raise TimeoutError("timed out")
    except WorldEnded:
        return
    finally:
        os.close(kept)


def _send_at_once(connection: Any) -> None:
    """Let what a participant sends be there at once: held back for a moment of real time it would come too late."""
    if connection.type != socket.SOCK_STREAM or connection.family not in (socket.AF_INET, socket.AF_INET6):
        return
    with suppress(OSError):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)


def _wait(me: Participant, waiting: socket.socket, *, asking: bool = False) -> None:
    """Wait until a socket has something. Raises TimeoutError after its timeout."""
    if readable((waiting.fileno(),), 0):
        me.world.begin_wait()
        return
    _wait_to_read(me, waiting, me.world.due_in(waiting.gettimeout()), asking=asking)


METHODS = (
    *((socket.socket, name, recv)
      for name in ("recv", "recv_into", "recvfrom", "recvfrom_into", "recvmsg", "recvmsg_into")
      if hasattr(socket.socket, name)),
    *((socket.socket, name, send) for name in ("send", "sendmsg") if hasattr(socket.socket, name)),
    *((socket.socket, name, connect) for name in ("connect", "connect_ex")),
    (socket.socket, "sendall", sendall), (socket.socket, "sendto", sendto),
    (socket.socket, "accept", accept),
    (socket.socket, "listen", listen),
    (socket.socket, "bind", bind),
    *((ssl.SSLSocket, name, in_tls) for name in ("read", "write", "do_handshake")),
)  # fmt: skip
FUNCTIONS = with_copies(
    (getattr(_socket, name), outside)
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo")
)
