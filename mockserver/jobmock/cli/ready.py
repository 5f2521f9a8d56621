"""The line on stdout with which a command that serves reports its address, once it can be reached."""

from __future__ import annotations

import json
import os
import socket

from ..server.listeners import address
from ..version import __version__


def ready_line(listener: socket.socket) -> str:
    """Return the line of a listening socket."""
    host, port, url = address(listener)
    line = {"event": "ready", "url": url, "host": host, "port": port, "pid": os.getpid(), "version": __version__}
    return json.dumps(line)
