"""What one end of a connection to the mock has sent and the other doesn't have yet: time stands still meanwhile."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import Any

import pytest
from tests.support import EPOCH

from jobmock.clock import Clock
from jobmock.virtual import apart, coupled

from .conftest import KEY, START, Opened

Accepted = Callable[[], AbstractContextManager[tuple[Clock, socket.socket, socket.socket]]]

BODY = b'{"query": "chemists in Graz"}'
HEAD = (
    f"POST {START} HTTP/1.1\r\nHost: mock\r\nAuthorization: {KEY['Authorization']}\r\n"
    f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
).encode()


@pytest.fixture
def accepted() -> Accepted:
    """A function that opens a connection to a mock which is nothing but a socket: the clock, and both ends."""

    @contextmanager
    def opened() -> Iterator[tuple[Clock, socket.socket, socket.socket]]:
        clock, ends = Clock("manual", start=EPOCH), dict[Any, Any]()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            with coupled(clock, ports={port}, ends=lambda asked: ends), socket.socket() as client:
                client.connect(("127.0.0.1", port))
                with apart():
                    served, address = listener.accept()
                ends[address] = served
                with served:
                    yield clock, client, served

    return opened


def test_a_connection_that_comes_late() -> None:
    """A connection whose beginning got lost, and is made when the system tries again, is made at its own moment."""
    clock = Clock("manual", start=EPOCH)
    with ExitStack() as stack, socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        listener.setblocking(False)
        for _ in range(2):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())

        def settle() -> None:
            with suppress(BlockingIOError):
                stack.enter_context(listener.accept()[0])

        async def connect() -> None:
            _, writer = await asyncio.wait_for(asyncio.open_connection(*listener.getsockname()), 5)
            writer.close()

        with coupled(clock, settle=settle, ports={listener.getsockname()[1]}):
            asyncio.run(connect())
    assert clock.elapsed == 0


def test_a_body_that_the_system_holds_back(env: Opened) -> None:
    """A request in two parts, of which the system holds back the second for a moment, comes at its own moment."""
    with env() as mock, socket.create_connection(("127.0.0.1", mock.port), timeout=5) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, False)
        for _ in range(5):
            client.sendall(HEAD)
            client.sendall(BODY)
            answer = b""
            while not answer.endswith(b"}"):
                answer += client.recv(100_000)
            assert answer.startswith(b"HTTP/1.1 200")
        assert (mock.times(), mock.now) == ([0.0] * 5, 0.0)


def test_an_answer_that_the_system_holds_back(accepted: Accepted) -> None:
    """An answer in two parts, of which the system holds back the second for a moment, comes at its own moment."""
    with accepted() as (clock, client, served):
        client.settimeout(5)
        served.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, False)
        for _ in range(5):
            client.sendall(b"?")
            with apart():
                served.recv(1)
                served.send(b"!")
                served.send(b"!")
            assert client.recv(1) + client.recv(1) == b"!!"
        assert clock.elapsed == 0
