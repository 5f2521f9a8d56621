"""A live job is followed politely: on a clock that is handed in, against a mock that plays the API."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from tests.support import KEYS, Mock, scenario

from jobmock import apis
from jobmock.checking.exchange import NOWHERE, LiveExchange
from jobmock.checking.poller import PolledJob, Poller
from jobmock.checking.sender import NotAnswered, NotReached
from jobmock.clock import SECOND
from jobmock.dialect.api import Operation
from jobmock.errors import StartError

from .exchanges import orbit, run


class Line:
    """What a Sender is for the poller, without a socket: asks a mock, or fails as often as it is told to."""

    def __init__(
        self, mock: Mock, api: str, fail: Sequence[int] = (), failure: NotAnswered | None = None
    ) -> None:  # fmt: skip
        self.mock, self.api, self.fail = mock, api, fail
        self.failure = failure or NotAnswered("it timed out")
        self.asked: list[tuple[float, str, str]] = []
        self.within: list[int | None] = []

    def now(self) -> int:
        return self.mock.namespace(self.api).clock.now()

    def sleep(self, seconds: float) -> None:
        self.mock.advance(seconds, self.api)

    def send(
        self, operation: Operation, job: str = "", query: str = "", body: bytes = b"", *, within: int | None = None
    ) -> LiveExchange:
        elapsed = self.mock.namespace(self.api).clock.elapsed / SECOND
        self.asked.append((elapsed, operation.name, query))
        self.within.append(within)
        if len(self.asked) in self.fail:
            raise self.failure
        path, at = operation.path.replace("{job}", job), self.now()
        reply = self.mock.send(operation.method, path, key=KEYS[self.api], query=query, body=body or None)
        headers = {name.decode(): value.decode() for name, value in reply.headers}
        return LiveExchange(
            at=at, method=operation.method, path=path, query=query, status=reply.status, headers=headers,
            body=reply.body,
        )  # fmt: skip

    def follow(self, **polled: Any) -> list[LiveExchange]:
        said: list[str] = []
        given = PolledJob(api=apis.load(self.api), **polled)
        poller = Poller(given, self, now=self.now, sleep=self.sleep, report=said.append)
        found = []
        try:
            for one in poller.exchanges():
                found.append(one)
        finally:
            self.said = said
        return found


def line(mock: Mock, wanted: str | Mapping[str, Any], **more: Any) -> tuple[Line, str]:
    """Return a line to a mock that plays a scenario, and the job that plays it."""
    api = wanted.partition("/")[0] if isinstance(wanted, str) else wanted["api"]
    job = mock.play(api, wanted)
    return Line(mock, api, **more), job


def moments(asked: Line) -> list[float]:
    return [at for at, _, _ in asked.asked]


def test_job_is_polled_to_its_end_and_its_pages_read(mock: Mock) -> None:
    """Five seconds lie between two polls, and once the job has ended each page is read, the last one once."""
    asked, job = line(mock, "clado/two-pages")
    answers = asked.follow(job=job)
    gaps = {later - earlier for earlier, later in zip(moments(asked)[:-3], moments(asked)[1:-2], strict=True)}
    assert gaps == {5}
    assert [query for _, _, query in asked.asked][-3:] == ["", "page=1&page_size=25", "page=2&page_size=25"]
    assert json.loads(answers[-1].body)["pagination"]["has_next"] is False
    assert asked.said[0] == "   1 +0 s  GET → 200 pending"
    assert asked.said[-1].endswith("GET page=2&page_size=25 → 200 completed")


@pytest.mark.parametrize("status", ["\x1b[2Jgone\n.", "Jane Doe 1", "sk_orb_key"])
def test_of_a_status_that_is_no_word_only_its_length_is_told(status: str) -> None:
    """What stands in a status's place may be somebody's name, a key, or move a terminal's cursor."""
    said: list[str] = []
    answer = orbit(run(status), source=NOWHERE)

    class Answering:
        def send(self, *args: Any, **more: Any) -> LiveExchange:
            return answer

    polled = PolledJob(api=apis.load("orbit"), job="r", deadline=SECOND)
    poller = Poller(polled, Answering(), now=lambda: answer.at, sleep=lambda seconds: None, report=said.append)
    with pytest.raises(StartError, match="a text of 10 characters"):
        list(poller.exchanges())
    assert said == ["   1 +0 s  GET → 200 a text of 10 characters"]


