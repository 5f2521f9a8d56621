"""A socket that is closed before a call or during a wait fails as it does in real time."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.virtual.conftest import VirtualTime

ADDRESSES: dict[int, Any] = {socket.AF_INET: ("127.0.0.1", 9), socket.AF_UNIX: "/nowhere"}
CALLS: dict[str, Callable[[socket.socket], Any]] = {
    "recv": lambda closed: closed.recv(1),
    "recv_into": lambda closed: closed.recv_into(bytearray(1)),
    "recvfrom": lambda closed: closed.recvfrom(1),
    "send": lambda closed: closed.send(b"x"),
    "sendall": lambda closed: closed.sendall(b"x"),
    "sendto": lambda closed: closed.sendto(b"x", ADDRESSES[closed.family]),
    "accept": lambda closed: closed.accept(),
    "connect": lambda closed: closed.connect(ADDRESSES[closed.family]),
    "listen": lambda closed: closed.listen(),
}


@pytest.mark.parametrize("timeout", [None, 5])
@pytest.mark.parametrize("family", ADDRESSES)
@pytest.mark.parametrize("call", CALLS)
def test_a_closed_socket(call: str, family: int, timeout: float | None, virtual: VirtualTime) -> None:
    """Each call on a closed socket raises OSError at once."""
    closed = socket.socket(family)
    closed.settimeout(timeout)
    closed.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        CALLS[call](closed)
    assert virtual.now == 0


def test_a_listener_that_is_closed_during_accept(virtual: VirtualTime) -> None:
    """`accept` fails when its listener is shut down, even if another file gets the descriptor's number at once."""
    ended: list[OSError] = []

    def serve(listener: socket.socket) -> None:
        try:
            listener.accept()
        except OSError as error:
            ended.append(error)

    for number in range(1, 21):
        listener = socket.create_server(("127.0.0.1", 0))
        server = threading.Thread(target=serve, args=[listener])
        server.start()
        time.sleep(1)
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        ends = os.pipe()
        server.join(5)
        for end in ends:
            os.close(end)
        assert len(ended) == number and not server.is_alive()
    assert virtual.now == 20
