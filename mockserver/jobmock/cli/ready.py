"""The line on stdout with which a command that serves reports its address, once it can be reached."""

from __future__ import annotations

import json
import os
import socket

from ..server.listeners import address
from ..version import __version__


def ready_line(listener: socket.socket, **more: str) -> str:
    """Return the line of a listening socket; `more` are members after its URL."""
    host, port, url = address(listener)
    place = {"url": url, **more, "host": host, "port": port}
    return json.dumps({"event": "ready", **place, "pid": os.getpid(), "version": __version__})
