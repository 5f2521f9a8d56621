"""The model of a client: all its requests, those of each worker, and those about each job."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

from ..dialect.api import Api
from ..engine.jobs import Job
from ..engine.journal import Journal
from ..engine.lost_jobs import why_lost
from ..models import Exchange
from .client_time import ClientTime, Pause, client_time, longest_pauses
from .received_answers import ReceivedAnswers
from .returned_value import ReturnedValue
from .rule_settings import RuleSettings
from .subjects import group_by_subject, is_reopening, job_of
from .workers import workers_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How the client's call ended: it `returned` or `raised`, which value it returned, and when. Parts may be unknown.

    It is `aborted` if a request that belongs to no job failed after the last exchange of the job. `truth` is the job.
    """

    ended: str
    value: ReturnedValue | None = None
    now: int | None = None
    aborted: bool = False
    truth: Job | None = None


@dataclass(frozen=True, kw_only=True)
class History:
    """The exchanges of one client, or those about one job, oldest first; `job` is None if they are about several.

    It is `complete` unless the journal may have dropped its beginning. `workers` has the worker of each exchange, by
    its number. `outcome` is how the client's call ended, if that is known and the call was about this job.
    """

    job: str | None
    exchanges: Sequence[Exchange]
    answers: ReceivedAnswers
    settings: RuleSettings
    time: ClientTime
    workers: Mapping[int, int] = field(repr=False)
    complete: bool = True
    outcome: Outcome | None = None

    @property
    def patience(self) -> int | None:
        """How long a job may take, in nanoseconds; None where neither the settings nor the API say it."""
        return self.settings.longest_job or self.answers.api.longest_job

    @property
    def deadline(self) -> int:
        """How long a job may be polled, in nanoseconds."""
        return self.settings.deadline_for(self.patience)

    @cached_property
    def by_worker(self) -> list[list[Exchange]]:
        """The exchanges of each worker."""
        groups: dict[int, list[Exchange]] = {}
        for exchange in self.exchanges:
            groups.setdefault(self.workers[exchange.number], []).append(exchange)
        return list(groups.values())

    @cached_property
    def by_subject(self) -> list[list[Exchange]]:
        """The exchanges of each worker about each subject."""
        return [group for exchanges in self.by_worker for group in group_by_subject(exchanges, self.answers.api)]

    @cached_property
    def pauses(self) -> list[Pause]:
        """The pauses of each worker between two requests for the same, where the first one gave a reason to wait."""
        pairs, reads = (pair for group in self.by_subject for pair in pairwise(group)), self.answers.api.reads
        return [pair for pair in pairs if pair[0].operation in reads or not self.answers.is_accepted(pair[0])]

    @cached_property
    def status_requests(self) -> list[Exchange]:
        """The status requests, those for pages included."""
        return [exchange for exchange in self.exchanges if exchange.operation == "status"]

    @cached_property
    def is_lost_by_server(self) -> bool:
        """Whether the server itself lost the job, to make room: no rule blames the client for that."""
        return any(why_lost(exchange.note) for exchange in self.exchanges)

    @cached_property
    def reads_after_ends(self) -> list[list[Exchange]]:
        """The reads from each end that the client saw until the job ran again, the end itself included.

        The last list is empty if the job hasn't ended, or runs again.
        """
        terminal, ends = self.answers.api.terminal, list[list[Exchange]]([[]])
        for exchange in self.exchanges:
            status = self.answers.job_status(exchange)
            is_end = status in terminal
            if ends[-1] and ((status is not None and not is_end) or is_reopening(exchange)):
                ends.append([])
            elif exchange.operation in self.answers.api.reads and (is_end or ends[-1]):
                ends[-1].append(exchange)
        return ends

    @cached_property
    def longest_pauses(self) -> dict[int, int]:
        """The longest pause between the requests of a worker up to each of them, by their numbers."""
        return {
            number: longest for exchanges in self.by_worker for number, longest in longest_pauses(exchanges, self.time)
        }  # fmt: skip

    @cached_property
    def rounds(self) -> list[list[Exchange]]:
        """The exchanges, cut where the job was reopened."""
        rounds: list[list[Exchange]] = [[]]
        for exchange in self.exchanges:
            if is_reopening(exchange):
                rounds.append([])
            rounds[-1].append(exchange)
        return rounds

    @cached_property
    def worker_parts(self) -> list[History]:
        """The part of this history that each worker knows."""
        return [self.for_worker(exchanges) for exchanges in self.by_worker]

    @property
    def strict(self) -> History:
        """The same history, in which each time is taken by the bound that blames the client."""
        return self.with_same_exchanges(time=self.time.by_strict_bounds)

    def with_same_exchanges(self, **changes: Any) -> History:
        """Return a changed history of the same exchanges. What depends on them alone isn't computed again."""
        same = replace(self, **changes)
        same.__dict__.update({name: self.__dict__[name] for name in _OF_EXCHANGES if name in self.__dict__})
        return same

    def for_worker(self, exchanges: Sequence[Exchange]) -> History:
        """Return the part of this history with these exchanges of one worker."""
        return self if len(self.by_worker) == 1 else replace(self, exchanges=exchanges)


