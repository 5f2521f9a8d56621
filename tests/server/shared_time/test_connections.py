"""What the server knows of a connection's bytes, with real sockets whose server end reads when the test says so."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from tests.support import HANGS

from jobmock.server.shared_time.connections import CLOSED, Connections


class ServerEnd:
    """One end of a connection, with the attributes of uvicorn's protocols and of transports."""

    def __init__(self, end: socket.socket, client: tuple[str, int]) -> None:
        self.end, self.client, self.transport = end, client, self
        self.connections: set[Any] = {self}
        self.is_paused = self.is_shut = False
        self.buffered = 0

    def get_extra_info(self, name: str) -> socket.socket:
        return self.end

    def get_write_buffer_size(self) -> int:
        return self.buffered

    def is_reading(self) -> bool:
        return not self.is_paused

    def is_closing(self) -> bool:
        return self.is_shut


@pytest.fixture
def client() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
        client.settimeout(HANGS)
        yield client


@pytest.fixture
def server(client: socket.socket) -> Iterator[ServerEnd]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client.connect(listener.getsockname())
        end, address = listener.accept()
    with end:
        yield ServerEnd(end, address)


@pytest.fixture
def connections(server: ServerEnd) -> Connections:
    found = Connections()
    found.watch(server.connections)
    return found


def test_bytes_that_have_come_count_once_they_are_read(
    client: socket.socket, server: ServerEnd, connections: Connections
) -> None:
    """Bytes that lie in the server's socket are unread, unless it has paused reading."""
    port = server.client[1]
    client.sendall(b"request")
    assert connections.written({port: 7}) is None and connections.written({port: None}) is None
    server.is_paused = True
    assert connections.written({port: 7}) == {port: 0}
    server.is_paused = False
    server.end.recv(7)
    assert connections.written({port: 7}) == {port: 0} and connections.written({port: 8}) is None


def test_what_the_server_has_written(server: ServerEnd, connections: Connections) -> None:
    """Bytes in the transport's buffer count as written; a closed connection has no number."""
    port = server.client[1]
    server.end.sendall(b"answer")
    server.buffered = 4
    assert connections.written({port: 0}) == {port: 10}
    server.is_shut = True
    assert connections.written({port: 0}) == {port: CLOSED}


def test_the_end_of_a_connection_is_read_too(
    client: socket.socket, server: ServerEnd, connections: Connections
) -> None:
    """The server hasn't read all while it hasn't noticed that the client has closed the connection."""
    client.shutdown(socket.SHUT_WR)
    assert connections.written({server.client[1]: 0}) is None


def test_a_port_that_is_used_again(client: socket.socket, server: ServerEnd) -> None:
    """A new connection from a port that an older one had may not be accepted yet."""
    connections, port = Connections(), server.client[1]
    connections.note(port)
    assert connections.written({port: 5}) == {port: CLOSED}
    connections.expect(port)
    assert connections.written({port: 5}) is None
    connections.watch(server.connections)
    client.sendall(b"again")
    server.end.recv(5)
    assert connections.written({port: 5}) == {port: 0}
