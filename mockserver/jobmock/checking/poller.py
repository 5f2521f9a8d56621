"""Follows one live job to its end, politely: start it or not, poll it, read its pages. Time is handed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, Protocol

from ..clock import SECOND
from ..dialect.api import Api, Operation
from ..dialect.choices import switch_default
from ..engine.headers import retry_due
from ..errors import StartError
from .answer_rules import NOT_JSON, parsed
from .exchange import LiveExchange
from .messages import MEDIA, is_word, shown
from .sender import NotAnswered, NotReached, no_id

INTERVAL = 5 * SECOND
_LONGEST_PAUSE = 60 * SECOND
_MOST_FAILURES = 5
_MOST_PAGES = 1_000
_DONE = range(200, 300)
_AGAIN = frozenset({*_DONE, 408, 429, 500, 502, 503, 504})
"""Codes after which the same request may succeed later: even a success may come from what stands before the API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What is to be followed: a job by its id, or one that `start`, the body of a start, makes.

    `interval` lies between two polls, `deadline` between the first request and the last answer, in nanoseconds; an
    interval shorter than the documented limit allows is made longer, and pages are no more often asked for.
    """

    api: Api
    job: str | None = None
    start: bytes | None = None
    interval: int = INTERVAL
    deadline: int | None = None


class Sends(Protocol):
    """What sends a request and returns it with its answer: a Sender, or what stands in its place."""

    def send(
        self, operation: Operation, job: str = "", query: str = "", body: bytes = b"", *, within: int | None = None
    ) -> LiveExchange:
        """Send a request; its answer has so many nanoseconds. Raises NotAnswered."""


class Follower:
    """Makes one visit. `say` is told each answer as it comes."""

    def __init__(
        self, visit: Visit, sender: Sends, *, now: Callable[[], int], sleep: Callable[[float], None],
        say: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._visit, self._sender, self._now, self._sleep, self._say = visit, sender, now, sleep, say
        self._began = now()
        self._deadline = visit.deadline or 2 * visit.api.patience
        self._least = _least_interval(visit.api)
        self._interval = max(visit.interval, self._least)
        self._answers, self._lacking = 0, "The job wasn't at its end"

    def exchanges(self) -> Iterator[LiveExchange]:
        """Yield each answer. Raises StartError where the API can't be reached, is silent, refuses, or is too late."""
        api, job = self._visit.api, self._visit.job
        if self._visit.start is not None:
            started = self._started(self._visit.start)
            yield started
            job = self._id(started)
        status = ""
        while status not in api.terminal:
            answer = yield from self._served(job or "")
            status = _status(answer)
            if status not in api.terminal:
                self._pause(self._interval, f"it was {shown(status)}")
        if api.paging:
            yield from self._pages(job or "")

    def _started(self, body: bytes) -> LiveExchange:
        """Send the start, once: where its answer is lost, the job may have been made, and paid for, all the same."""
        try:
            answer = self._sender.send(_operation(self._visit.api, "start"), body=body, within=self._left)
        except NotReached as error:
            raise StartError(f"The API can't be reached: {error}. Nothing was started.") from error
        except NotAnswered as error:
            text = "The job may exist all the same: look for it before you start another."
            raise StartError(f"The start got no answer ({error}). {text}") from error
        self._tell(answer)
        return answer

    def _id(self, started: LiveExchange) -> str:
        body, member = _body(started), self._visit.api.walk().job_id
        if started.status not in _DONE or not isinstance(body.get(member), str):
            raise StartError(f"The API started no job: it answered {started.status}.")
        job = str(body[member])
        if fault := no_id(job):
            raise StartError(f"The API started a job whose id can't be asked for: {fault}.")
        return job

    def _pages(self, job: str) -> Iterator[LiveExchange]:
        """Read page after page until one says that none follows."""
        paging, self._lacking = self._visit.api.paging, "The pages weren't all read"
        assert paging is not None
        for page in range(1, _MOST_PAGES + 1):
            self._pause(self._least, "there was more to read")
            answer = yield from self._served(job, f"{paging.page}={page}&{paging.size}={paging.usual}")
            told = _body(answer).get(paging.told)
            if not isinstance(told, dict) or told.get("has_next") is not True:
                return

    def _served(self, job: str, query: str = "") -> Any:
        """Yield the answers to one status request until it is served, and return that one."""
        failures, pause = 0, self._interval
        while True:
            answer, wait = None, 0
            try:
                answer = self._sender.send(_operation(self._visit.api, "status"), job, query, within=self._left)
            except NotAnswered as error:
                said = "can't be reached" if isinstance(error, NotReached) else "gave no whole answer"
                fault, why = f"The API {said}: {error}.", str(error)
            else:
                self._tell(answer)
                yield answer
                if answer.status in _DONE and (query or _status(answer)):
                    return answer
                fault = f"The API answers no job status ({_kind(answer)})." if answer.status in _DONE else ""
                why, wait = f"it answered {answer.status}", _told_to_wait(answer, self._now())
            failures = failures + 1 if fault else 0
            if failures == _MOST_FAILURES or not self._answers:
                raise StartError(fault)
            if answer and answer.status not in _AGAIN:
                raise StartError(f"The API answered {answer.status} to the status request.")
            self._pause(max(pause, wait), why)
            pause = min(2 * pause, _LONGEST_PAUSE)

    @property
    def _left(self) -> int:
        """What is left until the deadline."""
        return self._began + self._deadline - self._now()

    def _pause(self, wait: int, why: str) -> None:
        """Wait, unless the deadline would pass."""
        if wait > self._left:
            text = f"{self._lacking} within {self._deadline / SECOND:g} s; when last asked, {why}."
            raise StartError(f"{text} Give it longer with --deadline.")
        self._sleep(wait / SECOND)

    def _tell(self, answer: LiveExchange) -> None:
        self._answers += 1
        elapsed = (answer.at - self._began) / SECOND
        page = f" {answer.query}" if answer.query else ""
        status = _status(answer)
        told = f" {status if is_word(status) else shown(status)}" if status else ""
        self._say(f"{self._answers:4} +{elapsed:.0f} s  {answer.method}{page} → {answer.status}{told}")


def _operation(api: Api, name: str) -> Operation:
    return next(operation for operation in api.operations if operation.name == name)


def _body(answer: LiveExchange) -> dict[str, Any]:
    body = parsed(answer.body)
    return body if isinstance(body, dict) else {}


def _status(answer: LiveExchange) -> str:
    status = _body(answer).get("status")
    return status if isinstance(status, str) else ""


def _kind(answer: LiveExchange) -> str:
    """Return what an answer without a status holds instead."""
    if parsed(answer.body) is not NOT_JSON:
        return "JSON without one"
    media = answer.headers.get("content-type", "").partition(";")[0].strip()
    return f"{media}, not JSON" if is_word(media, MEDIA) else "not JSON"


def _least_interval(api: Api) -> int:
    """Return the time between two polls that the documented rate allows for good."""
    limit = api.limits(partial(switch_default, api.name)).get("status")
    return -(-limit.period // limit.requests) if limit else 0


def _told_to_wait(answer: LiveExchange, now: int) -> int:
    """Return how long Retry-After asks to wait; a date counts from the answer's own Date, for clocks differ."""
    told = answer.headers.get("date")
    try:
        then = round(parsedate_to_datetime(told).timestamp()) * SECOND if told else now
        due = retry_due(((b"retry-after", answer.headers.get("retry-after", "").encode("latin-1")),), then)
    except (ValueError, TypeError):
        return 0
    return max(0, due - then) if due is not None else 0
