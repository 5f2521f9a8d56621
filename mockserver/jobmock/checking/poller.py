"""Polls one live job to its end: starts it if needed, polls its status, and reads its pages, at a polite rate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode

from .. import json_pointer
from ..clock import SECOND
from ..dialect.api import Api, Operation
from ..dialect.settings import switch_default
from ..engine.headers import retry_due
from ..errors import StartError
from .exchange import LiveExchange
from .json_bodies import NOT_JSON, parse_body
from .messages import MEDIA_TYPE, describe, is_word
from .sender import NotAnswered, NotReached, job_id_fault

INTERVAL = 5 * SECOND
_LONGEST_PAUSE = 60 * SECOND
_LONG_JOB = 3600 * SECOND
"""The duration of a job of an API that doesn't say how long one takes."""
_MOST_FAILURES = 5
_MOST_PAGES = 1_000
_SUCCESS = range(200, 300)
_RETRYABLE = frozenset({*_SUCCESS, 408, 429, 500, 502, 503, 504})
"""Statuses after which the same request may succeed later. Even a success may come from a gateway before the API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolledJob:
    """The job to poll: one with the id `job`, or one that is started with the body `start`.

    `interval` is the time between two polls, `deadline` the time until the last answer, both in nanoseconds. The
    interval, and the pause between two pages, are at least as long as the documented limit requires.
    """

    api: Api
    job: str | None = None
    start: bytes | None = None
    interval: int = INTERVAL
    deadline: int | None = None


class RequestSender(Protocol):
    """What sends a request and returns its exchange: a Sender, or a test's stand-in."""

    def send(
        self, operation: Operation, job: str = "", query: str = "", body: bytes = b"", *, within: int | None = None
    ) -> LiveExchange:
        """Send a request, to be answered within so many nanoseconds. Raises NotAnswered."""


class _Outcome(NamedTuple):
    """What became of one status request.

    `failure` is the message if it failed, `reason` why it has to be repeated, `wait` the Retry-After in nanoseconds.
    """

    failure: str
    reason: str
    wait: int = 0


