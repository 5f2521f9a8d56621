"""The connection by which a process shares a clock: its calls, their answers, and what is refused."""

from __future__ import annotations

import json
import socket

import pytest
from tests.server.shared_time.client_process import ClientProcess, Start, offer
from tests.support import HANGS, Mock

from jobmock.clock import SECOND
from jobmock.errors import short_repr
from jobmock.server.app import create_app
from jobmock.server.serving import running


def test_a_newer_wait_replaces_the_older(start: Start) -> None:
    """Two waits of one process: the older ends at once, and each has an answer of its own, in order."""
    process, _ = start(), start()
    process.say("wait", until=5 * SECOND, sent={})
    process.say("wait", until=0, sent={})
    assert [process.answer("reason") for _ in range(2)] == [
        {"now": 0, "reason": "replaced"}, {"now": 0, "reason": "time"},
    ]  # fmt: skip


@pytest.mark.parametrize("call", ["withdraw", "claim", "join"])
def test_a_process_that_goes_on_while_it_waits_is_at_work(mock: Mock, start: Start, call: str) -> None:
    """A process that gets work while it waits, or makes a connection, holds the clock until it waits again."""
    process, other = start(), start()
    waiting = process.waiting(5 * SECOND)
    assert not waiting.is_over()
    members: dict[str, dict[str, object]] = {"claim": {"port": 1}, "join": {"name": "again"}}
    process.say(call, **members.get(call, {}))
    assert waiting.result() == (0, "replaced")
    ahead = other.waiting(5 * SECOND)
    assert not ahead.is_over(0.2) and mock.namespace("clado").clock.elapsed == 0
    assert process.wait(7 * SECOND) == (5 * SECOND, "time") == ahead.result()


def test_a_wait_that_has_ended_is_withdrawn(start: Start) -> None:
    """To withdraw a wait whose answer is on its way changes nothing: the next wait goes on."""
    process = start()
    for number in range(50):
        process.say("wait", until=number * SECOND, sent={})
        process.say("withdraw")
        process.say("wait", until=(number + 1) * SECOND, sent={})
        answers = [process.answer("reason") for _ in range(2)]
        assert answers[0]["reason"] in ("time", "replaced") and answers[1] == {
            "now": (number + 1) * SECOND, "reason": "time",
        }  # fmt: skip


def test_calls_in_pieces(start: Start) -> None:
    """A call may come byte by byte, and several calls may come at once."""
    process = start(join=False)
    for byte in b'{"call": "join", "name": "a client"}\n':
        process.share().sendall(bytes([byte]))
    assert process.answer("start")["now"] == 0
    process.share().sendall(b'{"call": "wait", "until": 5, "sent": {}}\n{"call": "join", "name": "a client"}\n')
    assert process.answer("reason")["reason"] in ("replaced", "time") and process.answer("start")["others"] == []


WAIT: dict[str, object] = {"call": "wait", "until": None, "sent": {}}


@pytest.mark.parametrize(("call", "status", "detail"), [
    ({"call": "leave"}, 400, "'call' is 'leave'. Allowed: join, claim, wait, withdraw."),
    ({"call": "join"}, 400, "The field 'name' is missing. Needed: call, name."),
    ({"call": "join", "name": ""}, 400, "'name' is a text of 1 to 1000 characters."),
    ({"call": "join", "name": "n", "port": 0}, 400, "'port' has 0. Allowed: ports, from 1 to 65535."),
    ({"call": "join", "name": "n", "now": -1}, 400,
     "'now' is -1. Allowed: nanoseconds since the clock's start, or null."),
    ({"call": "join", "name": "n", "keys": [1]}, 400,
     "'keys' has 1. Allowed: texts, such as the key of the other API."),
    ({"call": "claim", "port": 65536}, 400, "'port' has 65536. Allowed: ports, from 1 to 65535."),
    ({**WAIT, "until": "5"}, 400, "'until' is '5'. Allowed: a whole number or null."),
    ({**WAIT, "sent": {"x": 1}}, 400, "'sent' has 'x'. Allowed: ports as texts, such as \"51234\"."),
    ({**WAIT, "sent": {"9" * 5000: 1}}, 400,
     f"'sent' has {short_repr('9' * 5000)}. Allowed: ports as texts, such as \"51234\"."),
    ({**WAIT, "closed": [1] * 1001}, 400, "'closed' has 1001 entries. Allowed: 1000 at most."),
    ({**WAIT, "closed": ["5"]}, 400, "'closed' has '5'. Allowed: ports, from 1 to 65535."),
    ({**WAIT, "sent": {"5": -1}}, 400, "'sent' has -1. Allowed: numbers of bytes, or null."),
    ({**WAIT, "read": 1}, 400, "'read' is 1. Allowed: an object or null."),
])  # fmt: skip
def test_wrong_calls(start: Start, call: dict[str, object], status: int, detail: str) -> None:
    """A wrong call is refused in words, and ends the connection."""
    process = start()
    process.share().sendall(json.dumps(call).encode() + b"\n")
    answer = process.answer("detail")
    assert (answer["status"], answer["detail"]) == (status, detail)
    assert process.share().recv(1) == b""


@pytest.mark.parametrize("call", [WAIT, {"call": "claim", "port": 1}, {"call": "withdraw"}])
def test_calls_of_a_process_that_has_not_joined(start: Start, call: dict[str, object]) -> None:
    """A process joins first."""
    process = start(join=False)
    process.share().sendall(json.dumps(call).encode() + b"\n")
    answer = process.answer("detail")
    assert (answer["status"], answer["detail"]) == (409, "The process hasn't joined. Call join first.")


@pytest.mark.parametrize(("line", "status"), [(b"no JSON\n", 400), (b"[]\n", 400), (b"x" * (1 << 21), 413)])
def test_lines_that_are_no_calls(start: Start, line: bytes, status: int) -> None:
    """What isn't a JSON object, or is too long, is refused."""
    process = start(join=False)
    process.share().sendall(line)
    assert process.answer("detail")["status"] == status


def test_a_clock_that_runs_is_not_shared(mock: Mock, start: Start) -> None:
    """Processes share a manual clock only."""
    mock.namespace("clado").clock.set("real")
    process = start(join=False)
    process.say("join", name="n")
    answer = process.answer("detail")
    assert answer["status"] == 409
    assert answer["detail"].startswith("The clock of this key is real. Processes share a manual one:")


@pytest.mark.parametrize(("head", "status"), [
    (offer("lk_me").replace(b"Authorization: Bearer lk_me\r\n", b""), 400),
    (offer("lk_me").replace(b"GET", b"POST"), 405), (offer("lk_me").replace(b"jobmock-clock", b"websocket"), 426),
    (offer("lk_me").replace(b"Upgrade: jobmock-clock\r\n", b""), 426),
    (offer("lk_me", "Content-Length: 2\r\nContent-Type: application/json\r\n") + b"{}", 426),
    (offer("lk_me", "Origin: http://page\r\n"), 403),
])  # fmt: skip
def test_offers_that_are_refused(start: Start, head: bytes, status: int) -> None:
    """To share a clock needs a key, GET, the name of the protocol, no body, and the right to make control calls."""
    with socket.create_connection(start(join=False).address, timeout=HANGS) as connection:
        connection.sendall(head)
        assert connection.recv(65_536).startswith(f"HTTP/1.1 {status} ".encode())


def test_a_connection_that_never_joins(mock: Mock) -> None:
    """A server ends at once although a connection to share a clock is open."""
    with running(create_app(mock.service)) as url:
        process = ClientProcess(url)
        connection = process.share()
    assert connection.recv(1) == b""
    process.close()
