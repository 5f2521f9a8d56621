"""Batches: what the mock answers, and what it says about clients."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest
from tests.distributions.message_batches.checks.clients import BATCHES, START, batch_outcomes

from jobmock.strategies import assert_client_survives

Mock = Any
BUSY = {
    "version": 1, "api": "message_batches",
    "progression": [{"status": "being_answered", "after": {"seconds": 100}}, {"status": "ended_well"}],
    "faults": [{"when": {"requests": {"from": 2, "to": 60}}, "respond": "backend_overloaded"}],
}  # fmt: skip


def client_of(mock: Mock, key: str = "") -> httpx.Client:
    """Return a client with a key of the mock."""
    return httpx.Client(base_url=mock.url, headers={"Authorization": f"Bearer {key or mock.api_key}"}, timeout=30)


def start(client: httpx.Client, entries: int = 3) -> str:
    """Start a batch with so many entries."""
    listed = [{"custom_ref": f"r{number}", "prompt": "?"} for number in range(entries)]
    return str(client.post(BATCHES, json={"entries": listed}).raise_for_status().json()["batch_ref"])


def wait(client: httpx.Client, job: str, pause: float = 5) -> dict[str, Any]:
    """Poll a batch until it has ended, and return it."""
    while True:
        body: dict[str, Any] = client.get(f"{BATCHES}/{job}").json()
        if body.get("results_href"):
            return body
        time.sleep(pause)


def rules(mock: Mock, **outcome: Any) -> set[str]:
    """Return the rules that the client broke."""
    return {one.rule for one in mock.findings(**outcome)}


@pytest.mark.jobmock("message_batches/usual", etiquette="error")
def test_a_batch(message_batches_mock: Mock) -> None:
    """A batch has as many outcomes as entries; their URL in its body is that of the server as the client knows it."""
    with client_of(message_batches_mock) as client:
        job = start(client, 5)
        body = wait(client, job)
        assert body["entry_counts"] == {"waiting": 0, "replied": 5, "errored": 0}
        assert body["results_href"] == f"{message_batches_mock.url}{BATCHES}/{job}/outcome_lines"
        answer = client.get(body["results_href"])
        assert answer.headers["content-type"] == "application/jsonl"
        assert [json.loads(line)["custom_ref"] for line in answer.text.splitlines()] == [f"r{n}" for n in range(5)]


@pytest.mark.jobmock("message_batches/refused-entries")
def test_no_line(message_batches_mock: Mock) -> None:
    """A batch without an answer has an empty body, which is still in JSON Lines."""
    with client_of(message_batches_mock) as client:
        answer = client.get(wait(client, start(client))["results_href"])
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-type"] == "application/jsonl"


@pytest.mark.jobmock("message_batches/late")
def test_late(message_batches_mock: Mock) -> None:
    """A batch that can't be found yet is started all the same."""
    with client_of(message_batches_mock) as client:
        job = start(client)
        assert [client.get(f"{BATCHES}/{job}").status_code for _ in range(3)] == [404, 404, 200]


@pytest.mark.jobmock("message_batches/usual")
def test_a_body_that_is_too_large(message_batches_mock: Mock) -> None:
    """A body over the mock's limit is refused with the API's own error for that."""
    with client_of(message_batches_mock) as client:
        answer = client.post(BATCHES, content=b"[" + b" " * (1 << 20) + b"]")
    problem = answer.json()["problem"]
    assert (answer.status_code, problem["label"]) == (413, "batch_too_large")
    assert problem["explanation"] == "A body has at most 1048576 bytes."


@pytest.mark.jobmock("message_batches/usual")
def test_listing(message_batches_mock: Mock) -> None:
    """A listing has the batches of the key, the newest first, and the cursor of the next page."""
    with client_of(message_batches_mock) as client, client_of(message_batches_mock, "mb-other") as other:
        jobs = [start(client) for _ in range(5)][::-1]
        start(other)
        found, cursor = list[str](), dict[str, str]()
        while True:
            page = client.get(BATCHES, params={"batch_limit": 2, **cursor}).json()
            found += [one["batch_ref"] for one in page["batches"]]
            if not page["has_following"]:
                break
            cursor = {"after_batch": page["following_cursor"]}
        assert found == jobs
        assert client.get(BATCHES, params={"after_batch": "x"}).json()["problem"]["label"] == "cursor_invalid"


@pytest.mark.jobmock("message_batches/usual")
def test_winding_down(message_batches_mock: Mock) -> None:
    """Winding down takes two polls. A second request doesn't begin it anew, and it can't be done after the end."""
    with client_of(message_batches_mock) as client:
        job = start(client)
        for _ in range(2):
            assert client.post(f"{BATCHES}/{job}/wind_down").json()["processing_phase"] == "winding_down"
        phases = [client.get(f"{BATCHES}/{job}").json()["processing_phase"] for _ in range(3)]
        assert phases == ["winding_down", "winding_down", "ended_badly"]
        assert client.post(f"{BATCHES}/{job}/wind_down").json()["problem"]["label"] == "batch_over"


@pytest.mark.jobmock(BUSY, etiquette="off")
def test_no_back_off_while_overloaded(message_batches_mock: Mock) -> None:
    """A status that no standard lists passes like 503: who goes on at once is blamed, and who gives up too."""
    with client_of(message_batches_mock) as client:
        job = start(client)
        for _ in range(30):
            client.get(f"{BATCHES}/{job}")
            time.sleep(0.5)
        assert "no-back-off" in rules(message_batches_mock)
        with pytest.raises(AssertionError, match="gave-up-early"):
            message_batches_mock.verify(raised=TimeoutError("It takes too long."))


@pytest.mark.jobmock("message_batches/quota-spent", etiquette="off")
def test_retry_after_is_ignored(message_batches_mock: Mock) -> None:
    """A client that doesn't wait as long as Retry-After says is blamed."""
    with client_of(message_batches_mock) as client:
        wait(client, start(client), 1.5)
    assert rules(message_batches_mock) == {"retry-after-ignored"}


@pytest.mark.jobmock("message_batches/usual", etiquette="off")
def test_an_outcome_is_missing(message_batches_mock: Mock) -> None:
    """A client that returns only a part of the lines is blamed."""
    with client_of(message_batches_mock) as client:
        answer = client.get(wait(client, start(client))["results_href"])
    with pytest.raises(AssertionError, match="the call returned 1 batch outcome, and the job had 3"):
        message_batches_mock.verify(returned=[json.loads(line) for line in answer.text.splitlines()][:1])


@pytest.mark.jobmock("message_batches/usual", etiquette="off")
def test_polled_after_the_end(message_batches_mock: Mock) -> None:
    """A client that goes on polling is blamed."""
    with client_of(message_batches_mock) as client:
        job = start(client)
        for _ in range(30):
            client.get(f"{BATCHES}/{job}")
            time.sleep(5)
    assert rules(message_batches_mock) == {"polled-after-end"}


@pytest.mark.jobmock({**BUSY, "faults": [{"operation": "start", "when": {"request": 1}, "disconnect": "reset"}]},
                     etiquette="off")  # fmt: skip
def test_started_twice(message_batches_mock: Mock) -> None:
    """A client that starts again after a lost answer is blamed."""
    with client_of(message_batches_mock) as client:
        with pytest.raises(httpx.TransportError):
            client.post(BATCHES, json=START)
        client.post(BATCHES, json=START)
    assert rules(message_batches_mock) == {"started-twice"}


def test_a_correct_client() -> None:
    """A correct client survives whatever the server does, also with a deadline of a day."""
    assert_client_survives(batch_outcomes, api="message_batches", max_examples=25, seed=1)
