"""Applications are served on their own ports, and `settle` waits until the loop has nothing to do."""

from __future__ import annotations

import importlib.util
import selectors
import socket
import threading
import time
from contextlib import suppress
from typing import Any

import pytest
from tests.support import HANGS

from jobmock.errors import StartError
from jobmock.server import accepting, listeners
from jobmock.server.off_loop import off_loop

_ASKED = b"GET / HTTP/1.1\r\nHost: mock\r\n\r\n"


def _without_a_descriptor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Listen as on Windows, where no selector has a file descriptor."""
    monkeypatch.setattr(selectors, "DefaultSelector", selectors.SelectSelector)
    spec = importlib.util.find_spec("jobmock.server.accepting")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("Acceptor", "Loop"):
        monkeypatch.setattr(listeners, name, getattr(module, name))


@pytest.mark.parametrize("kernel", [True, False], ids=["kernel's selector", "select"])
def test_settled_is_when_all_is_answered(kernel: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """`settle` returns when each request that had arrived is answered, whichever selector the system has."""
    answered = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        answered.append(scope["path"])

    if not kernel:
        _without_a_descriptor(monkeypatch)
    host = listeners.Host()
    try:
        opened = host.open(app)
        clients = [socket.create_connection(("127.0.0.1", opened.port)) for _ in range(5)]
        for number in range(1, 21):
            for client in clients:
                client.sendall(_ASKED)
            host.settle()
            assert len(answered) == 5 * number
        for client in clients:
            client.close()
    finally:
        host.end()


def test_settled_is_not_while_the_loop_waits_for_a_thread() -> None:
    """`settle` doesn't return while a function runs off the loop, and returns when it has ended."""
    host, begun, may_end = listeners.Host(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        may_end.wait(HANGS)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await off_loop(work)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    settling = threading.Thread(target=host.settle, daemon=True)
    try:
        with socket.create_connection(("127.0.0.1", host.open(app).port)) as client:
            client.sendall(_ASKED)
            assert begun.wait(HANGS)
            settling.start()
            settling.join(0.1)
            assert settling.is_alive()
            may_end.set()
            settling.join(HANGS)
            assert not settling.is_alive() and client.recv(100).startswith(b"HTTP/1.1 204")
    finally:
        may_end.set()
        host.end()


@pytest.mark.skipif(accepting._poll is None, reason="Linux alone looks at the loop's events by epoll.")
def test_settled_is_not_while_one_is_being_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """`settle` doesn't return between the moment at which a request is taken from its socket and its answer."""
    reads, answered, look, me = threading.Event(), list[str](), accepting._poll, threading.get_ident()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        reads.set()
        time.sleep(0.05)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        answered.append(scope["path"])

    def look_late(selector: Any, timeout: float, most: int) -> Any:
        """Look only after the loop, which waited until now, has got something and taken it."""
        if threading.get_ident() == me and not reads.is_set():
            client.sendall(_ASKED)
            reads.wait()
        return look(selector, timeout, most)

    host = listeners.Host()
    try:
        opened = host.open(app)
        with socket.create_connection(("127.0.0.1", opened.port)) as client:
            host.settle()
            monkeypatch.setattr(accepting, "_poll", look_late)
            host.settle()
            assert answered == ["/"]
    finally:
        host.end()


@pytest.mark.parametrize("kernel", [True, False], ids=["kernel's selector", "select"])
def test_shut_is_when_nobody_is_connected(kernel: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """After `shut` every connection is gone, also one that comes at that moment, and no other can be made."""
    if not kernel:
        _without_a_descriptor(monkeypatch)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError

    host = listeners.Host()
    try:
        for number in range(100):
            opened = host.open(app)
            place = ("127.0.0.1", opened.port)
            clients = [socket.create_connection(place) for _ in range(number % 4)]
            if number % 2:
                host.settle()
            host.shut(opened)
            assert not opened.connected
            for client in clients:
                with client, suppress(ConnectionResetError):
                    assert client.recv(1) == b""
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(place)
    finally:
        host.end()


def test_a_port_that_is_taken_is_refused() -> None:
    """A port in use is refused, and one that was just closed isn't."""
    taken = listeners.bound_socket("127.0.0.1", 0)
    port = listeners.address(taken)[1]
    with pytest.raises(StartError, match=f"Can't listen on 127.0.0.1:{port}: "):
        listeners.bound_socket("127.0.0.1", port)
    with socket.create_connection(("127.0.0.1", port)):
        taken.accept()[0].close()
    taken.close()
    listeners.bound_socket("127.0.0.1", port).close()
