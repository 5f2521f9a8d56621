"""Judges the answers about one job that were asked for one after another: statuses, counters, results, pages."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from ..dialect.api import Api
from . import page_rules
from .answer_rules import Answer
from .exchange import LiveExchange
from .violation import LiveViolation

MOST_JOBS = 500
"""Some 80 kB each, where a thousand results were read page by page."""
_DONE = range(200, 300)
_REFUSED = frozenset(range(400, 500)) - {408, 499}
"""Codes that leave no doubt that nothing was done."""


class _Job:
    """What was told about one job so far."""

    __slots__ = ("highest", "over", "reopening", "results", "status", "walk")

    def __init__(self, over: int = -1, *, reopening: bool = False) -> None:
        self.over = over
        self.reopening = reopening
        """Whether it may run again at any time, since nobody knows what became of a `more`."""
        self.status: str | None = None
        self.highest: dict[tuple[str, ...], int] = {}
        self.results = 0
        self.walk: page_rules.Walk | None = None


class Sequences:
    """The jobs of one source, at most 500; the one heard of longest ago is forgotten first."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[tuple[str, str], _Job] = OrderedDict()

    def reopened(self, api: Api, job: str, exchange: LiveExchange) -> None:
        """Hear of a `more`, whatever became of it: unless it was refused, a new row of statuses begins, or may."""
        if exchange.status not in _REFUSED:
            self._keep((api.name, job), _Job(exchange.over, reopening=exchange.status not in _DONE))

    def judged(self, answer: Answer) -> Iterator[LiveViolation]:
        """Yield where an answer doesn't follow from those before it."""
        name = answer.params.get("job")
        if name is None or not answer.served or not isinstance(answer.body, dict):
            return
        if answer.operation.name != "status":
            return
        yield from _identity(answer, name)
        if answer.api.paging:
            yield from page_rules.of_itself(answer, answer.api.paging)
        job = self._keep((answer.api.name, name))
        if answer.exchange.at >= job.over:  # of requests under way together nobody knows which was answered first
            job.over = answer.exchange.over
            yield from _advance(answer, job)

    def _keep(self, name: tuple[str, str], fresh: _Job | None = None) -> _Job:
        """Return the job of that name, from now on the `fresh` one if there is one, as the one heard of last."""
        job = self._jobs[name] = fresh or self._jobs.get(name) or _Job()
        self._jobs.move_to_end(name)
        if len(self._jobs) > MOST_JOBS:
            self._jobs.popitem(last=False)
        return job


def _advance(answer: Answer, job: _Job) -> Iterator[LiveViolation]:
    status = answer.body.get("status")
    status = status if isinstance(status, str) else None
    yield from _transition(answer, job, status)
    yield from _counters(answer, job)
    told = answer.api.paging
    if told is None:
        return
    yield from _results(answer, job, told.items)
    if status in answer.api.terminal:
        job.walk, found = page_rules.together(answer, told, job.walk)
        yield from found


def _identity(answer: Answer, name: str) -> Iterator[LiveViolation]:
    member = answer.api.walk().job_id
    if isinstance(answer.body.get(member), str) and answer.body[member] != name:
        yield answer.violation("job-other", "The answer names another job than the path.", pointer=f"/{member}")


def _transition(answer: Answer, job: _Job, status: str | None) -> Iterator[LiveViolation]:
    """Judge by the API's table; a status that it doesn't know is another rule's matter."""
    transitions = answer.api.transitions
    if status is None or status not in transitions:
        return
    before, job.status = job.status, status
    if before in (None, status) or status in transitions[before or ""]:
        return
    job.walk, job.highest, job.results = None, {}, 0
    if job.reopening and before in answer.api.terminal:
        job.reopening = False
        return
    allowed = ", ".join(sorted(transitions[before or ""])) or "nothing, it is terminal"
    text = f"{status!r} can't follow {before!r} (allowed: {allowed})."
    yield answer.violation("transition-illegal", text, pointer="/status", found=f"{before} → {status}")


def _counters(answer: Answer, job: _Job) -> Iterator[LiveViolation]:
    for path in answer.api.counters:
        value: Any = answer.body
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        pointer = "/" + "/".join(path)
        if isinstance(value, float) and value.is_integer():
            yield answer.violation("number-form", f"It is written {value!r}, not {int(value)}.", pointer=pointer)
            value = int(value)
        if type(value) is not int:
            continue
        if value < (highest := job.highest.get(path, value)):
            yield answer.violation("counter-back", f"It goes back from {highest} to {value}.", pointer=pointer)
        job.highest[path] = value


def _results(answer: Answer, job: _Job, member: str) -> Iterator[LiveViolation]:
    """Judge an answer that holds all there is so far."""
    items, told = answer.body.get(member), answer.api.paging
    if not isinstance(items, list) or (told and told.page in answer.query):
        return
    if len(items) < job.results:
        text = f"There were {job.results} results, and {len(items)} are left."
        yield answer.violation("results-shrink", text, pointer=f"/{member}")
    job.results = len(items)
