"""The jobs of a recording: which job an exchange belongs to, and when the job's time begins."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, groupby
from typing import NamedTuple

from ..dialect.api import Api
from ..engine.progression import ABSENT
from .sanitized_exchange import SanitizedExchange


class Phase(NamedTuple):
    """The status requests of a job between two calls that change it, and the most people that answers showed there.

    `begins_at` is in nanoseconds; `after` is the operation that began the phase, empty for the first.
    """

    begins_at: int
    after: str
    polls: list[SanitizedExchange]
    most_people: int = 0


@dataclass(slots=True, eq=False)
class RecordedJob:
    """The exchanges of one job, with the refused starts before it. `number` counts a recording's jobs from 1.

    `id` is the digest of the job's id, None if no start was answered with it.
    """

    number: int
    exchanges: list[SanitizedExchange] = field(default_factory=list)
    id: str | None = None

    @property
    def begins_at(self) -> int:
        """When the job's time begins: at the start that created it, else at its first request."""
        start = next((one for one in self.exchanges if one.created_job is not None), None)
        if start is None or not self.has_start:
            own = (one.at for one in self.exchanges if one.job is not None)
            return next(own, self.exchanges[0].at)
        # An earlier start with the same idempotency key, whose answer was lost, may have created the job already.
        key = start.idempotency_key
        lost = (one.at for one in self.exchanges if key is not None and one.idempotency_key == key and one.answer_lost)
        return min(start.at, next(lost, start.at))

    @property
    def has_start(self) -> bool:
        """Whether the start that created the job was recorded, before any other request about it."""
        first = next((one for one in self.exchanges if one.created_job is not None or one.job is not None), None)
        return first is not None and first.created_job is not None

    def phases(self, api: Api) -> Iterator[Phase]:
        """Yield the phases of the job: each call that changes the job begins another."""
        phase, status = Phase(self.begins_at, "", []), ""
        for exchange in self.exchanges:
            phase = phase._replace(most_people=max(phase.most_people, exchange.people.visible or 0))
            if exchange.operation.name == "status":
                phase.polls.append(exchange)
                status = status_of(exchange, api) or status
            elif _changes_job(exchange, status, api):
                yield phase
                phase = Phase(exchange.at, exchange.operation.name, [])
        yield phase

    def numbered(self) -> Iterator[tuple[int, SanitizedExchange]]:
        """Yield each exchange with its number among those of its operation, as a mock counts them."""
        counts: dict[str, int] = {}
        for exchange in self.exchanges:
            counts[exchange.operation.name] = number = counts.get(exchange.operation.name, 0) + 1
            yield number, exchange


def _changes_job(exchange: SanitizedExchange, status: str, api: Api) -> bool:
    """Return whether a call changes how the job continues; cancelling a job that has ended doesn't."""
    done = 200 <= exchange.status < 300 and not exchange.answer_lost
    name = exchange.operation.name
    return done and (name == "more" or (name == "cancel" and status not in api.terminal))


def status_of(exchange: SanitizedExchange, api: Api) -> str | None:
    """Return the status in a poll's answer, `not_found` if there was no such job; None if there is none in it."""
    if exchange.answer_lost or not exchange.has_object or exchange.operation.name != "status":
        return None
    if exchange.status == api.errors[api.not_found_error][0]:
        return ABSENT
    status = api.status_in(exchange.body) if 200 <= exchange.status < 300 else None
    return status if isinstance(status, str) else None


def present_status(exchange: SanitizedExchange, api: Api, before: Sequence[str]) -> str | None:
    """Return the status in a poll's answer; if a success has none in it, the last of those `before`.

    No success is the answer about a job that isn't there. So `not_found` isn't the status then, even if the answer is
    lost. None means that nothing is known.
    """
    shown = status_of(exchange, api)
    if shown is not None or not is_success(exchange) or (exchange.answer_lost and before[-1:] != [ABSENT]):
        return shown
    return next((status for status in reversed(before) if status != ABSENT), None)


def is_success(exchange: SanitizedExchange) -> bool:
    """Return whether the status of a job was the answer: with an object, or lost on its way."""
    read = exchange.has_object or exchange.answer_lost
    return exchange.operation.name == "status" and 200 <= exchange.status < 300 and read


def is_poll(exchange: SanitizedExchange, api: Api) -> bool:
    """Return whether a status request reached the job: it was answered with a status, or its answer isn't known."""
    answered = exchange.status < 300 and (exchange.opaque or exchange.has_object)
    return exchange.answer_lost or answered or status_of(exchange, api) is not None


class RecordedJobs:
    """The jobs of one recording, by the digests of their ids. `numbers` gives the next job its number."""

    def __init__(self, numbers: Iterator[int] | None = None) -> None:
        self._numbers = count(1) if numbers is None else numbers
        self._by_id: dict[str, RecordedJob] = {}
        self._by_person: dict[str, RecordedJob] = {}
        """The job whose answers showed a person, by the person's digest."""
        self._starting: RecordedJob | None = None
        """The job that isn't created yet: its starts were refused, or their answers lost."""
        self._latest: RecordedJob | None = None

    def add(self, exchange: SanitizedExchange) -> RecordedJob:
        """Add an exchange to the job that it belongs to, and return that job."""
        job = self._job_of(exchange)
        if exchange.created_job is not None and job.id is None:
            job.id, self._by_id[exchange.created_job], self._starting = exchange.created_job, job, None
        # Sorted by arrival: a slow answer is recorded after the answers to later requests.
        insort(job.exchanges, exchange, key=lambda one: one.at)
        self._latest = job
        self._by_person.update(dict.fromkeys(exchange.people.shown, job))
        return job

    def _job_of(self, exchange: SanitizedExchange) -> RecordedJob:
        if exchange.operation.name == "start":
            return self._by_id.get(exchange.created_job or "") or self._job_to_create()
        if exchange.job is not None:
            if exchange.job not in self._by_id:
                self._by_id[exchange.job] = self._new_job()
            return self._by_id[exchange.job]
        return self._by_person.get(exchange.item or "") or self._latest or self._job_to_create()

    def _job_to_create(self) -> RecordedJob:
        if self._starting is None:
            self._starting = self._new_job()
        return self._starting

    def _new_job(self) -> RecordedJob:
        return RecordedJob(next(self._numbers))


def number_ranges(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of each run of consecutive numbers."""
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        members = [number for _, number in run]
        yield members[0], members[-1]
