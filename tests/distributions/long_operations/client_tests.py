"""Tests of a client of long operations, as a user of the distribution writes them. They run where it is found."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import pytest
from hypothesis import settings
from tests.distributions.long_operations.client import (
    DEADLINE,
    ENDS,
    OperationRefused,
    ask,
    conform,
    connect,
    read,
    retry_after,
    start,
    wait_for,
)

from jobmock.conformance import assert_client_conforms
from jobmock.strategies import ClientMachine, assert_client_survives, exhaust

API = "long_operations"
START = {"kind": "render", "input": {"scene": "harbour"}}


@pytest.fixture
def client(long_operations_mock: Any) -> httpx.Client:
    """A client of the mock, in process."""
    mock = long_operations_mock
    return httpx.Client(transport=mock.transport, base_url="http://lro", headers={"api-key": mock.api_key})


def started(client: httpx.Client) -> str:
    """Start an operation, and return its URL."""
    return client.post("/long-operations", json=START).headers["operation-location"]


def test_a_start_has_no_body(client: httpx.Client) -> None:
    """A start is answered without a body: neither text nor a type."""
    answer = client.post("/long-operations", json=START)
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (202, b"", "0")
    assert "content-type" not in answer.headers


def test_a_delayed_start_has_no_body(long_operations_mock: Any, client: httpx.Client) -> None:
    """A fault that only delays a start gives it no type either."""
    faults = [{"operation": "start", "when": {"every": 1}, "delay": 2}]
    steps = [{"status": "Succeeded"}]
    long_operations_mock.play({"version": 1, "api": "long_operations", "progression": steps, "faults": faults})
    answer = client.post("/long-operations", json=START)
    assert (answer.content, "content-type" in answer.headers) == (b"", False)


def test_errors_keep_the_envelope(client: httpx.Client) -> None:
    """Each error has the envelope of the API, also one that no table lists."""
    url = started(client)
    refused = [client.put(url), client.get("/nowhere"), client.get(f"{url}/rendering")]
    refused.append(client.post("/long-operations", json={}))
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
        ("Unbegun", 0, None), ("Unbegun", 0, None), ("Working", 60, None), ("Succeeded", 900, f"{url}/rendering"),
    ]  # fmt: skip
    assert client.get(url, headers={"host": "elsewhere:1"}).json()["resultLocation"].startswith("http://elsewhere:1/")
    assert client.get(url).json()["resultLocation"] == f"{url}/rendering"


@pytest.mark.jobmock(scenarios=f"{API}/*")
def test_a_correct_client_breaks_no_rule(long_operations_mock: Any, jobmock_scenario: str) -> None:
    """Nothing is wrong with a client that does as it is told. It raises where there is nothing to return."""
    mock, refused = long_operations_mock, jobmock_scenario.endswith(("result-expired", "unknown-at-first"))
    with connect(mock.url, mock.api_key) as client:
        job = start(client)
    try:
        returned = wait_for(mock.url, mock.api_key, job)
    except OperationRefused as error:
        assert refused
        mock.verify(raised=error)
    else:
        assert not refused
        mock.verify(returned=returned)


def test_a_correct_client_survives() -> None:
    """Nothing is wrong with it either in scenarios that are drawn, and in all short scripts."""
    assert_client_survives(wait_for, api=API, max_examples=25)
    assert list(exhaust(wait_for, api=API, length=2).findings) == []


def test_a_correct_client_conforms() -> None:
    """It passes each case that is made from the tables of the API."""
    assert_client_conforms(conform, api=API, fail_on="should")


class Machine(ClientMachine):
    """Starts, polls, reads and cancels in any order."""

    api = API

    def connect(self, mock: Any) -> None:
        self.http = httpx.Client(transport=mock.transport, base_url="http://lro", headers={"api-key": mock.api_key})

    def start_job(self) -> str:
        return start(self.http)

    def poll_job(self, job: str) -> str:
        return str(self.http.get(f"/long-operations/{job}").raise_for_status().json()["status"])

    def read_page(self, job: str, page: int, size: int) -> list[Any]:
        return list(self.http.get(f"/long-operations/{job}/rendering").raise_for_status().json()["renderedItems"])

    def cancel_job(self, job: str) -> None:
        self.http.delete(f"/long-operations/{job}").raise_for_status()


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=10, deadline=None)


def too_fast(url: str, api_key: str, job_id: str) -> dict[str, Any]:
    """Poll every second and a half, whatever Retry-After says."""
    with connect(url, api_key) as client:
        while (body := ask(client, f"/long-operations/{job_id}")[1]).get("status") not in ENDS:
            time.sleep(1.5)
        return body


def impatient(url: str, api_key: str, job_id: str) -> dict[str, Any]:
    """Give up after three polls."""
    with connect(url, api_key) as client:
        for _ in range(3):
            answer, body = ask(client, f"/long-operations/{job_id}")
            if body.get("status") in ENDS:
                return body
            time.sleep(retry_after(answer))
    raise TimeoutError("That takes too long.")


def restless(url: str, api_key: str, job_id: str) -> dict[str, Any]:
    """Go on polling after the end."""
    returned = wait_for(url, api_key, job_id)
    with connect(url, api_key) as client:
        for _ in range(5):
            time.sleep(5)
            ask(client, f"/long-operations/{job_id}")
    return returned


def content_with_the_end(url: str, api_key: str, job_id: str) -> dict[str, Any]:
    """Never read the result."""
    with connect(url, api_key) as client:
        deadline = time.monotonic() + DEADLINE
        return read(client, f"/long-operations/{job_id}", lambda body: body.get("status") in ENDS, deadline)


def forgetful(url: str, api_key: str, job_id: str) -> dict[str, Any]:
    """Return the first item alone."""
    returned = wait_for(url, api_key, job_id)
    return {**returned, "renderedItems": returned["renderedItems"][:1]}


def optimistic(url: str, api_key: str, job_id: str) -> dict[str, Any]:
    """Take each end for a success."""
    return {**wait_for(url, api_key, job_id), "status": "Succeeded"}


def stubborn(url: str, api_key: str, job_id: str) -> dict[str, Any]:
    """Read the result until it is there."""
    with connect(url, api_key) as client:
        while "renderedItems" not in (body := ask(client, f"/long-operations/{job_id}/rendering")[1]):
            time.sleep(5)
        return body


WRONG: list[tuple[Callable[[str, str, str], dict[str, Any]], str, str]] = [
    (too_fast, "slow", "retry-after-ignored"),
    (impatient, "slow", "gave-up-early"),
    (restless, "usual", "polled-after-end"),
    (forgetful, "usual", "wrong-count"),
    (optimistic, "defeated", "wrong-status"),
    (stubborn, "slow", "polls-after-refusal"),
]


@pytest.mark.jobmock(etiquette="off")
@pytest.mark.parametrize(("client_of", "scenario", "rule"), WRONG, ids=[row[0].__name__ for row in WRONG])
def test_a_wrong_client_breaks_its_rule(
    long_operations_mock: Any, client_of: Callable[[str, str, str], dict[str, Any]], scenario: str, rule: str
) -> None:
    """Each wrong client is found by the rule about what it does wrong."""
    mock = long_operations_mock
    job = mock.play(f"{API}/{scenario}")
    try:
        outcome: dict[str, Any] = {"returned": client_of(mock.url, mock.api_key, job.id)}
    except TimeoutError as error:
        outcome = {"raised": error}
    with pytest.raises(AssertionError) as found:
        mock.verify(**outcome)
    assert f"  {rule} (error): " in str(found.value)


@pytest.mark.parametrize(("results", "found"), [(3, ["result-unread"]), (0, [])])
def test_a_result_that_is_never_read_is_found(long_operations_mock: Any, results: int, found: list[str]) -> None:
    """A client that returns the last status alone is warned of, if the operation has a result."""
    steps = [{"status": "Working", "after": {"polls": 2}}, {"status": "Succeeded"}]
    mock = long_operations_mock
    job = mock.play({"version": 1, "api": API, "progression": steps, "results": {"count": results}})
    verdict = mock.verify(returned=content_with_the_end(mock.url, mock.api_key, job.id))
    assert [finding.rule for finding in verdict.findings] == found


def test_a_wrong_number_is_written_as_the_api_calls_its_results(long_operations_mock: Any) -> None:
    """A finding about the number of results has the API's word for them, for one of them too."""
    job = long_operations_mock.play(f"{API}/usual")
    wrong = forgetful(long_operations_mock.url, long_operations_mock.api_key, job.id)
    with pytest.raises(AssertionError, match="the call returned 1 rendering, and the job had 3"):
        long_operations_mock.verify(returned=wrong)


def test_a_start_after_a_lost_answer_is_found(long_operations_mock: Any) -> None:
    """A client that starts again, because the answer to a start was lost, may have started twice."""
    mock, steps = long_operations_mock, [{"status": "Succeeded"}]
    faults = [{"operation": "start", "when": {"request": 1}, "disconnect": "before_response"}]
    mock.play({"version": 1, "api": API, "progression": steps, "faults": faults})
    with connect(mock.url, mock.api_key) as client:
        with pytest.raises(httpx.TransportError):
            start(client)
        time.sleep(5)
        start(client)
    assert [finding.rule for finding in mock.findings()] == ["started-twice"]