_OF_EXCHANGES = (
    "by_worker", "by_subject", "pauses", "status_requests", "is_lost_by_server", "reads_after_ends", "rounds",
)  # fmt: skip
"""The cached properties of a History that depend on its exchanges alone."""


def client_history(journal: Journal, api: Api, settings: RuleSettings, mode: str = "manual") -> History:
    """Return all exchanges of one API in a journal."""
    exchanges = [exchange for exchange in journal if exchange.api == api.name]
    answers = ReceivedAnswers(api=api, lost=journal.lost)
    numbers = (exchange.number for exchange in exchanges)
    workers = dict(zip(numbers, workers_of(exchanges, journal.lost), strict=True))
    history = History(
        job=None, exchanges=exchanges, answers=answers, settings=settings, time=client_time(mode, (), 1),
        workers=workers, complete=journal.dropped == 0,
    )  # fmt: skip
    return history.with_same_exchanges(time=client_time(mode, history.pauses, settings.scale or 1))


def job_histories(whole: History) -> list[History]:
    """Return the history of each job; one that begins with the start is complete, whatever the journal dropped."""
    jobs: dict[str, list[Exchange]] = {}
    for exchange in whole.exchanges:
        if (job := job_of(exchange, whole.answers.api)) is not None:
            jobs.setdefault(job, []).append(exchange)
    return [_of_job(whole, job, exchanges) for job, exchanges in jobs.items()]


def _of_job(whole: History, job: str, exchanges: Sequence[Exchange]) -> History:
    """Return the history of a job, which may have all exchanges."""
    complete = whole.complete or exchanges[0].operation == "start"
    if len(exchanges) == len(whole.exchanges):
        return whole.with_same_exchanges(job=job, complete=complete)
    return replace(whole, job=job, exchanges=exchanges, complete=complete)


def with_outcome(history: History, outcome: Outcome, whole: History) -> History:
    """Return the history of a job with how the client's call ended; by default, at the last exchange of `whole`."""
    answers, last = history.answers, history.exchanges[-1].number if history.exchanges else 0
    later = [one for one in whole.exchanges if one.number > last and job_of(one, answers.api) is None]
    aborted = any(answers.is_error(one) or not answers.is_delivered(one) for one in later)
    return history.with_same_exchanges(outcome=replace(outcome, aborted=aborted))


def streaks(exchanges: Sequence[Exchange], holds: Callable[[Exchange], bool]) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) of each longest sequence of neighbours that fulfil a condition."""
    start = None
    for index, exchange in enumerate(exchanges):
        if holds(exchange):
            start = index if start is None else start
        elif start is not None:
            yield start, index
            start = None
    if start is not None:
        yield start, len(exchanges)


def first_short_row(times: Sequence[float], rows: Mapping[int, float]) -> tuple[int, int, float] | None:
    """Return (start, stop, limit) of the first row of neighbours whose sum is below its limit, or None.

    `rows` is number of neighbours → the least sum.
    """
    sums = [0.0]
    for time in times:
        sums.append(sums[-1] + time)
    for stop in range(1, len(sums)):
        for length, least in rows.items():
            if length <= stop and sums[stop] - sums[stop - length] < least:
                return stop - length, stop, least
    return None


def known_jobs(histories: Iterable[History]) -> list[str]:
    """Return the ids of the jobs of some histories."""
    return [history.job for history in histories if history.job]
