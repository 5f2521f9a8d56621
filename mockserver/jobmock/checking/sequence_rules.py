"""The rules for successive answers about one job: its statuses, its counters, its results, its pages."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterator

from .. import apis, json_pointer
from ..dialect.api import Api
from .job_answers import Continuation, JobAnswer, JobDigest
from .page_rules import PagesSeen, Whole, judge_whole, judge_with_earlier_pages
from .violation import LiveViolation

MOST_IN_GROUP = 12
"""How many jobs of a group are kept. One takes about 80 kB after a thousand results were read page by page."""


class _Job:
    """What the answers about one job have shown until now."""

    __slots__ = ("answered_at", "counters", "may_reopen", "pages", "results", "status", "whole")

    def __init__(self, answered_at: int = -1, *, may_reopen: bool = False) -> None:
        self.answered_at = answered_at
        self.may_reopen = may_reopen
        """Whether the job may run again at any time, because it isn't known what a `more` did."""
        self.status: str | None = None
        self.counters: dict[int, int] = {}
        """The last value of each counter, by its index in the API's list."""
        self.results = 0
        self.pages: PagesSeen | None = None
        self.whole: Whole | None = None


class JobSequences:
    """The jobs of one source, at most 12 of each group; of a group, the longest without an answer is forgotten first.

    What is kept of a group doesn't depend on the other groups, which another process may check.
    """

    def __init__(self) -> None:
        self._groups: defaultdict[int, OrderedDict[JobDigest, _Job]] = defaultdict(OrderedDict)

    def judge(self, found: JobAnswer | Continuation) -> Iterator[LiveViolation]:
        """Yield where an answer contradicts earlier ones."""
        if isinstance(found, Continuation):
            self._keep(found.job, _Job(found.answered_at, may_reopen=found.may_reopen))
            return
        job = self._keep(found.job)
        if found.sent_at >= job.answered_at:  # requests at the same time may be answered in any order
            job.answered_at = found.answered_at
            yield from _judge_progress(apis.load(found.api), found, job)

    def _keep(self, key: JobDigest, fresh: _Job | None = None) -> _Job:
        """Return the job of a digest (or the `fresh` one, which replaces it), and make it the latest of its group."""
        jobs = self._groups[key.group]
        job = jobs[key] = fresh or jobs.get(key) or _Job()
        jobs.move_to_end(key)
        if len(jobs) > MOST_IN_GROUP:
            jobs.popitem(last=False)
        return job


def _judge_progress(api: Api, answer: JobAnswer, job: _Job) -> Iterator[LiveViolation]:
    yield from _judge_transition(api, answer, job)
    yield from _judge_counters(api, answer, job)
    if api.paging is None:
        return
    if answer.results is not None:
        if answer.results < job.results:
            text = f"There were {job.results} results, and {answer.results} are left."
            yield answer.violation("results-shrink", text, pointer=json_pointer.join(api.results))
        job.results = answer.results
    if (answer.status or job.status) in api.terminal:
        job.pages, found = judge_with_earlier_pages(answer, api, job.pages, job.whole)
        yield from found
        whole = None if answer.results is None else Whole(answer.results, answer.ids)
        yield from judge_whole(answer, api, job.pages, whole)
        job.whole = job.whole or whole


def _judge_transition(api: Api, answer: JobAnswer, job: _Job) -> Iterator[LiveViolation]:
    """Judge a change of status by the API's table. Statuses that aren't in it break another rule."""
    if answer.status is None:
        return
    before, job.status = job.status, answer.status
    if before in (None, answer.status) or answer.status in api.transitions[before or ""]:
        return
    job.pages, job.whole, job.counters, job.results = None, None, {}, 0
    if job.may_reopen and before in api.terminal:
        job.may_reopen = False
        return
    allowed = ", ".join(sorted(api.transitions[before or ""])) or "nothing, it is terminal"
    text = f"{answer.status!r} can't follow {before!r} (allowed: {allowed})."
    pointer, found = json_pointer.join(api.status_path), f"{before} → {answer.status}"
    yield answer.violation("transition-illegal", text, pointer=pointer, found=found)


def _judge_counters(api: Api, answer: JobAnswer, job: _Job) -> Iterator[LiveViolation]:
    for index, value in enumerate(answer.counters):
        if value is None:
            continue
        if value < (last := job.counters.get(index, value)):
            pointer = "/" + "/".join(api.counters[index])
            yield answer.violation("counter-back", f"It goes back from {last} to {value}.", pointer=pointer)
        job.counters[index] = value
