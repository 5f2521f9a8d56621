"""The log of requests: whose each was, what it was about, and how it was answered."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from tests.support import EPOCH, JOBS, KEYS, Mock, scenario

from jobmock.catalogue import Catalogue
from jobmock.clock import SECOND, Clock
from jobmock.engine.namespace import Namespaces
from jobmock.models import Request
from jobmock.service.replies import LongReply
from jobmock.service.service import Service

CLADO = KEYS["clado"]


@pytest.fixture
def mock(catalogue: Catalogue) -> Mock:
    """A service where each reading of the real clock is a quarter of a millisecond after the one before."""
    readings = count(0, 250_000)
    return Mock(Service(catalogue, Namespaces(
        clock=lambda: Clock("manual", start=EPOCH, source=lambda: next(readings)),
    )))  # fmt: skip


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.INFO, "jobmock.requests"):
        yield caplog


def fields(log: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """Return the fields of each record."""
    return [record.__dict__["fields"] for record in log.records]


def test_a_poll_has_all_that_is_known(mock: Mock, log: pytest.LogCaptureFixture) -> None:
    """A poll's line has the public name, the job, the step, the fault, and until when the answer is held."""
    fault = {"when": {"request": 2}, "respond": "server_error", "delay": "9s"}
    job = mock.play("clado", scenario("clado", "pending", "completed", faults=[fault]), "lk_a")
    log.clear()
    for _ in range(2):
        mock.poll("clado", job, "lk_a")
    first, second = fields(log)
    name = mock.namespace("clado", "lk_a").name
    known = {"namespace": name, "api": "clado", "operation": "status", "job": job}
    assert {**first, "milliseconds": 0} == {
        **known, "status": 200, "step": 1, "fault": None, "held": None, "milliseconds": 0,
    }  # fmt: skip
    assert {**second, "milliseconds": 0} == {
        **known, "status": 500, "step": None, "fault": "respond server_error", "held": EPOCH / SECOND + 9,
        "milliseconds": 0,
    }  # fmt: skip


def test_milliseconds_are_real_time(mock: Mock, log: pytest.LogCaptureFixture) -> None:
    """The milliseconds are what the answer took to be made by the real clock, whatever the mock's clock does."""
    mock.poll("clado", "x")
    mock.advance(3600)
    mock.poll("clado", "x")
    assert [0.25 <= line["milliseconds"] <= 5 for line in fields(log)] == [True, True]


def test_a_request_outside_the_routes(mock: Mock, log: pytest.LogCaptureFixture) -> None:
    """A request to an unknown path is of the key that it has, and one without a key is of none."""
    for key in (CLADO, None):
        mock.send("GET", "/api/credit", key=key)
    assert [line["namespace"] for line in fields(log)] == [mock.namespace("clado").name, None]
    assert [line["operation"] for line in fields(log)] == [None, None]
    assert log.messages[0] == "GET /api/credit -> 404 (no such route; the nearest is GET /api/credits)"


def test_an_answer_of_slices_is_logged(mock: Mock, log: pytest.LogCaptureFixture) -> None:
    """A long answer, which is made in slices, has one line too, with the time of all slices."""
    job = mock.play("clado", scenario("clado", "completed", results={"count": 2_000}))
    log.clear()
    path, bearer = f"{JOBS['clado']}/{job}".encode(), (b"authorization", f"Bearer {CLADO}".encode())
    reply = mock.service.begin(Request("GET", path, b"page_size=2000", (bearer,), b""))
    assert isinstance(reply, LongReply) and log.records == []
    mock.service.namespaces.clock.real()
    for _ in reply.slices:
        pass
    reply.finish()
    assert [(line["job"], line["status"]) for line in fields(log)] == [(job, 200)]
    assert fields(log)[0]["milliseconds"] >= 0.5


def test_nothing_is_logged_by_default(mock: Mock, caplog: pytest.LogCaptureFixture) -> None:
    """Without the log, a request reads the real clock only once, for the journal."""
    with caplog.at_level(logging.WARNING, "jobmock.requests"):
        mock.poll("clado", "x")
        before = mock.service.namespaces.clock.real()
        mock.poll("clado", "x")
        after = mock.service.namespaces.clock.real()
    assert caplog.records == []
    assert after - before == 2 * 250_000
