"""The rules for successive answers about one job: its statuses, its counters, its results, its pages."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from typing import Any
from zlib import crc32

from ..dialect.api import Api
from ..engine.pagination import Paging
from .exchange import LiveExchange
from .page_rules import PagesSeen, Whole, judge_page, judge_whole, judge_with_earlier_pages, whole_list
from .received_answer import ReceivedAnswer
from .violation import LiveViolation

GROUPS = 64
"""How many groups of jobs there are. A job's group depends on its id alone, so that processes can share the groups."""
MOST_IN_GROUP = 12
"""How many jobs of a group are kept. One takes about 80 kB after a thousand results were read page by page."""
_SUCCESS = range(200, 300)
_REFUSED = frozenset(range(400, 500)) - {408, 499}
"""HTTP statuses that say for certain that nothing was done."""


class _Job:
    """What the answers about one job have shown until now."""

    __slots__ = ("answered_at", "counters", "may_reopen", "pages", "results", "status", "whole")

    def __init__(self, answered_at: int = -1, *, may_reopen: bool = False) -> None:
        self.answered_at = answered_at
        self.may_reopen = may_reopen
        """Whether the job may run again at any time, because it isn't known what a `more` did."""
        self.status: str | None = None
        self.counters: dict[tuple[str, ...], int] = {}
        """The last value of each counter, by its path."""
        self.results = 0
        self.pages: PagesSeen | None = None
        self.whole: Whole | None = None


def job_key(api: Api, job: str) -> str:
    """Return what all requests about a job have in common."""
    return f"{api.name} {job}"


def group_of(key: str) -> int:
    """Return the group of a job, by what its requests have in common."""
    return crc32(key.encode("utf-8", "replace")) % GROUPS


class JobSequences:
    """The jobs of one source, at most 12 of each group; of a group, the longest without an answer is forgotten first.

    What is kept of a group doesn't depend on the other groups, which another process may check.
    """

    def __init__(self) -> None:
        self._groups: defaultdict[int, OrderedDict[str, _Job]] = defaultdict(OrderedDict)

    def reopen(self, api: Api, job: str, exchange: LiveExchange) -> None:
        """Note a `more`: unless it was refused, the job's statuses begin again, or may do so."""
        if exchange.status not in _REFUSED:
            may_reopen = exchange.status not in _SUCCESS
            self._keep(api, job, _Job(exchange.answered_at, may_reopen=may_reopen))

    def judge(self, answer: ReceivedAnswer) -> Iterator[LiveViolation]:
        """Yield where an answer contradicts earlier ones."""
        job_id = answer.params.get("job")
        if job_id is None or not answer.succeeded or not isinstance(answer.body, dict):
            return
        if answer.operation.name != "status":
            return
        yield from _judge_job_id(answer, job_id)
        if answer.api.paging:
            yield from judge_page(answer, answer.api.paging)
        job = self._keep(answer.api, job_id)
        if answer.exchange.at >= job.answered_at:  # requests at the same time may be answered in any order
            job.answered_at = answer.exchange.answered_at
            yield from _judge_progress(answer, job)

    def _keep(self, api: Api, job_id: str, fresh: _Job | None = None) -> _Job:
        """Return the job of an id (or the `fresh` one, which replaces it), and make it the latest of its group."""
        key = job_key(api, job_id)
        jobs = self._groups[group_of(key)]
        job = jobs[key] = fresh or jobs.get(key) or _Job()
        jobs.move_to_end(key)
        if len(jobs) > MOST_IN_GROUP:
            jobs.popitem(last=False)
        return job


def _judge_progress(answer: ReceivedAnswer, job: _Job) -> Iterator[LiveViolation]:
    status = answer.body.get("status")
    status = status if isinstance(status, str) else None
    yield from _judge_transition(answer, job, status)
    yield from _judge_counters(answer, job)
    paging = answer.api.paging
    if paging is None:
        return
    yield from _judge_results(answer, job, paging)
    if status in answer.api.terminal:
        job.pages, found = judge_with_earlier_pages(answer, paging, job.pages, job.whole)
        yield from found
        whole = whole_list(answer, paging)
        yield from judge_whole(answer, paging, job.pages, whole)
        job.whole = job.whole or whole


def _judge_job_id(answer: ReceivedAnswer, job_id: str) -> Iterator[LiveViolation]:
    member = answer.api.reference_client().job_id
    if isinstance(answer.body.get(member), str) and answer.body[member] != job_id:
        yield answer.violation("job-other", "The answer names another job than the path.", pointer=f"/{member}")


def _judge_transition(answer: ReceivedAnswer, job: _Job, status: str | None) -> Iterator[LiveViolation]:
    """Judge a change of status by the API's table. Statuses that aren't in it break another rule."""
    transitions = answer.api.transitions
    if status is None or status not in transitions:
        return
    before, job.status = job.status, status
    if before in (None, status) or status in transitions[before or ""]:
        return
    job.pages, job.whole, job.counters, job.results = None, None, {}, 0
    if job.may_reopen and before in answer.api.terminal:
        job.may_reopen = False
        return
    allowed = ", ".join(sorted(transitions[before or ""])) or "nothing, it is terminal"
    text = f"{status!r} can't follow {before!r} (allowed: {allowed})."
    yield answer.violation("transition-illegal", text, pointer="/status", found=f"{before} → {status}")


def _judge_counters(answer: ReceivedAnswer, job: _Job) -> Iterator[LiveViolation]:
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
        if value < (last := job.counters.get(path, value)):
            yield answer.violation("counter-back", f"It goes back from {last} to {value}.", pointer=pointer)
        job.counters[path] = value


def _judge_results(answer: ReceivedAnswer, job: _Job, paging: Paging) -> Iterator[LiveViolation]:
    """Judge the number of results in an answer without pages, which has all results until now."""
    items = answer.body.get(paging.items)
    if not isinstance(items, list) or paging.page in answer.query:
        return
    if len(items) < job.results:
        text = f"There were {job.results} results, and {len(items)} are left."
        yield answer.violation("results-shrink", text, pointer=f"/{paging.items}")
    job.results = len(items)
