"""Single requests over a real socket: what is sent, what is returned, and which errors are raised."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from tests.free_ports import free_port
from tests.support import KEYS, Mock, json_of, scenario

from jobmock import apis
from jobmock.checking.operations import operation_named
from jobmock.checking.sender import NotAnswered, NotReached, Sender, _not_answered
from jobmock.clock import SECOND, Clock

CLADO = apis.load("clado")
STATUS, START = operation_named(CLADO, "status"), operation_named(CLADO, "start")


def test_request_and_answer(mock: Mock, server: str) -> None:
    """A request has the key in its header and the given body; the answer's headers are in lower case."""
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
    """A job's id is one part of the path, with any characters in it."""
    plan = mock.service.catalogue.plan("clado/at-once")
    mock.service.place(mock.namespace("clado"), plan, "a/b?c")
    with Sender(server, KEYS["clado"], Clock("real")) as sender:
        answer = sender.send(STATUS, "a/b?c")
    assert (answer.status, answer.path) == (200, STATUS.path.replace("{job}", "a%2Fb%3Fc"))


@pytest.mark.parametrize(
    ("kind", "fault", "message"),
    [
        ("disconnect", "before_response", "the answer broke off"), ("corrupt", "short_body", "the answer broke off"),
        ("disconnect", "mid_body", "the connection broke off"), ("disconnect", "reset", "the connection broke off"),
        ("corrupt", "garbage", "what came is no HTTP"),
    ],
)  # fmt: skip
def test_broken_answer(kind: str, fault: str, message: str, mock: Mock, server: str) -> None:
    """A broken answer raises NotAnswered with a message of our own: the library's may hold a part of the answer."""
    job = mock.play("clado", scenario("clado", "completed", faults=[{"when": {"every": 1}, kind: fault}]))
    with Sender(server, KEYS["clado"], Clock("real")) as sender, pytest.raises(NotAnswered) as caught:
        sender.send(STATUS, job)
    assert (type(caught.value), str(caught.value)) == (NotAnswered, message)


@pytest.mark.parametrize("fault", [{"hang": True}, {"drip": {"bytes": 1, "every": 0.01}}])
def test_answer_that_is_too_late(fault: dict[str, Any], mock: Mock, server: str) -> None:
    """An answer must be complete in time, even if the host sends a byte now and then."""
    job = mock.play("clado", scenario("clado", "completed", faults=[{"when": {"every": 1}, **fault}]))
    with Sender(server, KEYS["clado"], Clock("real")) as sender, pytest.raises(NotAnswered, match="it timed out"):
        sender.send(STATUS, job, within=SECOND // 10)


def test_every_error_of_httpx_has_a_message() -> None:
    """Every error of httpx has a message of our own, because the library's may hold personal data or the key."""
    kinds = [one for one in vars(httpx).values() if isinstance(one, type) and issubclass(one, httpx.RequestError)]
    message = {str(_not_answered(kind(f"illegal status line: Jane Doe {KEYS['clado']}"))) for kind in kinds}
    assert len(message) > 5
    assert [text for text in message if "Jane" in text] == []


def test_refused_connection() -> None:
    """A refused connection raises NotReached."""
    url = f"http://127.0.0.1:{free_port()}"
    with Sender(url, KEYS["clado"], Clock("real")) as sender, pytest.raises(NotReached, match="no connection can be"):
        sender.send(STATUS, "j")