def test_api_without_pages(mock: Mock) -> None:
    """Where answers come whole, nothing is asked for after the end."""
    asked, job = line(mock, "orbit/usual")
    assert json.loads(asked.follow(job=job)[-1].body)["status"] == "completed"
    assert {query for _, _, query in asked.asked} == {""}


def test_started_job_is_followed(mock: Mock) -> None:
    """A start is sent once, with the body that was given, and the job that it names is followed."""
    asked = Line(mock, "clado")
    answers = asked.follow(start=b'{"query": "chemists"}')
    assert [name for _, name, _ in asked.asked][:2] == ["start", "status"]
    assert json.loads(answers[0].body)["job_id"] in answers[1].path


def test_each_request_has_what_is_left_of_the_deadline(mock: Mock) -> None:
    """A start too is left at the deadline, and a poll has the less time the later it is sent."""
    asked = Line(mock, "clado")
    asked.follow(start=b'{"query": "chemists"}', deadline=100 * SECOND)
    assert asked.within == [round((100 - at) * SECOND) for at in moments(asked)]


@pytest.mark.parametrize("retry", [40, {"date": 40}])
def test_retry_after_is_heeded(retry: Any, mock: Mock) -> None:
    """Retry-After is waited for, in seconds or as a date."""
    faults = [{"when": {"request": 1}, "respond": "unavailable", "retry_after": retry}]
    asked, job = line(mock, scenario("clado", "completed", faults=faults))
    asked.follow(job=job)
    assert moments(asked)[:2] == [0, 40]


def test_pauses_grow(mock: Mock) -> None:
    """After error upon error the pauses double, up to a minute."""
    faults = [{"when": {"requests": [1, 6]}, "respond": "server_error"}]
    asked, job = line(mock, scenario("orbit", "completed", faults=faults))
    answers = asked.follow(job=job)
    assert moments(asked) == [0, 5, 15, 35, 75, 135, 195]
    assert [answer.status for answer in answers] == [500] * 6 + [200]


def test_lost_answers_are_asked_for_again(mock: Mock) -> None:
    """A lost answer in the middle costs a pause; the fifth in a row is the end."""
    asked, job = line(mock, scenario("orbit", "running", "completed"), fail=[2, 3])
    assert len(asked.follow(job=job)) == 2
    asked, job = line(mock, "clado/stuck", fail=range(2, 20))
    with pytest.raises(StartError, match=r"gave no whole answer: it timed out\."):
        asked.follow(job=job)
    assert len(asked.asked) == 6


def test_answer_between_begins_the_count_anew(mock: Mock) -> None:
    """Lost answers are counted in a row: an error's answer between them shows that somebody is there."""
    faults = [{"when": {"requests": [1, 2]}, "respond": "server_error"}]
    asked, job = line(mock, scenario("orbit", "completed", faults=faults), fail=[2, 3, 5, 6, 7])
    assert [answer.status for answer in asked.follow(job=job)] == [500, 500, 200]


def test_first_lost_answer_is_the_end(mock: Mock) -> None:
    """Where the very first request gets no answer, the address is wrong, and nothing is tried again."""
    asked, job = line(mock, "clado/usual", fail=[1])
    with pytest.raises(StartError, match="gave no whole answer"):
        asked.follow(job=job)
    assert len(asked.asked) == 1


def test_only_what_was_not_reached_is_called_so(mock: Mock) -> None:
    """Where there was nobody to take a request, the API can't be reached: not where its answer is worth nothing."""
    asked, job = line(mock, "clado/usual", fail=[1], failure=NotReached("no connection can be made"))
    with pytest.raises(StartError, match=r"^The API can't be reached: no connection can be made\.$"):
        asked.follow(job=job)


def test_lost_start_is_not_sent_again(mock: Mock) -> None:
    """A start without an answer may have made a job, and cost credits: it is told, not repeated."""
    asked = Line(mock, "clado", fail=[1])
    with pytest.raises(StartError, match="The job may exist all the same"):
        asked.follow(start=b"{}")
    assert len(asked.asked) == 1


def test_start_that_was_never_sent_has_started_nothing(mock: Mock) -> None:
    """Where nobody took the start, there is no job to look for, and that is said."""
    asked = Line(mock, "clado", fail=[1], failure=NotReached("no connection can be made"))
    told = r"^The API can't be reached: no connection can be made\. Nothing was started\.$"
    with pytest.raises(StartError, match=told):
        asked.follow(start=b"{}")


