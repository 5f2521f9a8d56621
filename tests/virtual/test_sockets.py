"""Real clients over real sockets: their timeouts pass on the namespace's clock, to the nanosecond."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import aiohttp
import httpx
import httpx2
import pytest
import requests
import trio
from tests.support import scenario
from tests.virtual.conftest import KEY, Serve, VirtualTime, real_seconds

from jobmock.errors import NeverAnswered

Ask = Callable[[str, float], int]


def _in_sync(module: Any) -> Ask:
    def ask(url: str, timeout: float) -> int:
        with module.Client(headers=KEY, timeout=timeout) as client:
            return int(client.post(url, json={"query": "x"}).status_code)

    return ask


def _in_loop(module: Any, run: Callable[..., Any]) -> Ask:
    async def ask(url: str, timeout: float) -> int:
        async with module.AsyncClient(headers=KEY, timeout=timeout) as client:
            return int((await client.post(url, json={"query": "x"})).status_code)

    return lambda url, timeout: int(run(ask, url, timeout))


def _asyncio(function: Any, *args: Any) -> Any:
    return asyncio.run(function(*args))


def _requests(url: str, timeout: float) -> int:
    return requests.post(url, json={"query": "x"}, headers=KEY, timeout=timeout).status_code


async def _aiohttp(url: str, timeout: float) -> int:
    limit = aiohttp.ClientTimeout(total=None, sock_read=timeout)
    async with (
        aiohttp.ClientSession(headers=KEY, timeout=limit) as session,
        session.post(url, json={"query": "x"}) as response,
    ):
        await response.read()
        return response.status


CLIENTS: dict[str, tuple[Ask, type[Exception]]] = {
    "httpx": (_in_sync(httpx), httpx.ReadTimeout),
    "httpx2": (_in_sync(httpx2), httpx2.ReadTimeout),
    "httpx on asyncio": (_in_loop(httpx, _asyncio), httpx.ReadTimeout),
    "httpx2 on asyncio": (_in_loop(httpx2, _asyncio), httpx2.ReadTimeout),
    "httpx on trio": (_in_loop(httpx, trio.run), httpx.ReadTimeout),
    "requests": (_requests, requests.exceptions.ReadTimeout),
    "aiohttp": (lambda url, timeout: int(_asyncio(_aiohttp, url, timeout)), aiohttp.SocketTimeoutError),
}
EACH = pytest.mark.parametrize(("ask", "error"), CLIENTS.values(), ids=CLIENTS)


def faulty(**fault: Any) -> Any:
    """Return a scenario whose start meets a fault."""
    return scenario("clado", "completed", faults=[{"operation": "start", "when": {"request": 1}, **fault}])


@EACH
@pytest.mark.parametrize("fault", [{"hang": True}, {"delay": "1h"}, {"delay": "30001ms"}], ids=str)
def test_a_timeout_fires_at_its_time(serve: Serve, fault: Any, ask: Ask, error: type[Exception]) -> None:
    """A client that gets no answer in time raises its own timeout error, exactly at the end of the timeout."""
    with serve(faulty(**fault)) as mock:
        with pytest.raises(error):
            ask(mock.job, 30)
        assert mock.now == 30


@EACH
@pytest.mark.parametrize("delay", [0.001, 3, 29.999, 30])
def test_an_answer_in_time(serve: Serve, delay: float, ask: Ask, error: type[Exception]) -> None:
    """An answer within the timeout, or at its very end, is received exactly when it is sent."""
    with serve(faulty(delay=f"{round(delay * 1000)}ms")) as mock:
        assert ask(mock.job, 30) == 200
        assert mock.now == delay


@EACH
def test_a_drip(serve: Serve, ask: Ask, error: type[Exception]) -> None:
    """A read timeout applies to each pause: a dripping answer may last longer, if no pause is longer."""
    with serve(faulty(drip={"bytes": 20, "every": "2s"})) as mock:
        assert ask(mock.job, 3) == 200
        took = mock.now
        assert took > 6 and took % 2 == 0
    with serve(faulty(drip={"bytes": 20, "every": "4s"})) as mock:
        with pytest.raises(Exception, match=r"(?i)time|^$"):
            ask(mock.job, 3)
        assert mock.now == 3


@pytest.mark.parametrize("library", ["httpx", "requests"])
def test_never_answered(serve: Serve, library: str) -> None:
    """A client without a timeout whose answer never comes gets NeverAnswered, and doesn't hang."""
    with serve(faulty(hang=True)) as mock, pytest.raises(NeverAnswered, match="read timeout"):
        CLIENTS[library][0](mock.job, None)  # type: ignore[arg-type]


