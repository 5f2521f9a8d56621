"""Servers whose jobs meet a wire fault, and their clocks."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import count
from typing import Any, NamedTuple

from tests.support import EPOCH, HANGS, JOBS, Mock, scenario

from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.engine.namespace import Namespaces
from jobmock.server.app import create_app
from jobmock.server.certificates import server_context
from jobmock.server.listeners import bound_socket
from jobmock.server.serving import Port, Server
from jobmock.service.service import Service

numbers = count(1)


class Running(NamedTuple):
    """A server on a thread of its own, and the service behind it."""

    mock: Mock
    server: Server
    host: str
    port: int
    tls_port: int

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def over(self, scheme: str, url: str) -> str:
        """Return a URL of the server with another scheme."""
        return url.replace(self.url, f"https://{self.host}:{self.tls_port}") if scheme == "https" else url

    def idle(self) -> None:
        """Wait until the server handles no request."""
        until(lambda: not self.server.server_state.tasks, "The server still works on a request.")


@contextmanager
def serving(http: str, loop: str, catalogue: Catalogue, kind: type[Clock] = Clock) -> Iterator[Running]:
    """Serve a fresh service with manual clocks inside the block, on a port without TLS and on one with it."""
    service = Service(catalogue, Namespaces(clock=lambda: kind("manual", start=EPOCH)))
    listener, tls_listener, ready = bound_socket("127.0.0.1", 0), bound_socket("127.0.0.1", 0), threading.Event()
    app = create_app(service)
    other = Port(app, tls_listener, server_context("127.0.0.1"))
    server = Server(app, ready.set, [other], http=http, loop=loop)
    factory = server.config.get_loop_factory()

    def run() -> None:
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(server.serve(sockets=[listener]))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(HANGS)
    try:
        yield Running(Mock(service), server, "127.0.0.1", listener.getsockname()[1], tls_listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(HANGS)
        listener.close()
        tls_listener.close()
        assert not thread.is_alive()


def until(true: Callable[[], object], otherwise: str) -> None:
    """Wait until something is true."""
    end = time.monotonic() + HANGS
    while not true():
        assert time.monotonic() < end, otherwise
        time.sleep(0.001)


def bearer(key: str) -> dict[str, str]:
    """Return the header of a key."""
    return {"Authorization": f"Bearer {key}"}


def faulty(running: Running, fault: Any, polls: int = 1, **more: Any) -> tuple[str, str]:
    """Start a job whose first polls meet the fault; return the key and the URL of its status."""
    key = f"lk_wire{next(numbers)}"
    script = {"when": {"requests": {"from": 1, "to": polls}}, **fault}
    job = running.mock.play("clado", scenario("clado", "completed", faults=[script], **more), key)
    return key, f"{running.url}{JOBS['clado']}/{job}"


def advance(running: Running, key: str, seconds: float) -> None:
    """Advance the clock of a key through the control API, and wait until freed answers have gone."""
    control(running, "POST", "clock/advance", key, {"seconds": seconds})
    control(running, "GET", "clock", key)


def control(running: Running, method: str, call: str, key: str, body: Any = None) -> Any:
    """Make a control call and return what it answers."""
    connection = HTTPConnection(running.host, running.port, timeout=HANGS)
    try:
        raw, headers = None if body is None else json.dumps(body), {"Content-Type": "application/json", **bearer(key)}
        connection.request(method, f"/__jobmock/{call}", raw, headers)
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        return json.loads(answer.read())
    finally:
        connection.close()


def received(running: Running, key: str, number: int) -> None:
    """Wait until the service has answered so many requests of a key."""
    journal = running.mock.namespace("clado", key).journal
    until(lambda: journal.count >= number, f"Only {journal.count} requests arrived.")
