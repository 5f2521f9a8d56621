"""A live job is polled to its end at a polite rate, here on a mock's clock."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from tests.support import Mock, scenario

from jobmock import apis
from jobmock.checking.exchange import NOWHERE, LiveExchange
from jobmock.checking.poller import PolledJob, Poller
from jobmock.checking.sender import NotReached
from jobmock.clock import SECOND
from jobmock.errors import StartError

from .exchanges import orbit, run
from .scripted_sender import ScriptedSender, sender_for


def test_job_is_polled_to_its_end_and_its_pages_read(mock: Mock) -> None:
    """There are five seconds between two polls. After the job's end, each page is read once."""
    sender, job = sender_for(mock, "clado/two-pages")
    answers = sender.poll(job=job)
    gaps = {later - earlier for earlier, later in zip(sender.moments[:-3], sender.moments[1:-2], strict=True)}
    assert gaps == {5}
    assert [query for _, _, query in sender.requests][-3:] == ["", "page=1&page_size=25", "page=2&page_size=25"]
    assert json.loads(answers[-1].body)["pagination"]["has_next"] is False
    assert sender.reported[0] == "   1 +0 s  GET → 200 pending"
    assert sender.reported[-1].endswith("GET page=2&page_size=25 → 200 completed")


@pytest.mark.parametrize("status", ["\x1b[2Jgone\n.", "Jane Doe 1", "sk_orb_key"])
def test_status_that_is_no_word_is_shown_by_its_length(status: str) -> None:
    """A status that is no word is shown by its length: it may be personal data, a key, or a terminal's escape code."""
    reported: list[str] = []
    answer = orbit(run(status), source=NOWHERE)

    class Answering:
        def send(self, *args: Any, **more: Any) -> LiveExchange:
            return answer

    polled = PolledJob(api=apis.load("orbit"), job="r", deadline=SECOND)
    poller = Poller(polled, Answering(), now=lambda: answer.at, sleep=lambda seconds: None, report=reported.append)
    with pytest.raises(StartError, match="a text of 10 characters"):
        list(poller.exchanges())
    assert reported == ["   1 +0 s  GET → 200 a text of 10 characters"]


def test_api_without_pages(mock: Mock) -> None:
    """If an API has no pages, nothing is requested after the job's end."""
    sender, job = sender_for(mock, "orbit/usual")
    assert json.loads(sender.poll(job=job)[-1].body)["status"] == "completed"
    assert {query for _, _, query in sender.requests} == {""}


@pytest.mark.parametrize(
    ("status", "paged", "asked"),
    [
        ("completed", False, ["status", "results"]),
        ("completed", True, ["status", "results page=1&page_size=25"]),
        ("error", False, ["status"]),
        ("error", True, ["status"]),
        ("cancelled", True, ["status"]),
    ],
)
def test_results_at_an_operation_of_their_own(status: str, paged: bool, asked: list[str]) -> None:
    """They are read after a success, on pages if there are any, and after no other end: there are none to read."""
    clado, sent = apis.load("clado"), list[str]()
    results = replace(clado.operation_named("status"), name="results", path="/api/search/deep_research/{job}/results")
    api = replace(clado, operations=(*clado.operations, results), paging=clado.paging if paged else None)
    answer = orbit({"status": status, "results": []}, source=NOWHERE)

    class Answering:
        def send(self, *args: Any, **more: Any) -> LiveExchange:
            operation, _, query = args
            sent.append(f"{operation.name} {query}".strip())
            return answer

    polled = PolledJob(api=api, job="r", deadline=1_000 * SECOND)
    list(Poller(polled, Answering(), now=lambda: 0, sleep=lambda seconds: None, report=lambda line: None).exchanges())
    assert sent == asked


def test_started_job_is_polled(mock: Mock) -> None:
    """The start is sent once, with the given body, and the job in its answer is polled."""
    sender = ScriptedSender(mock, "clado")
    answers = sender.poll(start=b'{"query": "chemists"}')
    assert [name for _, name, _ in sender.requests][:2] == ["start", "status"]
    assert json.loads(answers[0].body)["job_id"] in answers[1].path


