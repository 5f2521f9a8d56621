"""Single requests over a real socket: what is sent, what comes back, and what becomes of failures."""

from __future__ import annotations

import json

import pytest
from tests.support import KEYS, Mock, free_port, json_of, scenario

from jobmock import apis
from jobmock.clock import Clock
from jobmock.live.recorded import operation_named
from jobmock.live.sending import NotAnswered, NotReached, Sender

CLADO = apis.load("clado")
STATUS, START = operation_named(CLADO, "status"), operation_named(CLADO, "start")


def test_request_and_answer(mock: Mock, server: str) -> None:
    """A request has the key in its header, its body as it was given; the answer's headers are in lower case."""
    with Sender(server, KEYS["clado"], Clock("real")) as sender:
        started = sender.send(START, body=b'{"query":"chemists"}')
        job = json.loads(started.body)["job_id"]
        polled = sender.send(STATUS, job, "page=1")
    assert (started.method, started.path, started.status, started.sent) == (
        "POST", START.path, 200, b'{"query":"chemists"}',
    )  # fmt: skip
    assert (polled.path, polled.query, polled.headers["content-type"]) == (
        STATUS.path.replace("{job}", job), "page=1", "application/json",
    )  # fmt: skip
    assert json.loads(polled.body) == json_of(mock.poll("clado", job, query="page=1"))


def test_id_is_one_part_of_the_path(mock: Mock, server: str) -> None:
    """A job's id is one part of the path, whatever signs it has."""
    plan = mock.service.catalogue.plan("clado/at-once")
    mock.service.place(mock.namespace("clado"), plan, "a/b?c")
    with Sender(server, KEYS["clado"], Clock("real")) as sender:
        answer = sender.send(STATUS, "a/b?c")
    assert (answer.status, answer.path) == (200, STATUS.path.replace("{job}", "a%2Fb%3Fc"))


@pytest.mark.parametrize("fault", ["before_response", "mid_body", "reset"])
def test_answer_that_breaks_off_is_none(fault: str, mock: Mock, server: str) -> None:
    """A cut, closed or reset answer is told as none, in the library's words and without the key."""
    job = mock.play("clado", scenario("clado", "completed", faults=[{"when": {"every": 1}, "disconnect": fault}]))
    with Sender(server, KEYS["clado"], Clock("real")) as sender, pytest.raises(NotAnswered) as caught:
        sender.send(STATUS, job)
    assert type(caught.value) is NotAnswered
    assert KEYS["clado"] not in str(caught.value)


def test_nobody_there() -> None:
    """A refused connection is told as a request that was never sent."""
    url = f"http://127.0.0.1:{free_port()}"
    with Sender(url, KEYS["clado"], Clock("real")) as sender, pytest.raises(NotReached, match="ConnectError: "):
        sender.send(STATUS, "j")
