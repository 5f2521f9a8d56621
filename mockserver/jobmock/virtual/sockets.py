"""Blocking reads of a client's thread from the mock: their timeout is the world's, so it costs no waiting."""

from __future__ import annotations

import socket
from typing import Any

from .threads import due_in
from .world import Participant, here


def recv(real: Any, connection: socket.socket, *args: Any) -> Any:
    """Read once the mock has answered; a timeout passes on the world's clock. Other peers are read as always."""
    me = here()
    timeout = connection.gettimeout()
    if me is None or timeout == 0 or not _to_the_mock(me, connection):
        return real(connection, *args)
    if me.world.wait(me, due=due_in(me, timeout), descriptor=connection.fileno()):
        return real(connection, *args)
    raise TimeoutError("timed out")


def _to_the_mock(me: Participant, connection: socket.socket) -> bool:
    try:
        return connection.getpeername()[1] in me.world.ports
    except (OSError, IndexError):
        return False


METHODS = ((socket.socket, "recv", recv), (socket.socket, "recv_into", recv))