def test_each_request_has_the_time_left(mock: Mock) -> None:
    """Each request, the start included, has the time that is left until the deadline."""
    sender = ScriptedSender(mock, "clado")
    sender.poll(start=b'{"query": "chemists"}', deadline=100 * SECOND)
    assert sender.within == [round((100 - at) * SECOND) for at in sender.moments]


@pytest.mark.parametrize("retry", [40, {"date": 40}])
def test_retry_after_is_respected(retry: Any, mock: Mock) -> None:
    """The poller waits as long as Retry-After says, in seconds or as a date."""
    faults = [{"when": {"request": 1}, "respond": "unavailable", "retry_after": retry}]
    sender, job = sender_for(mock, scenario("clado", "completed", faults=faults))
    sender.poll(job=job)
    assert sender.moments[:2] == [0, 40]


def test_pauses_grow(mock: Mock) -> None:
    """After each further error in a row the pause doubles, up to a minute."""
    faults = [{"when": {"requests": {"from": 1, "to": 6}}, "respond": "server_error"}]
    sender, job = sender_for(mock, scenario("orbit", "completed", faults=faults))
    answers = sender.poll(job=job)
    assert sender.moments == [0, 5, 15, 35, 75, 135, 195]
    assert [answer.status for answer in answers] == [500] * 6 + [200]


def test_request_without_an_answer_is_repeated(mock: Mock) -> None:
    """A request without an answer is repeated after a pause; the fifth in a row ends the poll."""
    sender, job = sender_for(mock, scenario("orbit", "running", "completed"), fail=[2, 3])
    assert len(sender.poll(job=job)) == 2
    sender, job = sender_for(mock, "clado/stuck", fail=range(2, 20))
    with pytest.raises(StartError, match=r"gave no complete answer: it timed out\."):
        sender.poll(job=job)
    assert len(sender.requests) == 6


def test_answer_begins_the_count_of_failures_again(mock: Mock) -> None:
    """An error's answer between requests without answers begins their count again."""
    faults = [{"when": {"requests": {"from": 1, "to": 2}}, "respond": "server_error"}]
    sender, job = sender_for(mock, scenario("orbit", "completed", faults=faults), fail=[2, 3, 5, 6, 7])
    assert [answer.status for answer in sender.poll(job=job)] == [500, 500, 200]


def test_first_request_without_an_answer_is_an_error(mock: Mock) -> None:
    """If the very first request gets no answer, the address is wrong, and it isn't repeated."""
    sender, job = sender_for(mock, "clado/usual", fail=[1])
    with pytest.raises(StartError, match="gave no complete answer"):
        sender.poll(job=job)
    assert len(sender.requests) == 1


def test_api_that_cannot_be_reached(mock: Mock) -> None:
    """The message says that the API can't be reached only if there was no connection."""
    sender, job = sender_for(mock, "clado/usual", fail=[1], failure=NotReached("no connection can be made"))
    with pytest.raises(StartError, match=r"^The API can't be reached: no connection can be made\.$"):
        sender.poll(job=job)


def test_start_without_an_answer_is_not_repeated(mock: Mock) -> None:
    """A start without an answer isn't repeated, because it may have created a job that costs credits."""
    sender = ScriptedSender(mock, "clado", fail=[1])
    with pytest.raises(StartError, match="The job may exist all the same"):
        sender.poll(start=b"{}")
    assert len(sender.requests) == 1


def test_start_that_could_not_be_sent(mock: Mock) -> None:
    """If the start couldn't be sent, the message says that nothing was started."""
    sender = ScriptedSender(mock, "clado", fail=[1], failure=NotReached("no connection can be made"))
    message = r"^The API can't be reached: no connection can be made\. Nothing was started\.$"
    with pytest.raises(StartError, match=message):
        sender.poll(start=b"{}")


