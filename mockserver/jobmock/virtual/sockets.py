"""What a client's thread does with its sockets: it waits for the mock, and for its own peers, in virtual time.

A timeout is then the world's and costs no waiting. Servers elsewhere are read as always, in real time.
Each function here stands in for the method of the same name; `real` is that method.
"""

from __future__ import annotations

import socket
import ssl
import subprocess
from typing import Any

from .presence import here
from .threads import due_in


def recv(real: Any, connection: socket.socket, *args: Any) -> Any:
    """Read once something has come."""
    me = here()
    if me is None:
        return real(connection, *args)
    foreign, timeout = me.world.foreign, connection.gettimeout()
    if timeout == 0:
        received = real(connection, *args)
        foreign.hears(connection)
        return received
    if not foreign.inside(connection):
        return busy(real, connection, *args)
    asking, descriptors = foreign.mock(connection), (connection.fileno(),)
    if me.world.wait(me, due=due_in(me, timeout), descriptors=descriptors, asking=asking) or not me.world.active:
        return real(connection, *args)
    raise TimeoutError("timed out")


def accept(real: Any, listener: socket.socket) -> Any:
    """Take a connection once there is one: who serves waits."""
    me = here()
    timeout = listener.gettimeout()
    if me is None or timeout == 0:
        return real(listener)
    if me.world.wait(me, due=due_in(me, timeout), descriptors=(listener.fileno(),)) or not me.world.active:
        return real(listener)
    raise TimeoutError("timed out")


def listen(real: Any, listener: socket.socket, *args: Any) -> None:
    """What a participant serves is no foreign server."""
    real(listener, *args)
    if me := here():
        me.world.foreign.serves(listener)


def send(real: Any, connection: socket.socket, *args: Any) -> Any:
    """An event loop that has asked somebody else waits for the answer in real time."""
    me = here()
    if me is not None and connection.gettimeout() == 0:
        me.world.foreign.asks(connection)
    return real(connection, *args)


def connect(real: Any, connection: socket.socket, address: Any) -> Any:
    """The same for the beginning of a connection."""
    me = here()
    if me is not None and connection.gettimeout() == 0:
        me.world.foreign.asks(connection, address)
    return real(connection, address)


def busy(real: Any, *args: Any, **kwargs: Any) -> Any:
    """What really waits, and is meant to: no stall."""
    try:
        return real(*args, **kwargs)
    finally:
        if me := here():
            me.stall.mark()


METHODS = (
    *((socket.socket, name, recv) for name in ("recv", "recv_into")),
    *((socket.socket, name, send) for name in ("send", "sendmsg")),
    *((socket.socket, name, connect) for name in ("connect", "connect_ex")),
    (socket.socket, "accept", accept),
    (socket.socket, "listen", listen),
    *((ssl.SSLSocket, name, busy) for name in ("read", "do_handshake")),
    *((subprocess.Popen, name, busy) for name in ("wait", "communicate")),
)
