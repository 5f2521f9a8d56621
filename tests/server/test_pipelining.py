"""A client that sends a request before it has the answer to the one before, and leaves."""

from __future__ import annotations

import signal
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.support import HANGS, JOBS, KEYS, Mock, scenario, served

from jobmock.server.app import create_app
from jobmock.server.serving import running

DELAYED = scenario("clado", "completed", faults=[{"when": {"every": 1}, "delay": "1h"}])
LONG = scenario("clado", "completed", results={"count": 3_000})


@pytest.fixture(params=["httptools", "h11"])
def port(mock: Mock, request: pytest.FixtureRequest) -> Iterator[int]:
    """The port of a server for `mock` with one of the parsers of HTTP."""
    with running(create_app(mock.service), http=request.param) as url:
        yield int(url.rpartition(":")[2])


def polls(job: str, count: int) -> bytes:
    """Return the bytes of so many polls."""
    head = f"GET {JOBS['clado']}/{job} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEYS['clado']}\r\n\r\n"
    return head.encode() * count


def test_delayed_answer_ends_with_its_client(mock: Mock, port: int) -> None:
    """An answer that is held is lost when its client leaves, also if more requests wait behind it."""
    job, clock = mock.play("clado", DELAYED), mock.namespace("clado").clock
    until = time.monotonic() + HANGS
    with socket.create_connection(("127.0.0.1", port), timeout=HANGS) as client:
        client.sendall(polls(job, 3))
        while clock.next_due() is None:
            assert time.monotonic() < until
            time.sleep(0.001)
    while clock.next_due() is not None:
        assert time.monotonic() < until
        time.sleep(0.001)


GARBAGE = b"\x00\x01 this is no HTTP\r\n\r\n"
BROKEN_BODY = f"POST {JOBS['clado']} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".encode()


@pytest.mark.parametrize("rest", [GARBAGE, BROKEN_BODY], ids=["garbage", "broken body"])
@pytest.mark.parametrize("count", [1, 3])
def test_requests_before_garbage_are_answered(mock: Mock, rest: bytes, count: int) -> None:
    """Each answer to a request before one that isn't HTTP is whole, then the connection is closed."""
    job = mock.play("clado", LONG)
    expected = mock.poll("clado", job).body
    with (
        running(create_app(mock.service), http="httptools") as url,
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=HANGS) as client,
    ):
        client.sendall(polls(job, count) + rest)
        received = b"".join(iter(lambda: client.recv(1 << 16), b""))
    assert received.count(expected) == received.count(b"HTTP/1.1 ") == received.count(b"HTTP/1.1 200") == count


def test_no_error_is_logged_when_a_client_leaves(tmp_path: Path) -> None:
    """The server logs nothing, and answers others, if clients leave while long answers are made for them."""
    with served(cwd=tmp_path) as server:
        headers = {"authorization": f"Bearer {KEYS['clado']}"}
        with httpx.Client(base_url=f"{server.url}/__jobmock/", headers=headers, trust_env=False) as control:
            control.post("jobs", json={"scenario": LONG, "id": "long"}).raise_for_status()
            for _ in range(40):
                with socket.create_connection(("127.0.0.1", server.ready["port"]), timeout=HANGS) as client:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    client.sendall(polls("long", 8))
                control.get("ready").raise_for_status()
        assert server.end(signal.SIGTERM) == 0
        assert server.err.until_end() == []
