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
from tests.virtual.conftest import KEY, Env, Opened, really

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
def test_a_timeout_fires_at_its_time(env: Opened, fault: Any, ask: Ask, error: type[Exception]) -> None:
    """A client that gets no answer in time gets its own timeout's exception, exactly when it is due."""
    with env(faulty(**fault)) as mock:
        with pytest.raises(error):
            ask(mock.job, 30)
        assert mock.now == 30


@EACH
@pytest.mark.parametrize("delay", [0.001, 3, 29.999, 30])
def test_an_answer_in_time(env: Opened, delay: float, ask: Ask, error: type[Exception]) -> None:
    """An answer within the timeout, and at its very end, is received exactly when it is sent."""
    with env(faulty(delay=f"{round(delay * 1000)}ms")) as mock:
        assert ask(mock.job, 30) == 200
        assert mock.now == delay


@EACH
def test_a_drip(env: Opened, ask: Ask, error: type[Exception]) -> None:
    """A timeout is from byte to byte: an answer that drips for longer is received whole, unless a pause is too long."""
    with env(faulty(drip={"bytes": 20, "every": "2s"})) as mock:
        assert ask(mock.job, 3) == 200
        took = mock.now
        assert took > 6 and took % 2 == 0
    with env(faulty(drip={"bytes": 20, "every": "4s"})) as mock:
        with pytest.raises(Exception, match=r"(?i)time|^$"):
            ask(mock.job, 3)
        assert mock.now == 3


@pytest.mark.parametrize("library", ["httpx", "requests"])
def test_never_answered(env: Opened, library: str) -> None:
    """A client without a timeout whose answer never comes is told so instead of hanging for ever."""
    with env(faulty(hang=True)) as mock, pytest.raises(NeverAnswered, match="read timeout"):
        CLIENTS[library][0](mock.job, None)  # type: ignore[arg-type]


def test_no_false_timeouts(env: Opened) -> None:
    """However short the timeout, an answer that comes at once is never too late: eight threads, four hundred requests.

    (20 000 of them were clean when this was built.)
    """
    with env() as mock:

        def work(seconds: float) -> None:
            with httpx.Client(headers=KEY, timeout=0.001) as client:
                for _ in range(50):
                    assert client.get(mock.credits).status_code == 200
                    time.sleep(seconds)
                ended.append(seconds)

        ended = list[float]()
        threads = [threading.Thread(target=work, args=(number + 1,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(ended) == 8 and mock.now == 400
        assert len(mock.journal()) == 400


def serve_one(listener: socket.socket, seconds: float) -> None:
    """Answer one message after so many seconds, in whatever time the thread has."""
    connection = listener.accept()[0]
    with connection:
        while message := connection.recv(100):
            time.sleep(seconds)
            connection.sendall(message)


@pytest.fixture
def slow_elsewhere() -> Any:
    """The port of a server that takes no part, and answers after 0.15 real seconds."""
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=serve_one, args=(listener, 0.15), daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.close()
    thread.join(5)


def test_a_server_elsewhere_is_read_in_real_time(slow_elsewhere: int, still: Env) -> None:
    """A blocking read from another server is real: no virtual time passes meanwhile, whatever sleeps beside it."""
    beside = threading.Thread(target=time.sleep, args=(60,))
    with socket.create_connection(("127.0.0.1", slow_elsewhere), timeout=5) as connection:
        connection.sendall(b"x")
        beside.start()
        assert connection.recv(10) == b"x"
        assert still.now == 0
    beside.join()
    assert still.now == 60


def test_a_loop_waits_for_a_server_elsewhere(slow_elsewhere: int, still: Env) -> None:
    """While a server elsewhere is about to answer a loop, its timeouts don't fire; afterwards it holds up nothing."""

    async def main() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", slow_elsewhere)
        writer.write(b"x")
        assert await asyncio.wait_for(reader.read(10), 1) == b"x"
        assert still.now == 0
        began = really()
        for _ in range(100):
            await asyncio.sleep(60)
        assert really() - began < 0.5, "an idle connection costs no time"
        writer.close()
        await writer.wait_closed()

    asyncio.run(main())
    assert still.now == 6000


def test_a_server_elsewhere_that_never_answers(still: Env) -> None:
    """A server elsewhere that keeps silent is waited for as long as a timeout says, once; then it holds up nothing."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    async def main() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(b"x")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(10), 0.5)
        writer.close()

    still.scheduler.external.servers._listeners.clear()
    began = really()
    asyncio.run(main())
    assert still.now == 1.5
    assert really() - began >= 0.5
    listener.close()


def test_a_server_of_the_clients_own_loop(still: Env) -> None:
    """A server that a participant runs answers in virtual time, and costs no waiting."""

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

    began = really()
    asyncio.run(main())
    assert still.now == 3
    assert really() - began < 0.9


def test_a_server_of_the_clients_own_thread(still: Env) -> None:
    """So does one in a thread, which waits for connections and requests without holding up anybody."""
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=serve_one, args=(listener, 3))
    thread.start()
    with socket.create_connection(listener.getsockname(), timeout=10) as connection:
        connection.sendall(b"x")
        assert connection.recv(10) == b"x" and still.now == 3
        time.sleep(60)
        connection.settimeout(2)
        connection.sendall(b"y")
        with pytest.raises(TimeoutError):
            connection.recv(10)
        assert still.now == 65
    thread.join()
    listener.close()


@pytest.mark.parametrize("seconds", [62.0, None])
def test_sendall_to_who_reads_late(still: Env, seconds: float | None) -> None:
    """A `sendall` of more than the other end takes waits in virtual time until that reads, or for its own timeout."""
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
            assert still.now == 62
        began = still.now
        thread = threading.Thread(target=read)
        thread.start()
        ours.sendall(bytes(8 << 20))
        assert still.now - began == 30
        ours.shutdown(socket.SHUT_WR)
        thread.join()
