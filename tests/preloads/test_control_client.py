"""The client of the control API: answers in every form, connections that end, servers that don't answer."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from tests.free_ports import free_port
from tests.support import HANGS

from jobmock.errors import StartError, UsageError
from jobmock.preloads.clock_connection import ClockConnection
from jobmock.preloads.control_client import ControlClient

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{\"a\": 1}"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;x=y\r\n{\"a\r\n5\r\n\": 1}\r\n0\r\n\r\n"
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"
REFUSED = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 22\r\n\r\n{\"detail\": \"Not now.\"}\n"
Answer = Callable[..., ControlClient]


@pytest.fixture
def answering() -> Iterator[Answer]:
    """Return a client of a server that sends these bytes for its requests, one connection after another."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(HANGS)

        def answer(*connections: list[list[bytes]]) -> ControlClient:
            def serve() -> None:
                for requests in connections:
                    connection, _ = listener.accept()
                    with connection:
                        for pieces in requests:
                            connection.recv(65_536)
                            for piece in pieces:
                                connection.sendall(piece)
                        connection.shutdown(socket.SHUT_WR)
                        while connection.recv(65_536):
                            pass

            threading.Thread(target=serve, daemon=True).start()
            return ControlClient(f"http://127.0.0.1:{listener.getsockname()[1]}", "lk_any", source="--url")

        yield answer


@pytest.mark.parametrize(("pieces", "content"), [
    ([PLAIN], {"a": 1}), ([CHUNKED], {"a": 1}), ([EMPTY], None), ([PLAIN[:20], PLAIN[20:]], {"a": 1}),
    ([bytes([one]) for one in CHUNKED], {"a": 1}),
])  # fmt: skip
def test_forms_of_answers(answering: Answer, pieces: list[bytes], content: object) -> None:
    """An answer is read with a length, in chunks, without a body, and in any pieces."""
    client = answering([pieces])
    assert client.call("GET", "clock") == content
    client.close()


SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: jobmock-clock\r\n\r\n"


def test_a_connection_to_share_a_clock(answering: Answer) -> None:
    """Answers of two kinds are taken in any order, and in any pieces; calls go on over a connection of their own."""
    lines = b'{"now": 1, "reason": "time"}\n{"start": "5", "now": 2}\n'
    client = answering([[SWITCHED], [bytes([one]) for one in lines]], [[PLAIN]])
    connection = ClockConnection(client)
    connection.send("wait")
    assert connection.answer("start") == {"start": "5", "now": 2}
    assert connection.has_answer("reason", 0) and connection.answer("reason") == {"now": 1, "reason": "time"}
    connection.close()
    assert client.call("GET", "clock") == {"a": 1}
    client.close()


def test_a_connection_that_the_server_refuses(answering: Answer) -> None:
    """A refused offer, and a refused call, are UsageErrors; the end of the connection is a StartError."""
    with pytest.raises(UsageError, match="refused GET clock/share: Not now"):
        ClockConnection(answering([[REFUSED]]))
    client = answering([[SWITCHED], [b'{"status": 400, "detail": "No."}\n']])
    connection = ClockConnection(client)
    connection.send("wait")
    with pytest.raises(UsageError, match="refused GET clock/share: No"):
        connection.answer("reason")
    with pytest.raises(StartError, match="it closed the connection"):
        connection.answer("reason")
    client.close()


def test_a_connection_that_ends_between_two_calls(answering: Answer) -> None:
    """A connection that the server has closed is opened again."""
    client = answering([[PLAIN]], [[PLAIN]])
    assert client.call("GET", "clock") == {"a": 1}
    assert client._connection is not None and select.select([client._connection], [], [], HANGS)[0]  # its end
    assert client.call("GET", "clock") == {"a": 1}
    client.close()


def test_a_refusal(answering: Answer) -> None:
    """A refused call is a UsageError with the server's words."""
    client = answering([[REFUSED]])
    with pytest.raises(UsageError, match=r"^http://127\.0\.0\.1:\d+ refused POST reset: Not now\.$"):
        client.call("POST", "reset", {})


@pytest.mark.parametrize("pieces", [[], [b"no HTTP\r\n\r\n"], [PLAIN[:-1]], [PLAIN[:-1] + b"x"]])
def test_no_answer_or_a_broken_one(answering: Answer, pieces: list[bytes]) -> None:
    """An answer that doesn't come, or isn't one, is a StartError that names the address and where it is from."""
    with pytest.raises(StartError, match=r"^No jobmock answers at http://127\.0\.0\.1:\d+ \(--url\): "):
        answering([pieces]).call("GET", "clock")


def test_no_server() -> None:
    """An address where nobody listens is a StartError."""
    with pytest.raises(StartError, match="refused"):
        ControlClient(f"http://127.0.0.1:{free_port()}", "lk_any").call("GET", "clock")


def test_no_connection_of_its_own_after_the_end() -> None:
    """A client that is closed opens no connection with another protocol, which nobody would close."""
    client = ControlClient(f"http://127.0.0.1:{free_port()}", "lk_any")
    client.close()
    with pytest.raises(StartError, match="are closed"):
        client.upgrade("clock/share", "jobmock-clock")
