"""Tests of a client of long operations, as a user of the distribution writes them. They run where it is found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx
import pytest

START = {"kind": "render", "input": {"scene": "harbour"}}


@pytest.fixture
def client(long_operations_mock: Any) -> httpx.Client:
    """A client of the mock, in process."""
    mock = long_operations_mock
    return httpx.Client(transport=mock.transport, base_url="http://lro", headers={"api-key": mock.api_key})


def started(client: httpx.Client) -> str:
    """Start an operation, and return its URL."""
    return client.post("/operations", json=START).headers["operation-location"]


def test_a_start_has_no_body(client: httpx.Client) -> None:
    """A start is answered without a body: neither text nor a type."""
    answer = client.post("/operations", json=START)
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (202, b"", "0")
    assert "content-type" not in answer.headers


def test_a_delayed_start_has_no_body(long_operations_mock: Any, client: httpx.Client) -> None:
    """A fault that only delays a start gives it no type either."""
    faults = [{"operation": "start", "when": {"every": 1}, "delay": 2}]
    steps = [{"status": "Succeeded"}]
    long_operations_mock.play({"version": 1, "api": "long_operations", "progression": steps, "faults": faults})
    answer = client.post("/operations", json=START)
    assert (answer.content, "content-type" in answer.headers) == (b"", False)


def test_errors_keep_the_envelope(client: httpx.Client) -> None:
    """Each error has the envelope of the API, also one that no table lists."""
    url = started(client)
    refused = client.put(url), client.get("/nowhere"), client.get(f"{url}/result"), client.post("/operations", json={})
    codes = [answer.json()["fault"]["code"] for answer in refused]
    assert codes == ["http_405", "http_404", "ResultNotReady", "InputRefused"]


@pytest.mark.jobmock("long_operations/quota-spent")
def test_refusals_have_their_retry_after(client: httpx.Client) -> None:
    """Refusals have the Retry-After of the scenario: in seconds, as a date, or none."""
    url = started(client)
    answers = [client.get(url) for _ in range(4)]
    waits = [answer.headers.get("retry-after", "") for answer in answers]
    assert ([answer.status_code for answer in answers], waits[:2], waits[3]) == ([200, 429, 503, 503], ["5", "7"], "")
    assert waits[2].endswith(" GMT")


def test_limit_has_a_retry_after(client: httpx.Client) -> None:
    """The eleventh poll of a second is refused, and told when the next one is welcome."""
    url = started(client)
    answers = [client.get(url) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert answers[-1].headers["retry-after"] == "1"


@pytest.mark.jobmock("long_operations/slow", time="manual")
def test_times_and_urls_of_an_operation(long_operations_mock: Any, client: httpx.Client) -> None:
    """A poll says when the status began, and where the result is: at the host that the client has asked."""
    url, begin = started(client), long_operations_mock.clock.now()
    seen = []
    for seconds in (0, 30, 60, 900):
        long_operations_mock.clock.advance(seconds)
        body = client.get(url).json()
        last, created = (datetime.fromisoformat(body[f"{name}DateTime"]) for name in ("lastAction", "created"))
        seen.append((body["status"], (last - created).total_seconds(), body.get("resultLocation")))
    assert created.timestamp() == int(begin)
    assert seen == [
        ("NotStarted", 0, None), ("NotStarted", 0, None), ("Working", 60, None), ("Succeeded", 900, f"{url}/result"),
    ]  # fmt: skip
    assert client.get(url, headers={"host": "elsewhere:1"}).json()["resultLocation"].startswith("http://elsewhere:1/")
    assert client.get(url).json()["resultLocation"] == f"{url}/result"
