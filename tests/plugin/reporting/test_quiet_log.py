"""A test's log is the client's: the mock's server writes there only on request."""

from __future__ import annotations

import logging

import pytest

from ..conftest import Project

CALLS = """
import json
import logging
import socket
from urllib.request import Request, urlopen

import pytest
from polling import polled

def call(mock):
    headers = {"Authorization": f"Bearer {mock.api_key}", "Content-Type": "application/json"}
    with urlopen(Request(f"{mock.url}/api/search/deep_research", b'{"query": "x"}', headers)) as answer:
        json.load(answer)
    with socket.create_connection(mock.address(None)) as connection:
        connection.sendall(b"no HTTP\\r\\n\\r\\n")
        assert connection.recv(100)
    polled(mock, "clado/at-once")  # in process

"""
QUIET = """
@pytest.mark.parametrize("turn", [1, 2])
def test_log(clado_mock, caplog, turn):
    logging.getLogger("client").error("mine")
    call(clado_mock)
    assert {record.name for record in caplog.records} - {"httpx"} == {"client"}
"""


@pytest.mark.parametrize("flags", [(), ("--log-level=1",), ("--log-level=1", "--jobmock-time=real")], ids=len)
def test_the_server_logs_nothing(flags: tuple[str, ...], project: Project) -> None:
    """Neither the server, over a socket or in process, nor its event loop logs into a test, at any level."""
    project.write("test_sample.py", CALLS + QUIET)
    project.run(*flags).assert_outcomes(passed=2)


@pytest.mark.parametrize("name", ["jobmock", "jobmock.requests"])
def test_the_server_logs_on_request(name: str, project: Project) -> None:
    """With a level for one of jobmock's loggers, its records are in the test's log."""
    project.write(
        "test_sample.py",
        f"""{CALLS}
def test_log(clado_mock, caplog):
    caplog.set_level(logging.INFO, logger="{name}")
    call(clado_mock)
    assert "POST /api/search/deep_research -> 200" in caplog.messages
""",
    )
    project.run().assert_outcomes(passed=1)


def test_no_logger_stays_changed(project: Project) -> None:
    """A server of a test's own, with uvicorn, logs as without jobmock, and after the tests jobmock's loggers do too."""
    project.write("test_sample.py", CALLS + QUIET)
    project.run().assert_outcomes(passed=2)
    for name in ("uvicorn.access", "uvicorn.error", "asyncio", "jobmock", "jobmock.requests", "jobmock.server"):
        logger = logging.getLogger(name)
        assert (logger.handlers, logger.filters, logger.level, logger.propagate) == ([], [], logging.NOTSET, True)


def test_a_failed_test_shows_the_story_first(project: Project) -> None:
    """The story is above what the test printed and logged."""
    project.write(
        "test_sample.py",
        f"""{CALLS}
def test_fails(clado_mock):
    print("printed")
    logging.getLogger("client").error("mine")
    call(clado_mock)
    assert 0
""",
    )
    lines = project.run().stdout.str().splitlines()
    titles = [line.strip("- ") for line in lines if line.startswith("-----")]
    assert titles[:3] == ["jobmock", "Captured stdout call", "Captured log call"]
