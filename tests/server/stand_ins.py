"""Servers that stand in for hosts elsewhere: one with TLS, and a user's own proxy."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from tests.support import HANGS

from jobmock.server.certificates import server_context

OTHER = "other.example"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nstood in\n"
Serve = Callable[[socket.socket], object]


@contextmanager
def listening(serve: Serve) -> Iterator[int]:
    """Call a function with each connection to a port, in a thread for each, until the block ends."""
    threads: list[threading.Thread] = []

    def run(connection: socket.socket) -> None:
        connection.settimeout(HANGS)
        with connection, suppress(OSError):
            serve(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threads.append(threading.Thread(target=run, args=(listener.accept()[0],), daemon=True))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        acceptor = threading.Thread(target=accept, daemon=True)
        acceptor.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for thread in (acceptor, *threads):
                thread.join(HANGS)


@contextmanager
def https_server() -> Iterator[int]:
    """Serve one answer to each request with TLS, with a certificate for `OTHER`."""
    context = server_context(OTHER)

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            read_head(secure)
            secure.sendall(ANSWER)
            with suppress(ssl.SSLError):
                secure.unwrap()

    with listening(serve) as port:
        yield port


def read_head(connection: socket.socket) -> bytes:
    """Read to the end of a head."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        piece = connection.recv(1)
        if not piece:
            break
        head += piece
    return head


@contextmanager
def user_proxy(to: int, answer: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> Iterator[tuple[int, list[bytes]]]:
    """Serve a proxy that leads every tunnel to one port; yield its own port, and the heads that it has got."""
    heads: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        heads.append(read_head(connection))
        connection.sendall(answer)
        if heads[-1].startswith(b"CONNECT") and b" 200 " in answer:
            with socket.create_connection(("127.0.0.1", to), HANGS) as server:
                back = threading.Thread(target=copy, args=(server, connection), daemon=True)
                back.start()
                copy(connection, server)
                back.join(HANGS)

    with listening(serve) as port:
        yield port, heads


def copy(source: socket.socket, target: socket.socket) -> None:
    """Copy bytes until the source ends."""
    with suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def names_lead_here(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let look-ups of names of `.example` return the loopback address; return the names that are looked up."""
    looked_up: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: Any, *rest: Any, **more: Any) -> Any:
        if isinstance(host, str) and host.endswith(".example"):
            looked_up.append(host)
            host = "127.0.0.1"
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return looked_up
