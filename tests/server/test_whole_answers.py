"""An answer goes out in one write, so its client is woken once."""

from __future__ import annotations

import asyncio
from asyncio import selector_events
from collections.abc import Awaitable
from typing import Any

import httpx
import pytest
from tests.support import JOBS, KEYS, Mock

from jobmock.server.app import create_app
from jobmock.server.serving import running
from jobmock.server.whole_answers import send_answer


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What the server writes, each time."""
    written: list[bytes] = []
    transport: Any = selector_events._SelectorSocketTransport  # type: ignore[attr-defined]
    write = transport.write

    def note(self: Any, data: bytes) -> None:
        written.append(bytes(data))
        write(self, data)

    monkeypatch.setattr(transport, "write", note)
    return written


@pytest.mark.parametrize("http", ["h11", "httptools"])
@pytest.mark.parametrize("connection", ["keep-alive", "close"])
def test_head_and_body_are_one_write(mock: Mock, writes: list[bytes], http: str, connection: str) -> None:
    """Head and body of a poll's answer go out in one write, also where the connection ends with it."""
    headers = {"Authorization": f"Bearer {KEYS['clado']}", "Connection": connection}
    with running(create_app(mock.service), http=http) as url, httpx.Client(headers=headers, trust_env=False) as client:
        for _ in range(2):
            assert client.get(f"{url}{JOBS['clado']}/job").json()["detail"]
    assert [(data[:12], data[-1:]) for data in writes] == [(b"HTTP/1.1 404", b"}")] * 2


@pytest.mark.parametrize("http", ["h11", "httptools"])
def test_requests_that_follow_one_another(mock: Mock, http: str) -> None:
    """Answers to requests that were sent at once are complete, and in their order."""
    with running(create_app(mock.service), http=http) as url:
        host, port = url.removeprefix("http://").split(":")

        async def exchange() -> bytes:
            reader, writer = await asyncio.open_connection(host, int(port))
            for number in range(3):
                end = "Connection: close\r\n" if number == 2 else ""
                writer.write(f"GET /{number} HTTP/1.1\r\nHost: x\r\n{end}\r\n".encode())
            answers = await reader.read(-1)
            writer.close()
            return answers

        received = asyncio.run(exchange())
    assert received.count(b"HTTP/1.1 404") == 3


def test_another_server() -> None:
    """Where `send` isn't a server's that is known, an answer has the two messages of ASGI."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    answer: Awaitable[None] = send_answer(send, 200, [(b"a", b"b")], b"body")
    asyncio.run(answer)  # type: ignore[arg-type]
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
