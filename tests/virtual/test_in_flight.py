"""While bytes are on their way between the client and the mock, virtual time stands still."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from tests.support import EPOCH

from jobmock.clock import Clock
from jobmock.virtual import in_real_time, real, virtual_time

from .conftest import KEY, START, Serve

BODY = b'{"query": "chemists in Graz"}'
HEAD = (
    f"POST {START} HTTP/1.1\r\nHost: mock\r\nAuthorization: {KEY['Authorization']}\r\n"
    f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
).encode()


class Mock:
    """A mock that is only a socket, and a client's connection to it, in virtual time."""

    def __init__(self, clock: Clock, client: socket.socket) -> None:
        self.clock, self.client = clock, client
        self.served: Any = None
        self.work_done, self.answers = 0, False
        self.on_look: Callable[[], None] = lambda: None
        """Called when virtual time first looks at the client's connection, just after it found the server idle."""

    def ends(self, port: int) -> dict[Any, Any]:
        """Return the mock's end of the connection."""
        self.on_look()
        return {self.client.getsockname(): self.served}

    def settle(self) -> int:
        """Answer a request that has arrived, if the mock answers already."""
        if self.answers and real.readable([self.served.fileno()], 0):
            self.served.recv(1)
            self.served.send(b"!")
            self.work_done += 1
        return self.work_done


@pytest.fixture
def mock() -> Iterator[Mock]:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as client:
        clock, port = Clock("manual", start=EPOCH), listener.getsockname()[1]
        mock = Mock(clock, client)
        with virtual_time(clock, wait_until_idle=mock.settle, ports={port}, server_sockets=mock.ends):
            client.connect(("127.0.0.1", port))
            client.settimeout(5)
            with in_real_time():
                mock.served, _ = listener.accept()
            with mock.served:
                yield mock


def test_a_connection_that_is_made_late() -> None:
    """If the first packet of a connection is lost and the system sends it again, no virtual time passes."""
    clock = Clock("manual", start=EPOCH)
    with ExitStack() as stack, socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        listener.setblocking(False)
        for _ in range(2):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())

        def settle() -> object:
            with suppress(BlockingIOError):
                stack.enter_context(listener.accept()[0])
            return None

        async def connect() -> None:
            _, writer = await asyncio.wait_for(asyncio.open_connection(*listener.getsockname()), 5)
            writer.close()

        with virtual_time(clock, wait_until_idle=settle, ports={listener.getsockname()[1]}):
            asyncio.run(connect())
    assert clock.elapsed == 0


def test_a_request_whose_body_is_delayed_by_the_system(serve: Serve) -> None:
    """If the system delays the second part of a request for a moment, no virtual time passes."""
    with serve() as mock, socket.create_connection(("127.0.0.1", mock.port), timeout=5) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, False)
        for _ in range(5):
            client.sendall(HEAD)
            client.sendall(BODY)
            answer = b""
            while not answer.endswith(b"}"):
                answer += client.recv(100_000)
            assert answer.startswith(b"HTTP/1.1 200")
        assert (mock.times(), mock.now) == ([0.0] * 5, 0.0)


def test_an_answer_that_is_delayed_by_the_system(mock: Mock) -> None:
    """If the system delays the second part of an answer for a moment, no virtual time passes."""
    mock.served.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, False)
    for _ in range(5):
        mock.client.sendall(b"?")
        with in_real_time():
            mock.served.recv(1)
            mock.served.send(b"!")
            mock.served.send(b"!")
        assert mock.client.recv(1) + mock.client.recv(1) == b"!!"
    assert mock.clock.elapsed == 0


def test_a_request_that_arrives_while_time_is_about_to_move(mock: Mock) -> None:
    """A request that reaches the server after it was found idle is answered before time moves."""

    def arrive() -> None:
        mock.answers = True

    mock.on_look = arrive
    mock.client.sendall(b"?")
    assert mock.client.recv(1) == b"!"
    assert mock.clock.elapsed == 0


def test_an_answer_that_arrives_while_time_is_about_to_move(mock: Mock) -> None:
    """An answer that reaches the client after the client was found waiting is read before time moves."""

    def arrive() -> None:
        with in_real_time():
            mock.served.send(b"!")

    mock.on_look = arrive
    mock.client.sendall(b"?")
    assert mock.client.recv(1) == b"!"
    assert mock.clock.elapsed == 0


def test_a_request_before_a_sleep(serve: Serve) -> None:
    """A request that is sent before a sleep arrives before the sleep, even if its answer is read after it."""
    with serve() as mock, socket.create_connection(("127.0.0.1", mock.port), timeout=5) as client:
        for _ in range(20):
            client.sendall(HEAD + BODY)
            time.sleep(7)
            assert client.recv(100_000).startswith(b"HTTP/1.1 200")
        assert mock.times() == [7.0 * number for number in range(20)]
