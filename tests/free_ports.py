"""Free ports for servers that tests start: none that the system gives to everybody who asks for any port."""

from __future__ import annotations

import itertools
import os
import socket

_A_PROCESS = 100
_FIRST = 10_000 + os.getpid() % 200 * _A_PROCESS
_PORTS = itertools.cycle(range(_FIRST, _FIRST + _A_PROCESS))


def free_port() -> int:
    """Return a port of the loopback address on which nobody listens.

    Linux gives ports from 32768 on to connections and to those who bind port 0. One of these may be taken between
    this call and the start of the server. So each process of the tests takes the next of its own hundred ports below.
    """
    for port in itertools.islice(_PORTS, _A_PROCESS):
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
    raise RuntimeError(f"All ports from {_FIRST} to {_FIRST + _A_PROCESS - 1} are taken.")