def test_no_false_timeouts(serve: Serve) -> None:
    """An immediate answer never comes too late, however short the timeout: 400 requests from eight threads."""
    with serve() as mock:

        def work(seconds: float) -> None:
            with httpx.Client(headers=KEY, timeout=0.001) as client:
                for _ in range(50):
                    assert client.get(mock.credits).status_code == 200
                    time.sleep(seconds)
                finished.append(seconds)

        finished = list[float]()
        threads = [threading.Thread(target=work, args=(number + 1,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(finished) == 8 and mock.now == 400
        assert len(mock.journal()) == 400


def serve_one(listener: socket.socket, seconds: float) -> None:
    """Answer each message of one connection after so many seconds of the thread's own time."""
    connection = listener.accept()[0]
    with connection:
        while message := connection.recv(100):
            time.sleep(seconds)
            connection.sendall(message)


@pytest.fixture
def slow_outside_server() -> Any:
    """The port of a server outside virtual time that answers after 0.15 real seconds."""
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=serve_one, args=(listener, 0.15), daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.close()
    thread.join(5)


def test_a_blocking_read_from_an_outside_server(slow_outside_server: int, virtual: VirtualTime) -> None:
    """A blocking read from an outside server takes real time, and no virtual time, even beside a sleeping thread."""
    sleeper = threading.Thread(target=time.sleep, args=(60,))
    with socket.create_connection(("127.0.0.1", slow_outside_server), timeout=5) as connection:
        connection.sendall(b"x")
        sleeper.start()
        assert connection.recv(10) == b"x"
        assert virtual.now == 0
    sleeper.join()
    assert virtual.now == 60


def test_a_loop_waits_for_an_outside_server(slow_outside_server: int, virtual: VirtualTime) -> None:
    """While an outside server is about to answer a loop, no timeout fires; idle, it doesn't keep time from moving."""

    async def main() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", slow_outside_server)
        writer.write(b"x")
        assert await asyncio.wait_for(reader.read(10), 1) == b"x"
        assert virtual.now == 0
        began = real_seconds()
        for _ in range(100):
            await asyncio.sleep(60)
        assert real_seconds() - began < 0.5, "an idle connection costs no time"
        writer.close()
        await writer.wait_closed()

    asyncio.run(main())
    assert virtual.now == 6000


def test_an_outside_server_that_never_answers(virtual: VirtualTime) -> None:
    """A loop waits in real time for a silent outside server once, for one timeout; later timeouts are virtual."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    async def main() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(b"x")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(10), 0.5)
        writer.close()

    virtual.scheduler.external.servers._listeners.clear()
    began = real_seconds()
    asyncio.run(main())
    assert virtual.now == 1.5
    assert real_seconds() - began >= 0.5
    listener.close()


def test_a_server_in_the_clients_loop(virtual: VirtualTime) -> None:
    """A server that the client runs in its loop answers in virtual time, without real waiting."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        message = await reader.read(10)
        await asyncio.sleep(3)
        writer.write(message)
        await writer.drain()
        writer.close()

    async def main() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
            writer.write(b"x")
            assert await asyncio.wait_for(reader.read(10), 3.5) == b"x"
            writer.close()

    began = real_seconds()
    asyncio.run(main())
    assert virtual.now == 3
    assert real_seconds() - began < 0.9


def test_a_server_in_a_thread_of_the_client(virtual: VirtualTime) -> None:
    """A server that the client runs in a thread answers in virtual time, and time moves on while it waits."""
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=serve_one, args=(listener, 3))
    thread.start()
    with socket.create_connection(listener.getsockname(), timeout=10) as connection:
        connection.sendall(b"x")
        assert connection.recv(10) == b"x" and virtual.now == 3
        time.sleep(60)
        connection.settimeout(2)
        connection.sendall(b"y")
        with pytest.raises(TimeoutError):
            connection.recv(10)
        assert virtual.now == 65
    thread.join()
    listener.close()


@pytest.mark.parametrize("seconds", [62.0, None])
def test_sendall_to_a_late_reader(virtual: VirtualTime, seconds: float | None) -> None:
    """A `sendall` to a full socket waits in virtual time until the other end reads, or until its own timeout."""
    ours, theirs = socket.socketpair()
    ours.settimeout(seconds)

    def read() -> None:
        time.sleep(30)
        while theirs.recv(1 << 20):
            pass

    with ours, theirs:
        if seconds is not None:
            with pytest.raises(TimeoutError):
                ours.sendall(bytes(8 << 20))
            assert virtual.now == 62
        began = virtual.now
        thread = threading.Thread(target=read)
        thread.start()
        ours.sendall(bytes(8 << 20))
        assert virtual.now - began == 30
        ours.shutdown(socket.SHUT_WR)
        thread.join()