@pytest.mark.parametrize("body", [b"{}", b"["])
def test_refused_start_is_an_error(body: bytes, mock: Mock) -> None:
    """A refused start is an error with its HTTP status, after its answer was given to the check."""
    sender = ScriptedSender(mock, "clado")
    with pytest.raises(StartError, match="started no job: it answered 422"):
        sender.poll(start=body)


@pytest.mark.parametrize(("job", "fault"), [("..", "a step"), (".", "a step"), ("", "empty"), ("x" * 70_000, "1,000")])
def test_id_that_leads_to_another_path_is_refused(job: str, fault: str, mock: Mock) -> None:
    """A job whose id would lead to another path isn't requested, because the key would be sent there."""

    class Naming(ScriptedSender):
        def send(self, *args: Any, **more: Any) -> LiveExchange:
            return replace(super().send(*args, **more), body=json.dumps({"job_id": job}).encode())

    sender = Naming(mock, "clado")
    with pytest.raises(StartError, match=f"^The API started a job whose id can't be requested: it .*{fault}.*"):
        sender.poll(start=b'{"query": "chemists"}')
    assert len(sender.requests) == 1


def test_job_that_does_not_exist(mock: Mock) -> None:
    """A job that doesn't exist is requested once."""
    sender = ScriptedSender(mock, "orbit")
    with pytest.raises(StartError, match="answered 404 to the status request"):
        sender.poll(job="nobody")
    assert len(sender.requests) == 1


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        (b"<html>", "text/html; charset=utf-8", "text/html, not JSON"), (b"", "Jane Doe", "not JSON"),
        (b"[]", "text/html", "JSON without one"), (b'{"detail": "A text."}', "application/json", "JSON without one"),
        (b'{"status": 3}', "application/json", "JSON without one"),
    ],
)  # fmt: skip
def test_success_without_a_status_is_a_failure(body: bytes, kind: str, message: str, mock: Mock) -> None:
    """A success without a status, such as a login page, is an error after five requests."""

    class Gate(ScriptedSender):
        def send(self, *args: Any, **more: Any) -> LiveExchange:
            return replace(super().send(*args, **more), headers={"content-type": kind}, body=body)

    sender = Gate(mock, "clado")
    job = mock.play("clado", "clado/stuck")
    with pytest.raises(StartError, match=re.escape(f"The API answers no job status ({message}).")):
        sender.poll(job=job)
    assert len(sender.requests) == 5


@pytest.mark.parametrize(("deadline", "polls"), [(None, 361), (20 * SECOND, 5)])
def test_deadline(deadline: int | None, polls: int, mock: Mock) -> None:
    """Polling ends at the deadline, by default twice the documented time."""
    sender, job = sender_for(mock, "clado/stuck")
    with pytest.raises(StartError, match=r"wasn't at its end within \d+ s; when last asked, it was '\w+'.*--deadline"):
        sender.poll(job=job, deadline=deadline)
    assert len(sender.requests) == polls


def test_deadline_holds_for_pages(mock: Mock) -> None:
    """The deadline also holds for reading pages."""

    class Endless(ScriptedSender):
        def send(self, *args: Any, within: int | None = None, **more: Any) -> LiveExchange:
            assert within == (15 - len(self.requests)) * SECOND
            self.sleep(1)
            answer = super().send(*args, **more)
            return replace(answer, body=json.dumps({"status": "completed", "pagination": {"has_next": True}}).encode())

    sender = Endless(mock, "clado")
    job = mock.play("clado", "clado/at-once")
    with pytest.raises(StartError, match=r"^The pages weren't all read within 15 s; when last asked, there was more"):
        sender.poll(job=job, deadline=15 * SECOND)
    assert len(sender.requests) == 16


def test_interval_is_at_least_the_documented_one(mock: Mock) -> None:
    """An interval shorter than the documented rate allows is made longer: Orbit allows 25 polls a second."""
    sender, job = sender_for(mock, scenario("orbit", {"status": "running", "after": {"polls": 4}}, "completed"))
    sender.poll(job=job, interval=1)
    assert sender.moments == [0, 0.04, 0.08, 0.12, 0.16]
