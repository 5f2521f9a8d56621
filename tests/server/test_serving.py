"""uvicorn on a bound socket: it is ready when it reports so, ends cleanly, and fails with a plain error."""

from __future__ import annotations

import http.client
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest
from tests.support import JOBS, KEYS, STARTS, Mock

from jobmock.errors import StartError
from jobmock.server.app import create_app
from jobmock.server.listeners import address, bound_socket
from jobmock.server.serving import Port, Server, running, serve

HTTPS = ["h11", "httptools"]


def get(url: str, path: str = "/__jobmock/ready") -> int:
    host, port = url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("implementation", HTTPS)
def test_running_serves_from_the_first_moment_to_the_last(mock: Mock, implementation: str) -> None:
    """Inside the block the first request is answered; after it the port is free again and the thread gone."""
    before = set(threading.enumerate())
    with running(create_app(mock.service), http=implementation) as url:
        assert get(url) == 200
        port = int(url.rpartition(":")[2])
    assert set(threading.enumerate()) <= before
    bound_socket("127.0.0.1", port).close()


def test_two_servers_side_by_side(mock: Mock) -> None:
    """Port 0 takes a free one, so any number of servers run at once."""
    app = create_app(mock.service)
    with running(app) as first, running(app) as second:
        assert first != second and get(first) == get(second) == 200


def test_the_block_ends_although_a_client_keeps_its_connection(mock: Mock) -> None:
    """An idle kept-alive connection doesn't delay the end."""
    with running(create_app(mock.service)) as url:
        connection = http.client.HTTPConnection("127.0.0.1", int(url.rpartition(":")[2]), timeout=20)
        connection.request("GET", "/__jobmock/ready")
        assert connection.getresponse().read()
    connection.close()


def test_an_error_in_the_block_still_ends_the_server(mock: Mock) -> None:
    """The server's thread ends when the block raises."""
    before = set(threading.enumerate())
    with pytest.raises(ZeroDivisionError), running(create_app(mock.service)):
        _ = 1 // 0
    assert set(threading.enumerate()) <= before


def test_port_in_use(mock: Mock) -> None:
    """A port in use is a StartError that names host and port."""
    with bound_socket("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(StartError, match=rf"^Can't listen on 127\.0\.0\.1:{port}: .*in use\.$"),
            running(create_app(mock.service), port=port),
        ):
            pytest.fail("It was started.")


def test_unknown_host() -> None:
    """An address that isn't this machine's is a StartError too."""
    with pytest.raises(StartError, match=r"^Can't listen on 192\.0\.2\.1:0: "):
        bound_socket("192.0.2.1", 0)


def test_bound_socket_is_tcp() -> None:
    """The listening socket is made with IPPROTO_TCP, without which asyncio leaves TCP_NODELAY off."""
    with bound_socket("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP and listener.getsockname()[1] > 0


class Named:
    """A fake listening socket with a name."""

    def __init__(self, *name: object) -> None:
        self.name = name

    def getsockname(self) -> object:
        return self.name


@pytest.mark.parametrize(
    ("listener", "found"),
    [
        (Named("127.0.0.1", 80), ("127.0.0.1", 80, "http://127.0.0.1:80")),
        (Named("::1", 8080, 0, 0), ("::1", 8080, "http://[::1]:8080")),
    ],
)
def test_address(listener: Named, found: tuple[str, int, str]) -> None:
    """The URL puts an IPv6 address into brackets."""
    assert address(cast(socket.socket, listener)) == found


@pytest.mark.parametrize(
    ("signals", "code", "force"),
    [
        ([signal.SIGTERM], 0, False),
        ([signal.SIGINT], 130, False),
        ([signal.SIGTERM, signal.SIGTERM], 0, False),
        ([signal.SIGTERM, signal.SIGINT], 130, True),
        ([signal.SIGINT, signal.SIGINT], 130, True),
    ],
)
def test_signals_end_serve(
    mock: Mock, monkeypatch: pytest.MonkeyPatch, signals: list[signal.Signals], code: int, force: bool
) -> None:
    """SIGTERM ends serving with 0 and SIGINT with 130; SIGINT after another one doesn't wait."""
    servers: list[Server] = []
    init = Server.__init__

    def noting(self: Server, *args: object, **kwargs: object) -> None:
        servers.append(self)
        init(self, *args, **kwargs)  # type: ignore[arg-type]

    def ready() -> None:
        for number in signals:
            signal.raise_signal(number)

    monkeypatch.setattr(Server, "__init__", noting)
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    assert serve(Port(create_app(mock.service), bound_socket("127.0.0.1", 0)), ready, http="h11") == code
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before
    assert servers[0].force_exit is force


@pytest.mark.parametrize("implementation", HTTPS)
def test_many_clients_at_once(mock: Mock, implementation: str) -> None:
    """Twenty threads of fifty polls each on one job: every poll is answered, counted and recorded exactly once."""
    job = mock.start("clado")
    path, headers = f"{JOBS['clado']}/{job}", {"Authorization": f"Bearer {KEYS['clado']}"}

    def poll(port: int) -> list[int]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        found = []
        for _ in range(50):
            connection.request("GET", path, headers=headers)
            reply = connection.getresponse()
            reply.read()
            found.append(reply.status)
        connection.close()
        return found

    with running(create_app(mock.service), http=implementation) as url, ThreadPoolExecutor(20) as pool:
        port = int(url.rpartition(":")[2])
        statuses = [status for found in pool.map(poll, [port] * 20) for status in found]
    namespace = mock.namespace("clado")
    assert statuses == [200] * 1000 and namespace.jobs[job].polls == 1000
    assert [exchange.number for exchange in namespace.journal] == list(range(1, 1002))


def test_many_keys_at_once(mock: Mock) -> None:
    """Clients with different keys that start and poll at once never get each other's jobs."""

    def run(number: int) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Authorization": f"Bearer lk_{number}"}
        connection.request("POST", JOBS["clado"], str(STARTS["clado"]).replace("'", '"'), headers)
        job = connection.getresponse().read().split(b'"')[3].decode()
        for _ in range(7):
            connection.request("GET", f"{JOBS['clado']}/{job}", headers=headers)
            body = connection.getresponse().read()
        connection.close()
        return body

    with running(create_app(mock.service)) as url, ThreadPoolExecutor(10) as pool:
        port = int(url.rpartition(":")[2])
        bodies = list(pool.map(run, range(30)))
    assert all(b'"status":"completed"' in body for body in bodies)
    assert [len(namespace.jobs) for namespace in mock.service.namespaces] == [1] * 30