@pytest.mark.parametrize("body", [b"{}", b"["])
def test_refused_start_is_told(body: bytes, mock: Mock) -> None:
    """A start that is refused ends the polled with the code; its answer has been handed out to be judged."""
    asked = Line(mock, "clado")
    with pytest.raises(StartError, match="started no job: it answered 422"):
        asked.follow(start=body)


@pytest.mark.parametrize(("job", "fault"), [("..", "a step"), (".", "a step"), ("", "empty"), ("x" * 70_000, "1,000")])
def test_id_that_leads_elsewhere_is_not_followed(job: str, fault: str, mock: Mock) -> None:
    """A job that was started under an id that can be no part of a path is not asked for: the key would go along."""

    class Naming(Line):
        def send(self, *args: Any, **more: Any) -> LiveExchange:
            return replace(super().send(*args, **more), body=json.dumps({"job_id": job}).encode())

    asked = Naming(mock, "clado")
    with pytest.raises(StartError, match=f"^The API started a job whose id can't be asked for: it .*{fault}.*"):
        asked.follow(start=b'{"query": "chemists"}')
    assert len(asked.asked) == 1


def test_refused_job_is_told(mock: Mock) -> None:
    """A job that isn't there is asked for once."""
    asked = Line(mock, "orbit")
    with pytest.raises(StartError, match="answered 404 to the status request"):
        asked.follow(job="nobody")
    assert len(asked.asked) == 1


@pytest.mark.parametrize(
    ("body", "kind", "told"),
    [
        (b"<html>", "text/html; charset=utf-8", "text/html, not JSON"), (b"", "Jane Doe", "not JSON"),
        (b"[]", "text/html", "JSON without one"), (b'{"detail": "A text."}', "application/json", "JSON without one"),
        (b'{"status": 3}', "application/json", "JSON without one"),
    ],
)  # fmt: skip
def test_success_without_a_status_is_a_failure(body: bytes, kind: str, told: str, mock: Mock) -> None:
    """What answers a success without a status, such as a page to log in at, is asked five times, and told."""

    class Gate(Line):
        def send(self, *args: Any, **more: Any) -> LiveExchange:
            return replace(super().send(*args, **more), headers={"content-type": kind}, body=body)

    asked = Gate(mock, "clado")
    job = mock.play("clado", "clado/stuck")
    with pytest.raises(StartError, match=re.escape(f"The API answers no job status ({told}).")):
        asked.follow(job=job)
    assert len(asked.asked) == 5


@pytest.mark.parametrize(("deadline", "polls"), [(None, 361), (20 * SECOND, 5)])
def test_deadline(deadline: int | None, polls: int, mock: Mock) -> None:
    """A job that doesn't end is left at the deadline, by default twice what the documents give it."""
    asked, job = line(mock, "clado/stuck")
    with pytest.raises(StartError, match=r"wasn't at its end within \d+ s; when last asked, it was '\w+'.*--deadline"):
        asked.follow(job=job, deadline=deadline)
    assert len(asked.asked) == polls


def test_pages_without_an_end_are_left_at_the_deadline(mock: Mock) -> None:
    """The deadline holds for pages too, however many the API says there are."""

    class Endless(Line):
        def send(self, *args: Any, within: int | None = None, **more: Any) -> LiveExchange:
            assert within == (15 - len(self.asked)) * SECOND
            self.sleep(1)
            answer = super().send(*args, **more)
            return replace(answer, body=json.dumps({"status": "completed", "pagination": {"has_next": True}}).encode())

    asked = Endless(mock, "clado")
    job = mock.play("clado", "clado/at-once")
    with pytest.raises(StartError, match=r"^The pages weren't all read within 15 s; when last asked, there was more"):
        asked.follow(job=job, deadline=15 * SECOND)
    assert len(asked.asked) == 16


def test_documented_rate_is_kept(mock: Mock) -> None:
    """An interval that the documented rate doesn't allow for good is made longer: Orbit has 25 polls a second."""
    asked, job = line(mock, scenario("orbit", {"status": "running", "after": {"polls": 4}}, "completed"))
    asked.follow(job=job, interval=1)
    assert moments(asked) == [0, 0.04, 0.08, 0.12, 0.16]
