"""The line on stdout with which a command that serves reports its address, once it can be reached."""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
from ssl import SSLContext

import click

from ..server.listeners import address
from ..version import __version__

_log = logging.getLogger("jobmock")


def ready_line(listener: socket.socket, tls: SSLContext | None = None, **more: str) -> str:
    """Return the line of a listening socket, which has TLS if a context is given; `more` are members after its URL."""
    host, port, url = address(listener, tls=tls)
    place = {"url": url, **more, "host": host, "port": port}
    return json.dumps({"event": "ready", **place, "pid": os.getpid(), "version": __version__})


def print_ready_line(listener: socket.socket, tls: SSLContext | None = None, **more: str) -> None:
    """Print the line of a listening socket. Where stdout is closed or full, log it instead."""
    line = ready_line(listener, tls, **more)
    try:
        if sys.stdout is None:
            raise OSError("it is closed")
        click.echo(line)
    except OSError as error:
        _log.warning("The ready line can't be written to stdout (%s): %s", error.strerror or error, line)
        if sys.stdout is not None:  # what is left in its buffer must not fail at the end again
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