class Poller:
    """Polls one job. `report` gets one line for each answer."""

    def __init__(
        self, polled: PolledJob, sender: RequestSender, *, now: Callable[[], int], sleep: Callable[[float], None],
        report: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._polled, self._sender, self._now, self._sleep, self._report = polled, sender, now, sleep, report
        self._began = now()
        self._deadline = polled.deadline or 2 * (polled.api.longest_job or _LONG_JOB)
        self._least_interval = _least_interval(polled.api)
        self._interval = max(polled.interval, self._least_interval)
        self._answers, self._unfinished = 0, "The job wasn't at its end"

    def exchanges(self) -> Iterator[LiveExchange]:
        """Yield each exchange. Raises StartError if the API isn't reached, doesn't answer, refuses or is too slow."""
        api, job = self._polled.api, self._polled.job
        if self._polled.start is not None:
            started = self._start(self._polled.start)
            yield started
            job = self._created_job(started)
        status = ""
        while status not in api.terminal:
            answer = yield from self._poll(job or "")
            status = self._status(answer)
            if status not in api.terminal:
                self._pause(self._interval, f"it was {describe(status)}")
        is_apart = api.results_operation != "status"
        if is_apart and not api.is_success(status):
            return  # another end has no results to read
        if api.paging:
            yield from self._read_pages(job or "")
        elif is_apart:
            yield from self._poll(job or "", operation=api.results_operation)

    def _start(self, body: bytes) -> LiveExchange:
        """Send the start, once: even if its answer is lost, the job may have been created, and may cost credits."""
        try:
            operation = self._polled.api.operation_named("start")
            answer = self._sender.send(operation, body=body, within=self._time_left)
        except NotReached as error:
            raise StartError(f"The API can't be reached: {error}. Nothing was started.") from error
        except NotAnswered as error:
            text = "The job may exist all the same: look for it before you start another."
            raise StartError(f"The start got no answer ({error}). {text}") from error
        self._report_answer(answer)
        return answer

    def _created_job(self, started: LiveExchange) -> str:
        job = self._polled.api.job_id_in(parse_body(started.body), started.headers)
        if started.status not in _SUCCESS or job is None:
            raise StartError(f"The API started no job: it answered {started.status}.")
        if fault := job_id_fault(job):
            raise StartError(f"The API started a job whose id can't be requested: {fault}.")
        return job

    def _read_pages(self, job: str) -> Iterator[LiveExchange]:
        """Read page after page until one says that no other follows."""
        api, self._unfinished = self._polled.api, "The pages weren't all read"
        assert api.paging is not None
        wanted = api.paging.first()
        for _ in range(_MOST_PAGES):
            self._pause(self._least_interval, "there was more to read")
            query = urlencode({**wanted, api.paging.size: api.paging.default_size})
            answer = yield from self._poll(job, query, api.results_operation)
            body = parse_body(answer.body)
            results = json_pointer.value_at(body, api.results)
            following = api.paging.following(body, wanted, len(results) if isinstance(results, list) else 0)
            if following is None:
                return
            wanted = following

    def _poll(self, job: str, query: str = "", operation: str = "status") -> Any:
        """Send a request that reads a job until it succeeds; yield each answer, and return the last."""
        failures, pause = 0, self._interval
        read = self._polled.api.operation_named(operation)
        while True:
            answer = None
            try:
                answer = self._sender.send(read, job, query, within=self._time_left)
            except NotAnswered as error:
                outcome = _outcome_without_answer(error)
            else:
                self._report_answer(answer)
                yield answer
                if answer.status in _SUCCESS and (query or operation != "status" or self._status(answer)):
                    return answer
                outcome = _outcome_of(answer, self._now())
            failures = failures + 1 if outcome.failure else 0
            if failures == _MOST_FAILURES or not self._answers:
                raise StartError(outcome.failure)
            if answer and answer.status not in _RETRYABLE:
                raise StartError(f"The API answered {answer.status} to the {operation} request.")
            self._pause(max(pause, outcome.wait), outcome.reason)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _status(self, answer: LiveExchange) -> str:
        """Return the status in an answer, empty if it has none."""
        status = self._polled.api.status_in(parse_body(answer.body))
        return status if isinstance(status, str) else ""

    @property
    def _time_left(self) -> int:
        """The nanoseconds until the deadline."""
        return self._began + self._deadline - self._now()

    def _pause(self, wait: int, reason: str) -> None:
        """Wait, unless the deadline would pass."""
        if wait > self._time_left:
            text = f"{self._unfinished} within {self._deadline / SECOND:g} s; when last asked, {reason}."
            raise StartError(f"{text} Give it longer with --deadline.")
        self._sleep(wait / SECOND)

    def _report_answer(self, answer: LiveExchange) -> None:
        self._answers += 1
        elapsed = (answer.at - self._began) / SECOND
        page = f" {answer.query}" if answer.query else ""
        status = self._status(answer)
        shown = f" {status if is_word(status) else describe(status)}" if status else ""
        self._report(f"{self._answers:4} +{elapsed:.0f} s  {answer.method}{page} → {answer.status}{shown}")


def _outcome_without_answer(error: NotAnswered) -> _Outcome:
    what = "can't be reached" if isinstance(error, NotReached) else "gave no complete answer"
    return _Outcome(f"The API {what}: {error}.", str(error))


def _outcome_of(answer: LiveExchange, now: int) -> _Outcome:
    """Return the outcome of an answer without a job status. A success is a failure here: the API should have one."""
    failure = f"The API answers no job status ({_content(answer)})." if answer.status in _SUCCESS else ""
    return _Outcome(failure, f"it answered {answer.status}", _retry_after(answer, now))


def _content(answer: LiveExchange) -> str:
    """Return what an answer without a status holds instead, in words."""
    if parse_body(answer.body) is not NOT_JSON:
        return "JSON without one"
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip()
    return f"{media_type}, not JSON" if is_word(media_type, MEDIA_TYPE) else "not JSON"


def _least_interval(api: Api) -> int:
    """Return the time between two polls that the documented rate limit allows without an end."""
    limit = api.limits(partial(switch_default, api.name)).get("status")
    return -(-limit.period // limit.requests) if limit else 0


def _retry_after(answer: LiveExchange, now: int) -> int:
    """Return the Retry-After in nanoseconds. A date counts from the answer's own Date, because clocks differ."""
    date = answer.headers.get("date")
    try:
        answered_at = round(parsedate_to_datetime(date).timestamp()) * SECOND if date else now
        header = (b"retry-after", answer.headers.get("retry-after", "").encode("latin-1"))
        due = retry_due((header,), answered_at)
    except (ValueError, TypeError):
        return 0
    return max(0, due - answered_at) if due is not None else 0
