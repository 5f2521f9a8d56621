"""A request that offers another protocol is answered like any other, with its body (RFC 9110, section 7.8)."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import HANGS, JOBS, STARTS, Mock

from jobmock.server.app import create_app
from jobmock.server.serving import running

BODY = json.dumps(STARTS["clado"]).encode()
OFFERS = (
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n",
    b"Connection: keep-alive, upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\n",
    b"connection: Upgrade\r\nupgrade: TLS/1.0, IRC/6.9\r\n",
)
SIZED = b"Content-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n5\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (BODY[:5], len(BODY) - 5, BODY[5:])
NO_BODY = b"Content-Length: 0\r\n\r\n"


def head(method: str, offer: bytes = b"") -> bytes:
    """Return the beginning of a request, which offers another protocol."""
    return f"{method} {JOBS['clado']} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer lk_up\r\n".encode() + offer


@pytest.fixture(params=["httptools", "h11"])
def port(mock: Mock, request: pytest.FixtureRequest) -> Iterator[int]:
    """The port of a server for `mock` with one of the parsers of HTTP."""
    with running(create_app(mock.service), http=request.param) as url:
        yield int(url.rpartition(":")[2])


LAST = head("GET") + b"Connection: close\r\n\r\n"


def statuses(port: int, *pieces: bytes, last: bytes = LAST) -> list[int]:
    """Send the pieces of some requests, one after the other, and return the statuses of the answers."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=HANGS) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in (*pieces, last):
            connection.sendall(piece)
        while chunk := connection.recv(1 << 16):
            received += chunk
    lines = [line for line in received.split(b"\r\n") if b"HTTP/1.1 " in line]
    return [int(line.rpartition(b"HTTP/1.1 ")[2][:3]) for line in lines]


@pytest.mark.parametrize("offer", OFFERS, ids=["h2c", "websocket", "others"])
@pytest.mark.parametrize("rest", [SIZED, CHUNKED], ids=["sized", "chunked"])
def test_the_body_is_read(mock: Mock, port: int, offer: bytes, rest: bytes) -> None:
    """The body of a start with an offer is read, however it is framed, and the connection can be used again."""
    assert statuses(port, head("POST", offer) + rest, head("POST") + SIZED) == [200, 200, 405]
    assert len(mock.namespace("clado", "lk_up").jobs) == 2


@pytest.mark.parametrize("rest", [SIZED, CHUNKED], ids=["sized", "chunked"])
def test_a_body_that_comes_in_pieces(mock: Mock, port: int, rest: bytes) -> None:
    """A request with an offer may come byte by byte."""
    whole = head("POST", OFFERS[0]) + rest
    assert statuses(port, *(whole[at : at + 1] for at in range(len(whole)))) == [200, 405]


def test_a_body_that_waits_for_its_head(mock: Mock, port: int) -> None:
    """The body may come after the server has begun to read it, as with `Expect: 100-continue`."""
    with socket.create_connection(("127.0.0.1", port), timeout=HANGS) as connection:
        expect = b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(BODY)
        connection.sendall(head("POST", OFFERS[0]) + expect)
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 100 ")
        connection.sendall(BODY)
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
    assert len(mock.namespace("clado", "lk_up").jobs) == 1


def test_requests_that_follow(port: int) -> None:
    """Requests with offers may follow one another without a pause, with and without a body."""
    offered = [head("POST", OFFERS[0]) + SIZED, head("GET", OFFERS[1]) + b"\r\n", head("POST", OFFERS[2]) + NO_BODY]
    assert statuses(port, b"".join(offered * 20)) == [200, 405, 422] * 20 + [405]


def test_what_is_no_request_after_an_offer(port: int) -> None:
    """After a body that an offer came with, bytes that are no request end the connection, as everywhere."""
    refused = head("POST", OFFERS[0]) + SIZED + b"no request\r\n\r\n"
    assert statuses(port, refused, last=b"") in ([200, 400], [200])


def test_no_warning_is_logged(port: int, caplog: pytest.LogCaptureFixture) -> None:
    """An offer that isn't taken is nothing to warn about."""
    assert statuses(port, head("POST", OFFERS[0]) + SIZED) == [200, 405]
    assert caplog.records == []


JAVA = """
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

class Polling {
    public static void main(String[] args) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        var start = HttpRequest.newBuilder(URI.create(args[0])).header("Authorization", "Bearer lk_java");
        start.POST(HttpRequest.BodyPublishers.ofString(args[1]));
        var started = client.send(start.build(), BodyHandlers.ofString());
        String job = started.body().replaceAll(".*\\"job_id\\":\\"([^\\"]+)\\".*", "$1");
        var poll = HttpRequest.newBuilder(URI.create(args[0] + "/" + job)).header("Authorization", "Bearer lk_java");
        var polled = client.send(poll.build(), BodyHandlers.ofString());
        System.out.println(started.statusCode() + " " + polled.statusCode());
    }
}
"""


def _java() -> str:
    """Return the command of a JDK, or skip the test."""
    java = shutil.which("java")
    if java is None or shutil.which("javac") is None:
        pytest.skip("There is no JDK, whose HttpClient offers h2c with each first request.")
    return java


def test_the_client_of_the_jdk(mock: Mock, port: int) -> None:
    """The JDK's HttpClient as it is made by default, which offers h2c, starts a job and polls it."""
    java = _java()
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "Polling.java")
        program.write_text(JAVA)
        url = f"http://127.0.0.1:{port}{JOBS['clado']}"
        command = [java, "-XX:TieredStopAtLevel=1", str(program), url, BODY.decode()]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=HANGS, check=False)
    assert (ran.stdout, ran.stderr) == ("200 200\n", "")
